/* Reads the kernel's clocks and writes a time for people. Keeps no time of its own. */
#include "dnspolicy/base/clock.h"

#include <stdio.h>
#include <time.h>

#include "dnspolicy/base/mem.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    REQUIRE(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * (int64_t)NS_PER_SEC + now.tv_nsec;
}

static uint64_t read_clock_never_0(clockid_t id)
{
    int64_t ns = read_clock(id);
    return ns > 0 ? (uint64_t)ns : 1;
}

uint64_t clock_mono_ns(void) { return read_clock_never_0(CLOCK_MONOTONIC); }

uint64_t clock_boot_ns(void) { return read_clock_never_0(CLOCK_BOOTTIME); }

int64_t clock_wall_ns(void) { return read_clock(CLOCK_REALTIME); }

/* A thread that loses its processor between two readings is wrong by that long: of three tries the closest counts. */
int64_t clock_wall_offset_ns(void)
{
    int64_t offset_ns = 0;
    uint64_t closest_ns = UINT64_MAX;
    for (int i = 0; i < 3 && closest_ns > NS_PER_US; i++) {
        uint64_t before = clock_mono_ns();
        int64_t wall = clock_wall_ns();
        uint64_t apart_ns = clock_mono_ns() - before;
        if (apart_ns >= closest_ns) continue;
        closest_ns = apart_ns;
        offset_ns = wall - (int64_t)(before + apart_ns / 2);
    }
    return offset_ns;
}

void clock_format(int64_t wall_ns, char out[CLOCK_TEXT_SIZE])
{
    time_t seconds = wall_ns / (int64_t)NS_PER_SEC;
    int64_t rest_ns = wall_ns % (int64_t)NS_PER_SEC;
    if (rest_ns < 0) {
        seconds--;
        rest_ns += (int64_t)NS_PER_SEC;
    }
    struct tm utc;
    REQUIRE(gmtime_r(&seconds, &utc));
    size_t len = strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    unsigned ms = (unsigned)((uint64_t)rest_ns / NS_PER_MS);
    snprintf(out + len, CLOCK_TEXT_SIZE - len, ".%03uZ", ms);
}
