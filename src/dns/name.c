/*
 * Domain names as people write them: one canonical spelling for each name, so that equal names are equal strings. Knows
 * nothing of the wire.
 */
#include "dnspolicy/dns/name.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABEL_OCTETS_MAX 63
#define NAME_OCTETS_MAX 255

struct spelling {
    char *out;
    size_t len;
    size_t name_octets; /* on the wire, the root's zero included */
    size_t label_octets;
    bool has_random;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Puts one octet of a label in the only spelling that the canonical form has for it. */
static void put_octet(struct spelling *to, uint8_t octet, bool was_escaped)
{
    uint8_t c = octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 'a' - 'A') : octet;
    bool may_be_placeholder = was_escaped && (c == '{' || c == '}');
    if (c <= ' ' || c >= 0x7f || may_be_placeholder) {
        to->len += (size_t)snprintf(to->out + to->len, 5, "\\%03u", c);
    } else {
        if (strchr(".;()\\\"@$", c)) to->out[to->len++] = '\\';
        to->out[to->len++] = (char)c;
    }
    to->label_octets++;
    to->name_octets++;
}

/* Reads "\." or "\032" at *text, which is on the backslash. */
static const char *read_escape(const char **text, uint8_t *octet)
{
    static const char bad[] = "the name has a bad escape: a backslash takes one character or three digits up to 255";
    const char *at = *text + 1;
    if (!is_digit(at[0])) {
        if (at[0] <= ' ' || at[0] == 0x7f) return bad;
        *octet = (uint8_t)at[0];
        *text = at + 1;
        return NULL;
    }
    if (!is_digit(at[1]) || !is_digit(at[2])) return bad;
    int value = (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
    if (value > UINT8_MAX) return bad;
    *octet = (uint8_t)value;
    *text = at + 3;
    return NULL;
}

static const char *add_random(struct spelling *to)
{
    if (to->has_random) return "the name has {random} more than once";
    to->has_random = true;
    memcpy(to->out + to->len, DNS_NAME_RANDOM, strlen(DNS_NAME_RANDOM));
    to->len += strlen(DNS_NAME_RANDOM);
    to->label_octets += DNS_NAME_RANDOM_DIGITS;
    to->name_octets += DNS_NAME_RANDOM_DIGITS;
    return NULL;
}

/* Adds what stands at *text and moves on: an octet, an escape or the placeholder. */
static const char *add_next(struct spelling *to, const char **text)
{
    uint8_t octet = (uint8_t) * *text;
    if (octet >= 0x80) return "the name is not ASCII: write the A-label (xn--..., RFC 5890)";
    if (octet <= ' ' || octet == 0x7f) return "the name has white space or a control character";
    if (octet == '\\') {
        const char *problem = read_escape(text, &octet);
        if (problem) return problem;
        put_octet(to, octet, true);
        return NULL;
    }
    if (strncasecmp(*text, DNS_NAME_RANDOM, strlen(DNS_NAME_RANDOM)) == 0) {
        *text += strlen(DNS_NAME_RANDOM);
        return add_random(to);
    }
    if (octet == '{' || octet == '}')
        return "the name has a placeholder other than {random}; a literal brace is written \\{";
    put_octet(to, octet, false);
    ++*text;
    return NULL;
}

static const char *end_label(struct spelling *to)
{
    if (to->label_octets == 0) return "the name has an empty label";
    if (to->label_octets > LABEL_OCTETS_MAX) return "the name has a label of more than 63 octets";
    to->label_octets = 0;
    to->name_octets++;
    return NULL;
}

const char *dns_name_canonical(const char *text, char out[DNS_NAME_TEXT_SIZE])
{
    struct spelling to = {.out = out, .name_octets = 1};
    const char *problem = NULL;
    out[0] = '\0';
    if (*text == '\0') return "the name is empty; the root is \".\"";
    if (strcmp(text, ".") == 0) {
        memcpy(out, ".", 2);
        return NULL;
    }
    while (*text && !problem) {
        if (*text != '.') {
            problem = add_next(&to, &text);
        } else {
            problem = end_label(&to);
            if (*++text) out[to.len++] = '.';
        }
        if (!problem && to.name_octets > NAME_OCTETS_MAX) problem = "the name is longer than 255 octets";
    }
    if (!problem && text[-1] == '.' && to.label_octets == 0) {
        out[to.len] = '\0';
        return NULL;
    }
    if (!problem) problem = end_label(&to);
    if (!problem && to.name_octets > NAME_OCTETS_MAX) problem = "the name is longer than 255 octets";
    out[problem ? 0 : to.len] = '\0';
    return problem;
}

/* The dot at `at` ends a label unless an odd number of backslashes stands before it. */
static bool is_label_end(const char *name, size_t at)
{
    size_t backslashes = 0;
    while (backslashes < at && name[at - 1 - backslashes] == '\\') backslashes++;
    return name[at] == '.' && backslashes % 2 == 0;
}

bool dns_name_is_within(const char *name, const char *zone)
{
    size_t name_len = strlen(name);
    size_t zone_len = strlen(zone);
    if (strcmp(zone, ".") == 0) return true;
    if (name_len < zone_len || strcmp(name + name_len - zone_len, zone) != 0) return false;
    return name_len == zone_len || is_label_end(name, name_len - zone_len - 1);
}

bool dns_name_has_random(const char *name) { return strstr(name, DNS_NAME_RANDOM) != NULL; }
