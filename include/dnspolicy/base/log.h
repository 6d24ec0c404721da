/*
 * Log lines on stderr: logfmt or JSON, one line per event, one write(2) per line unless it is very long. Any thread but
 * a lane's may log; lanes leave events to the main thread. Where nobody reads, the first line waits for a tenth of a
 * second, and then lines are lost without waiting, and counted in a line of their own once there is room. Secrets are
 * never handed to it.
 */
#ifndef DNSPOLICY_BASE_LOG_H
#define DNSPOLICY_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

void log_setup(enum log_level least, enum log_format format);
bool log_wants(enum log_level level);

/* A message and text pairs, ended by NULL: log_event(LOG_LEVEL_INFO, "reload done", "file", path, "probes", n, NULL).
 * ts and level are added. A pair whose value is NULL is left out. */
void log_event(enum log_level level, const char *message, ...) __attribute__((sentinel));
/* An event for each line of a text that has no fields; empty lines are left out. */
void log_lines(enum log_level level, const char *lines);

#endif
