/*
 * The file of --web.config.file: TLS and basic auth, keys and semantics of the Prometheus exporter toolkit. Keys that
 * we know of and do not honour give a warning that names them; unknown keys are errors.
 */
#ifndef DNSPOLICY_CONFIG_WEB_CONFIG_H
#define DNSPOLICY_CONFIG_WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "dnspolicy/config/problems.h"

enum web_client_auth {                                    /* names as in Go's crypto/tls */
                       WEB_CLIENT_AUTH_NONE,              /* NoClientCert */
                       WEB_CLIENT_AUTH_REQUEST,           /* RequestClientCert */
                       WEB_CLIENT_AUTH_REQUIRE_ANY,       /* RequireAnyClientCert */
                       WEB_CLIENT_AUTH_VERIFY_IF_GIVEN,   /* VerifyClientCertIfGiven */
                       WEB_CLIENT_AUTH_REQUIRE_AND_VERIFY /* RequireAndVerifyClientCert */
};

struct web_user {
    char *name;
    char *bcrypt; /* "$2a$", "$2b$" or "$2y$", checked for form at load */
};
struct web_header {
    char *name;
    char *value;
};

struct web_config {
    char *cert_pem;      /* contents; NULL: no TLS */
    char *key_pem;       /* wiped when freed */
    char *client_ca_pem; /* NULL: none */
    enum web_client_auth client_auth;
    bool min_version_tls13; /* else TLS 1.2 */
    bool max_version_tls12;
    struct web_user *users;
    size_t user_count;
    struct web_header *headers; /* http_server_config.headers */
    size_t header_count;
};

/* NULL: *problems has an error. */
struct web_config *web_config_load(const char *path, struct problems *problems);
void web_config_free(struct web_config *config);

#endif
