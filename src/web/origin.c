/*
 * Decides whether a page of another site is behind a POST: a browser sends such requests with the visitor's basic auth,
 * and there is no form token to check.
 */
#include "origin.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The length of host without a port that is the scheme's own. */
static size_t without_default_port(const char *host, const char *port)
{
    size_t len = strlen(host), port_len = strlen(port);
    bool has_it = len > port_len && strcmp(host + len - port_len, port) == 0;
    return has_it ? len - port_len : len;
}

static bool is_own(const char *origin, const char *host, bool is_tls)
{
    const char *scheme = is_tls ? "https://" : "http://";
    const char *port = is_tls ? ":443" : ":80";
    if (!host || strncasecmp(origin, scheme, strlen(scheme)) != 0) return false;
    origin += strlen(scheme);
    size_t len = without_default_port(origin, port);
    return len == without_default_port(host, port) && strncasecmp(origin, host, len) == 0;
}

bool origin_is_foreign(const char *origin, const char *fetch_site, const char *host, bool is_tls)
{
    if (fetch_site && strcasecmp(fetch_site, "same-origin") != 0 && strcasecmp(fetch_site, "none") != 0) return true;
    return origin && !is_own(origin, host, is_tls);
}
