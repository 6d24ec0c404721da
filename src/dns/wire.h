/* Reading a message in place, and writing its numbers. Offsets are into the whole message; every read is checked
 * against its length. */
#ifndef DNS_WIRE_H
#define DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    const uint8_t *bytes;
    size_t len;
};

struct wire_record {
    size_t owner; /* of a valid name */
    size_t rdata; /* rdata_len bytes of it are in the message */
    uint32_t ttl;
    uint16_t type;
    uint16_t klass;
    uint16_t rdata_len;
};

static inline uint16_t wire_u16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline void wire_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}
static inline uint32_t wire_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Where the name at `at` ends in place, RFC 1035 section 4.1.4; 0: there is no valid name. Pointers lead backwards, as
 * compression makes them, and a name takes at most 64 of them. */
size_t wire_name_end(const struct wire *wire, size_t at);
/* The same for a name that may not be compressed. */
size_t wire_plain_name_end(const struct wire *wire, size_t at);

/* Two valid names, without regard to the case of ASCII. */
bool wire_is_same_name(const struct wire *a, size_t a_at, const struct wire *b, size_t b_at);

/* Writes the valid name at `at` with its final dot, without a NUL, and returns the end of the text. */
#define WIRE_NAME_TEXT_MAX 1024
char *wire_name_text(const struct wire *wire, size_t at, char *out);

/* Where the records begin, behind the header and `count` questions; 0: they are broken. */
size_t wire_questions_end(const struct wire *wire, unsigned count);
/* Reads the record at *at and moves behind it. */
bool wire_record_read(const struct wire *wire, size_t *at, struct wire_record *record);

#endif
