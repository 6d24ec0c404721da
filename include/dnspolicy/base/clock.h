/*
 * The clocks. Schedules and timeouts use the monotonic clock, display uses the wall clock, and the boot clock is read
 * only to notice a suspend (it runs on while the monotonic clock stands still). Pure code never calls these: it is
 * handed the time. All values are nanoseconds; mono and boot are never 0.
 */
#ifndef DNSPOLICY_BASE_CLOCK_H
#define DNSPOLICY_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)

uint64_t clock_mono_ns(void);
uint64_t clock_boot_ns(void);
int64_t clock_wall_ns(void);
/* The wall clock less the monotonic one: the same until somebody sets the clock, so one reading serves many times. */
int64_t clock_wall_offset_ns(void);

/* "2026-01-02T03:04:05.678Z" (RFC 3339, UTC, milliseconds). */
#define CLOCK_TEXT_SIZE 32
void clock_format(int64_t wall_ns, char out[CLOCK_TEXT_SIZE]);

#endif
