/* Messages, written octet by octet: the tests of the parser must not use another parser's idea of a message. */
#ifndef TESTS_DNS_MESSAGE_H
#define TESTS_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

struct message {
    uint8_t bytes[UINT16_MAX + 1];
    size_t len;
};

static inline void put_bytes(struct message *to, const void *bytes, size_t len)
{
    REQUIRE(to->len + len <= sizeof to->bytes);
    if (len == 0) return;
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

static inline void put_u8(struct message *to, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    put_bytes(to, &byte, 1);
}

static inline void put_u16(struct message *to, unsigned value)
{
    put_u8(to, value >> 8);
    put_u8(to, value & 255);
}

static inline void put_u32(struct message *to, uint32_t value)
{
    put_u16(to, value >> 16);
    put_u16(to, value & 0xffff);
}

/* "www.example.com" without escapes; "" is the root. */
static inline void put_name(struct message *to, const char *name)
{
    while (*name) {
        size_t len = strcspn(name, ".");
        put_u8(to, (unsigned)len);
        put_bytes(to, name, len);
        name += len + (name[len] == '.');
    }
    put_u8(to, 0);
}

static inline void put_pointer(struct message *to, size_t target) { put_u16(to, 0xc000U | (unsigned)target); }

#define MESSAGE_ID 0x1234
#define MESSAGE_QNAME_AT 12

static inline void put_header(struct message *to, unsigned flags, unsigned questions, unsigned answers,
                              unsigned authorities, unsigned additionals)
{
    to->len = 0;
    put_u16(to, MESSAGE_ID);
    put_u16(to, flags);
    put_u16(to, questions);
    put_u16(to, answers);
    put_u16(to, authorities);
    put_u16(to, additionals);
}

static inline void put_question(struct message *to, const char *name, unsigned type)
{
    put_name(to, name);
    put_u16(to, type);
    put_u16(to, 1);
}

/* What follows a record's owner, up to its RDATA; returns where the RDATA's length stands, for end_rdata(). */
static inline size_t put_fixed(struct message *to, unsigned type, unsigned klass, uint32_t ttl)
{
    put_u16(to, type);
    put_u16(to, klass);
    put_u32(to, ttl);
    put_u16(to, 0);
    return to->len - 2;
}

static inline void end_rdata(struct message *to, size_t len_at)
{
    size_t len = to->len - len_at - 2;
    to->bytes[len_at] = (uint8_t)(len >> 8);
    to->bytes[len_at + 1] = (uint8_t)len;
}

/* A record of class IN that is owned by the question's name. */
static inline void put_record(struct message *to, unsigned type, const void *rdata, size_t len)
{
    put_pointer(to, MESSAGE_QNAME_AT);
    size_t at = put_fixed(to, type, 1, 60);
    put_bytes(to, rdata, len);
    end_rdata(to, at);
}

static inline void put_opt(struct message *to, unsigned extended_rcode, const void *options, size_t len)
{
    put_u8(to, 0);
    size_t at = put_fixed(to, 41, 1232, (uint32_t)extended_rcode << 24);
    put_bytes(to, options, len);
    end_rdata(to, at);
}

static inline void put_tsig(struct message *to, unsigned error, size_t mac_len)
{
    put_name(to, "key");
    size_t at = put_fixed(to, 250, 255, 0);
    put_name(to, "hmac-sha256");
    put_bytes(to, "\0\0\1\2\3\4\1\x2c", 8);
    put_u16(to, (unsigned)mac_len);
    for (size_t i = 0; i < mac_len; i++) put_u8(to, 0xaa);
    put_u16(to, MESSAGE_ID);
    put_u16(to, error);
    put_u16(to, 0);
    end_rdata(to, at);
}

#endif
