/* TLS as the web config asks for it. All of gnutls but what basic auth needs. */
#ifndef DNSPOLICY_WEB_TLS_H
#define DNSPOLICY_WEB_TLS_H

#include <stdbool.h>

#include "dnspolicy/config/web_config.h"

/* Whether key, certificate and CA can be used, together. False: *error (to be freed) is a sentence. True without
 * TLS. */
bool tls_check(const struct web_config *config, char **error);
/* GnuTLS's name for the versions and ciphers wanted; a static text. */
const char *tls_priorities(const struct web_config *config);
/* Readies a session (a gnutls_session_t) that has not begun its handshake to ask for a client's certificate. */
void tls_prepare_session(const struct web_config *config, void *session);

#endif
