/*
 * The server's own parts, shared by the files of this folder.
 *
 * Threads: the doorman accepts connections, times them, watches the web config and orders fronts. A front is one
 * instance of the library with one event loop, on whose thread its requests run. There is one front, and for a moment
 * more after the TLS settings have changed: the library cannot change them, so a new front takes the new connections
 * and the old one drains.
 */
#ifndef DNSPOLICY_WEB_SERVER_H
#define DNSPOLICY_WEB_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "dnspolicy/web/web.h"
#include "auth_desk.h"
#include "later.h"
#include "lifecycle.h"
#include "limits.h"
#include "listen.h"
#include "scrape.h"
#include "settings.h"

struct MHD_Daemon;

struct front {
    struct web *web;
    struct MHD_Daemon *library;
    struct settings *settings; /* its TLS; the rest may have changed since */
    struct front *next;        /* draining ones */
    atomic_bool is_draining;   /* answers end their connection */
    atomic_int roll_fd;        /* of the connection that shows that the loop comes round; -1: none */
};

struct web {
    struct view_service *service;
    char *telemetry_path;
    bool is_lifecycle_enabled;
    struct listeners listeners;
    struct settings_watch settings;
    struct limits limits;
    struct later_list laters;
    struct auth_desk *auth;
    struct scrapes scrapes;
    struct reloader reloader;
    struct front *front; /* the doorman's, as are the draining ones */
    struct front *draining;
    pthread_t doorman;
    bool has_doorman;
    int wake_fd;
    atomic_bool is_called; /* see web_call_roll() */
    atomic_bool is_stopping;
};

/* front.c. NULL: *error. `settings` is referenced. */
struct front *front_start(struct web *web, struct settings *settings, char **error);
/* No connection of it may be asleep. NULL is fine. */
void front_stop(struct front *front);
/* Takes the socket, whatever happens. */
void front_take(struct front *front, int fd, const struct sockaddr_storage *address, socklen_t len);

/* Has web->is_called cleared once the front's loop has come round. The doorman's. */
void front_call_roll(struct front *front);

/* doorman.c: the thread's function; `arg` is the struct web. */
void *doorman_run(void *arg);

#endif
