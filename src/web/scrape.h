/* The telemetry path, and how many may have it at once. */
#ifndef DNSPOLICY_WEB_SCRAPE_H
#define DNSPOLICY_WEB_SCRAPE_H

#include <pthread.h>
#include <stdint.h>

#include "dnspolicy/web/web.h"

struct request;
struct scrape;

struct scrapes {
    pthread_mutex_t lock;
    struct scrape *slots[WEB_SCRAPES_MAX];
};
void scrapes_init(struct scrapes *scrapes);
void scrapes_fini(struct scrapes *scrapes);

void scrape_handle(struct request *request);

#endif
