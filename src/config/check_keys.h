/* The rows of schema tables that read into a struct config_check, and those that checks and policies have in common. */
#ifndef DNSPOLICY_SRC_CONFIG_CHECK_KEYS_H
#define DNSPOLICY_SRC_CONFIG_CHECK_KEYS_H

#include "dnspolicy/base/clock.h"
#include "schema.h"

#define CHECK_KEY(name, form, fallback, meaning, read, field)                                                          \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct config_check, field), 0, 0                                \
    }
#define CHECK_KEY_RANGE(name, form, meaning, read, field, min, max)                                                    \
    {                                                                                                                  \
        name, form, "", meaning, read, offsetof(struct config_check, field), min, max                                  \
    }

/* How a run is made and whom it concerns. */
#define CHECK_KEYS_OF_A_RUN                                                                                            \
    CHECK_KEY("severity", "text", "warning", "For alert routing.", schema_read_name, severity),                        \
        CHECK_KEY_RANGE("interval", "duration 100ms to 24h", "Instead of the global one.", schema_read_duration,       \
                        interval_ns, 100 * NS_PER_MS, 24 * 3600 * NS_PER_SEC),                                         \
        CHECK_KEY_RANGE("timeout", "duration 1ms to 1h", "Instead of the global one.", schema_read_duration,           \
                        timeout_ns, NS_PER_MS, 3600 * NS_PER_SEC),                                                     \
        CHECK_KEY_RANGE("attempts", "1 to 10", "Instead of the global one.", schema_read_count, attempts, 1, 10),      \
        CHECK_KEY(                                                                                                     \
            "reuse_connection", "true or false", "false",                                                              \
            "Over tcp, tls and https a connection that an earlier run of the same client has left open may serve; "    \
            "false: every run connects anew, so that what the server decides at the connection is seen.",              \
            schema_read_bool, reuse_connection)

#endif
