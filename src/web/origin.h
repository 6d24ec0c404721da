/* Who sent a request that changes something: a program, our own page, or a page of somebody else. Pure. */
#ifndef DNSPOLICY_WEB_ORIGIN_H
#define DNSPOLICY_WEB_ORIGIN_H

#include <stdbool.h>

/*
 * Whether a browser says that the request comes from a page of another origin. `origin`, `fetch_site` and `host` are
 * the headers Origin, Sec-Fetch-Site and Host, NULL where absent; programs send neither of the first two.
 */
bool origin_is_foreign(const char *origin, const char *fetch_site, const char *host, bool is_tls);

#endif
