/*
 * The HTTP server: listeners, limits, TLS, basic auth, routes. All of libmicrohttpd. It decides who may ask what and
 * how long they may take; what is answered is the views' business.
 */
#ifndef DNSPOLICY_WEB_WEB_H
#define DNSPOLICY_WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "dnspolicy/views/service.h"

struct web;

/* Limits, each with its reason in web/limits.c. */
#define WEB_CONNECTIONS_MAX 256
#define WEB_CONNECTIONS_PER_ADDRESS 64
#define WEB_IDLE_TIMEOUT_S 30
#define WEB_REQUEST_TIMEOUT_S 10  /* from the first byte of a request to the last of its header */
#define WEB_RESPONSE_TIMEOUT_S 60 /* a response older than this is ended */
#define WEB_HEADER_MAX 16384
#define WEB_URL_MAX 4096
#define WEB_SCRAPES_MAX 4 /* /metrics rendered at once; the next one gets 503 */

struct web_options {
    const char *const *listen_addresses; /* ":10953", "127.0.0.1:10953", "[::1]:10953", NULL-terminated */
    const char *telemetry_path;          /* "/metrics" */
    const char *config_file;             /* --web.config.file; NULL: none */
    bool enable_lifecycle;
    /*
     * Called on a web thread by POST /-/reload: does a reload, or waits for the one under way, and gives its result.
     * False: *error (to be freed) says what is wrong with the file.
     */
    bool (*reload)(void *ctx, char **error);
    void *reload_ctx;
};

/* Opens every listener before any request is served. NULL: *error (to be freed) is a sentence that names the address
 * and what to do, "127.0.0.1:10953 is in use: …" among others. */
struct web *web_start(const struct web_options *options, struct view_service *service, char **error);
/* Stops accepting, lets answers under way end for at most a second, and closes. NULL is fine. */
void web_stop(struct web *web);

/*
 * Signs of life, for a watchdog. A call has an answer once the thread that accepts has come round and the event loop
 * that serves has taken in a connection of our own, which says nothing, and seen it end. Any thread.
 */
void web_call_roll(struct web *web);
bool web_is_missing(const struct web *web);

/* The address that the idx-th listener really has (port 0 resolved), for logs; NULL past the end. */
const char *web_address(const struct web *web, size_t idx);

/* Checks the file of --web.config.file for --config.check; false: problems are in *out, one a line. */
bool web_check_config(const char *path, struct strbuf *out);

#endif
