/* Hands out the kernel's random bytes, each of them once. There is no fallback: weak ids would be worse than an end. */
#include "dnspolicy/base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#include "dnspolicy/base/mem.h"

void random_bytes(void *out, size_t len)
{
    uint8_t *at = out;
    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) PANIC("getrandom: %s", strerror(errno));
        at += got;
        len -= (size_t)got;
    }
}

void random_pool_take(struct random_pool *pool, void *out, size_t len)
{
    REQUIRE(len <= 64);
    if (pool->left < len) {
        random_bytes(pool->bytes, sizeof(pool->bytes));
        pool->left = sizeof(pool->bytes);
    }
    uint8_t *next = pool->bytes + sizeof(pool->bytes) - pool->left;
    memcpy(out, next, len);
    explicit_bzero(next, len);
    pool->left -= len;
}
