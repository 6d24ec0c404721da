/* One request, from its first line to the end of its answer; on its front's thread only. */
#ifndef DNSPOLICY_WEB_REQUEST_H
#define DNSPOLICY_WEB_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/views/json.h"
#include "server.h"

struct route;

enum request_step {
    REQUEST_NEW,   /* the header is there */
    REQUEST_READY, /* and nothing else will come */
    REQUEST_LOGIN, /* waits for its password to be compared */
    REQUEST_WORK,  /* waits for what its route has ordered */
    REQUEST_ANSWERED
};

struct request {
    struct front *front;
    struct web *web;
    struct MHD_Connection *connection;
    struct visit *visit;
    struct settings *settings;
    enum request_step step;
    char *target;            /* as it came; NULL: none */
    bool is_target_too_long; /* then it is NULL */
    struct strbuf path;      /* decoded */
    const char *query;       /* raw, in target */
    bool is_head;
    const struct route *route; /* NULL: not known yet, or no such path */
    struct view_params params;
    struct later *later; /* what it waits for */
    bool is_broken;      /* no answer could be sent */
};

/* The library's callbacks. */
void *request_begin(void *front, const char *target, struct MHD_Connection *connection);
enum MHD_Result request_proceed(void *front, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *upload, size_t *upload_size, void **request);
void request_end(void *front, struct MHD_Connection *connection, void **request,
                 enum MHD_RequestTerminationCode reason);

/* NULL when it is not there. */
const char *request_header(const struct request *request, const char *name);
/* Puts the request to sleep until somebody answers; NULL: it was answered with 503, the server is stopping. */
struct later *request_wait(struct request *request, enum request_step step, unsigned at_most_s);

#endif
