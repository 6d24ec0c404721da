/* Decides which bytes a base64 text stands for. One text has one meaning: what is not canonical is refused. */
#include "base64.h"

#include <string.h>

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

const char *base64_decode(const char *text, size_t len, uint8_t *out, size_t capacity, size_t *out_len)
{
    size_t digits = len;
    while (digits > 0 && len - digits < 2 && text[digits - 1] == '=') digits--;
    uint32_t bits = 0;
    *out_len = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = digit_of(text[i]);
        if (digit < 0) return "is not base64: it has a character that base64 does not";
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 0) continue;
        if (*out_len == capacity) return "is too long";
        out[(*out_len)++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    if (len % 4 != 0) return "is not base64: its length, padded with '=', is a multiple of four";
    uint32_t stray = digits % 4 == 2 ? 0xF : digits % 4 == 3 ? 0x3 : 0;
    if (digits % 4 == 1 || (bits & stray)) return "is not base64: its end is damaged";
    return digits == 0 ? "is empty" : NULL;
}
