/* Reads /proc/self the way other exporters do, so that the figures agree with theirs. Knows nothing of metrics. */
#include "process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"

#define PROC_FILE_MAX (1u << 20)

static bool read_proc(const char *path, struct strbuf *out)
{
    AUTO(mem_free_ptr) char *error = NULL;
    return file_read(path, PROC_FILE_MAX, out, &error);
}

static void close_dir(DIR **dir)
{
    if (*dir) closedir(*dir);
}

static bool count_open_fds(uint64_t *count)
{
    AUTO(close_dir) DIR *dir = opendir("/proc/self/fd");
    if (!dir) return false;
    *count = 0;
    for (const struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir)) ++*count;
    return true;
}

/* What /proc/stat calls btime: a sandbox that shows nothing but processes (ProcSubset=pid) has no such file. */
static uint64_t boot_time_s(void) { return ((uint64_t)clock_wall_ns() - clock_boot_ns()) / NS_PER_SEC; }

/* proc(5): after the name, which may itself hold spaces and parentheses, field 3 is the state. */
static bool read_stat(struct process_facts *facts)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    if (!read_proc("/proc/self/stat", &text)) return false;
    const char *after_name = strrchr(strbuf_text(&text), ')');
    uint64_t user_ticks, system_ticks, start_ticks, resident_pages;
    if (!after_name ||
        sscanf(after_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %lu %lu %lu",
               &user_ticks, &system_ticks, &start_ticks, &facts->virtual_bytes, &resident_pages) != 5)
        return false;
    uint64_t tick_ns = NS_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
    facts->cpu_ns = (user_ticks + system_ticks) * tick_ns;
    facts->resident_bytes = resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
    facts->start_wall_ns = (int64_t)(boot_time_s() * NS_PER_SEC + start_ticks * tick_ns);
    return true;
}

static uint64_t soft_limit(int resource)
{
    struct rlimit limit;
    REQUIRE(getrlimit((__rlimit_resource_t)resource, &limit) == 0);
    return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

bool process_read(struct process_facts *facts)
{
    *facts = (struct process_facts){.max_fds = soft_limit(RLIMIT_NOFILE), .virtual_max_bytes = soft_limit(RLIMIT_AS)};
    return read_stat(facts) && count_open_fds(&facts->open_fds);
}
