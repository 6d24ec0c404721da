/*
 * Decides which servers a resolv.conf names, as the C library reads it: a keyword at the start of the line, an address,
 * and whatever follows ignored. Opens no file.
 */
#include "resolv_conf.h"

#include <string.h>

#include "addresses.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static void add_server(struct resolv_conf *conf, const struct addr *addr)
{
    for (size_t i = 0; i < conf->count; i++)
        if (addr_equal(&conf->servers[i], addr)) return;
    if (conf->count < RESOLV_CONF_SERVERS_MAX) conf->servers[conf->count++] = *addr;
}

static void parse_line(struct resolv_conf *conf, const char *line, size_t len)
{
    static const char keyword[] = "nameserver";
    size_t at = sizeof(keyword) - 1;
    if (len <= at || memcmp(line, keyword, at) != 0 || !is_blank(line[at])) return;
    while (at < len && is_blank(line[at])) at++;
    size_t end = at;
    while (end < len && !is_blank(line[end]) && line[end] != '\r') end++;

    char text[ADDR_TEXT_SIZE];
    struct addr addr = {0};
    bool fits = end > at && end - at < sizeof(text) && !memchr(line + at, '\0', end - at);
    if (fits) {
        memcpy(text, line + at, end - at);
        text[end - at] = '\0';
    }
    if (fits && addr_parse(text, &addr) && !address_obstacle(&addr))
        add_server(conf, &addr);
    else if (!conf->ignored.len)
        strbuf_addf(&conf->ignored, "its nameserver '%.*s' is not an address that this host can use",
                    (int)(end - at > 64 ? 64 : end - at), line + at);
}

void resolv_conf_parse(struct resolv_conf *conf, const char *text, size_t len)
{
    while (len > 0) {
        const char *newline = memchr(text, '\n', len);
        size_t line_len = newline ? (size_t)(newline - text) : len;
        parse_line(conf, text, line_len);
        size_t step = line_len + (newline ? 1 : 0);
        text += step;
        len -= step;
    }
}

void resolv_conf_fini(struct resolv_conf *conf) { strbuf_fini(&conf->ignored); }

bool resolv_conf_has_stub(const struct resolv_conf *conf)
{
    static const uint8_t stub[3] = {127, 0, 0};
    for (size_t i = 0; i < conf->count; i++) {
        const struct addr *addr = &conf->servers[i];
        if (addr->family == ADDR_V4 && memcmp(addr->bytes, stub, 3) == 0 &&
            (addr->bytes[3] == 53 || addr->bytes[3] == 54))
            return true;
    }
    return false;
}
