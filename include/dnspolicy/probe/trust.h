/* The part of a configuration's check that needs OpenSSL. */
#ifndef DNSPOLICY_PROBE_TRUST_H
#define DNSPOLICY_PROBE_TRUST_H

#include <stdbool.h>

#include "dnspolicy/config/config.h"
#include "dnspolicy/config/problems.h"

/* Every file of trusted certificates holds at least one, and none that cannot be read. False: *problems has an
 * error. */
bool trust_check(const struct config *config, struct problems *problems);

#endif
