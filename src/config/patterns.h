/* Regular expressions of the file. */
#ifndef DNSPOLICY_SRC_CONFIG_PATTERNS_H
#define DNSPOLICY_SRC_CONFIG_PATTERNS_H

#include <stddef.h>

#include "dnspolicy/config/config.h"

#define PATTERN_MAX 256       /* bytes */
#define PATTERN_SIZE_MAX 300u /* characters, classes, groups and operators, with repetitions written out */

/* Compiles `text`, which must outlive the pattern. False: *out stays empty and `reason` holds a sentence. */
bool pattern_compile(struct expect_pattern *out, const char *text, char *reason, size_t reason_size);
void pattern_fini(struct expect_pattern *pattern); /* an empty one is fine */

#endif
