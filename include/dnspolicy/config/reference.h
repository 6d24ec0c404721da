/* The tables of the config's keys, for the manual: what the loader accepts is what the manual lists. */
#ifndef DNSPOLICY_CONFIG_REFERENCE_H
#define DNSPOLICY_CONFIG_REFERENCE_H

#include <stddef.h>

struct config_key_reference {
    const char *section; /* "global", "clients.NAME", "checks[]", "checks[].expect.answer", … */
    const char *key;
    const char *form;     /* "duration 100ms to 24h", "CIDR, or a list with one of each family" */
    const char *fallback; /* default as written in YAML; "required"; "" for none */
    const char *meaning;  /* one sentence */
    int is_supported;     /* 0: known, fails with "not supported yet" */
};
/* The idx-th key, or NULL past the end. */
const struct config_key_reference *config_key_reference(size_t idx);

#endif
