/* The single values of a web config file: what each may be. Pure. */
#ifndef DNSPOLICY_SRC_CONFIG_WEB_VALUES_H
#define DNSPOLICY_SRC_CONFIG_WEB_VALUES_H

#include <stdbool.h>

#include "dnspolicy/config/web_config.h"

bool web_value_is_pem(const char *text, const char *label); /* "CERTIFICATE", "PRIVATE KEY" of any algorithm */
bool web_value_is_bcrypt(const char *text, unsigned *cost);
bool web_value_parse_auth(const char *text, enum web_client_auth *auth);
bool web_value_parse_tls(const char *text, unsigned *minor); /* TLS10 to TLS13 */
/* NULL, or a static sentence: the header may not be set, or not to this value. */
const char *web_value_check_header(const char *name, const char *value);

#endif
