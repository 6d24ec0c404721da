/* This process as the kernel sees it, for the standard process_* metrics. */
#ifndef VIEWS_PROCESS_H
#define VIEWS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process_facts {
    uint64_t cpu_ns;
    uint64_t open_fds;
    uint64_t max_fds;
    uint64_t virtual_bytes;
    uint64_t virtual_max_bytes; /* UINT64_MAX: no limit */
    uint64_t resident_bytes;
    int64_t start_wall_ns;
};
/* False: /proc is not there. Any thread. */
bool process_read(struct process_facts *facts);

#endif
