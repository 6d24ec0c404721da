/*
 * Decides what is a name and a record of a message, before any library sees it. The bounds are those of RFC 1035, and
 * one on pointers, so that compression cannot make one name cost more than a name can.
 */
#include "wire.h"

#include <string.h>

#define POINTER_BITS 0xc0
#define LABEL_MAX 63
#define NAME_MAX_OCTETS 255
#define POINTERS_MAX 64 /* the names of ip6.arpa have 34 labels */
#define HEADER_SIZE 12

/* The target of the pointer at `at`, which must lie before the part of the name that the pointer ends; 0: invalid. */
static size_t pointer_target(const struct wire *wire, size_t at, size_t part)
{
    if (at + 2 > wire->len) return 0;
    size_t target = wire_u16(wire->bytes + at) & 0x3fffU;
    return target >= HEADER_SIZE && target < part ? target : 0;
}

static size_t name_end(const struct wire *wire, size_t at, unsigned pointers_left)
{
    size_t end = 0;
    size_t octets = 0;
    size_t part = at;
    while (at < wire->len) {
        uint8_t len = wire->bytes[at];
        if (len >= POINTER_BITS) {
            if (!end) end = at + 2;
            at = part = pointer_target(wire, at, part);
            if (at == 0 || pointers_left-- == 0) return 0;
            continue;
        }
        octets += 1U + len;
        if (len > LABEL_MAX || octets > NAME_MAX_OCTETS) return 0;
        at += 1U + len;
        if (len == 0) return end ? end : at;
    }
    return 0;
}

size_t wire_name_end(const struct wire *wire, size_t at) { return name_end(wire, at, POINTERS_MAX); }

size_t wire_plain_name_end(const struct wire *wire, size_t at) { return name_end(wire, at, 0); }

/* The label at *at, behind any pointers to it. */
static const uint8_t *label_at(const struct wire *wire, size_t *at)
{
    while (wire->bytes[*at] >= POINTER_BITS) *at = wire_u16(wire->bytes + *at) & 0x3fffU;
    return wire->bytes + *at;
}

static uint8_t lower(uint8_t octet) { return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet; }

bool wire_is_same_name(const struct wire *a, size_t a_at, const struct wire *b, size_t b_at)
{
    for (;;) {
        const uint8_t *a_label = label_at(a, &a_at);
        const uint8_t *b_label = label_at(b, &b_at);
        size_t len = a_label[0];
        if (len != b_label[0]) return false;
        if (len == 0) return true;
        for (size_t i = 1; i <= len; i++)
            if (lower(a_label[i]) != lower(b_label[i])) return false;
        a_at += 1 + len;
        b_at += 1 + len;
    }
}

static char *put_octet(char *out, uint8_t octet)
{
    switch (octet) {
    case '.':
    case ';':
    case '(':
    case ')':
    case '\\':
    case '"':
    case '@':
    case '$':
        *out++ = '\\';
        break;
    default:
        break;
    }
    if (octet > ' ' && octet < 0x7f) {
        *out++ = (char)octet;
        return out;
    }
    *out++ = '\\';
    *out++ = (char)('0' + octet / 100);
    *out++ = (char)('0' + octet / 10 % 10);
    *out++ = (char)('0' + octet % 10);
    return out;
}

char *wire_name_text(const struct wire *wire, size_t at, char *out)
{
    const uint8_t *bytes = wire->bytes;
    char *start = out;
    while (bytes[at] != 0) {
        if (bytes[at] >= POINTER_BITS) {
            at = wire_u16(bytes + at) & 0x3fffU;
            continue;
        }
        for (size_t end = at + 1 + bytes[at]; ++at < end;) out = put_octet(out, bytes[at]);
        *out++ = '.';
    }
    if (out == start) *out++ = '.';
    return out;
}

size_t wire_questions_end(const struct wire *wire, unsigned count)
{
    size_t at = HEADER_SIZE;
    if (wire->len < at) return 0;
    while (count--) {
        size_t end = wire_name_end(wire, at);
        if (end == 0 || wire->len - end < 4) return 0;
        at = end + 4;
    }
    return at;
}

bool wire_record_read(const struct wire *wire, size_t *at, struct wire_record *record)
{
    size_t end = wire_name_end(wire, *at);
    if (end == 0 || wire->len - end < 10) return false;
    const uint8_t *fixed = wire->bytes + end;
    record->owner = *at;
    record->type = wire_u16(fixed);
    record->klass = wire_u16(fixed + 2);
    record->ttl = wire_u32(fixed + 4);
    record->rdata_len = wire_u16(fixed + 8);
    record->rdata = end + 10;
    if (wire->len - record->rdata < record->rdata_len) return false;
    *at = record->rdata + record->rdata_len;
    return true;
}
