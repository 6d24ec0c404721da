/*
 * Random from the kernel (getrandom(2)), in blocks: a syscall for every query id would cost more than the query's
 * bookkeeping. A pool has one owner; consumed bytes are wiped. Ids and labels must be unpredictable, RFC 5452.
 */
#ifndef DNSPOLICY_BASE_RANDOM_H
#define DNSPOLICY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random_pool {
    uint8_t bytes[1024];
    size_t left;
};

void random_bytes(void *out, size_t len);                               /* unbuffered; any thread */
void random_pool_take(struct random_pool *pool, void *out, size_t len); /* len ≤ 64 */

#endif
