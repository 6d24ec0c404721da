/*
 * Decides what a TLS client has to bring, in the words of Go's crypto/tls, which the exporter toolkit uses. The
 * library's own handling of client certificates knows one of the five modes only.
 */
#include "tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

static void free_credentials(gnutls_certificate_credentials_t *credentials)
{
    if (*credentials) gnutls_certificate_free_credentials(*credentials);
}

static gnutls_datum_t as_datum(char *text) { return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)}; }

bool tls_check(const struct web_config *config, char **error)
{
    if (!config->cert_pem) return true;
    AUTO(free_credentials) gnutls_certificate_credentials_t credentials = NULL;
    if (gnutls_certificate_allocate_credentials(&credentials) != GNUTLS_E_SUCCESS) PANIC("no TLS credentials");
    const gnutls_datum_t cert = as_datum(config->cert_pem), key = as_datum(config->key_pem);
    int status = gnutls_certificate_set_x509_key_mem2(credentials, &cert, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (status < 0) {
        *error = mem_printf("the TLS certificate and key cannot be used: %s", gnutls_strerror(status));
        return false;
    }
    if (!config->client_ca_pem) return true;
    const gnutls_datum_t ca = as_datum(config->client_ca_pem);
    status = gnutls_certificate_set_x509_trust_mem(credentials, &ca, GNUTLS_X509_FMT_PEM);
    if (status > 0) return true;
    *error = mem_printf("the client CA cannot be used: %s",
                        status < 0 ? gnutls_strerror(status) : "it holds no certificate");
    return false;
}

const char *tls_priorities(const struct web_config *config)
{
    if (config->min_version_tls13) return "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    if (config->max_version_tls12) return "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    return "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
}

static int verify_client(gnutls_session_t session)
{
    char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st wanted = {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose};
    unsigned status = 0;
    int result = gnutls_certificate_verify_peers(session, &wanted, 1, &status);
    return result == GNUTLS_E_SUCCESS && status == 0 ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int verify_client_if_given(gnutls_session_t session)
{
    unsigned count = 0;
    return gnutls_certificate_get_peers(session, &count) && count ? verify_client(session) : 0;
}

void tls_prepare_session(const struct web_config *config, void *session)
{
    gnutls_session_t tls = session;
    enum web_client_auth auth = config->client_auth;
    if (auth == WEB_CLIENT_AUTH_NONE) return;
    bool is_required = auth == WEB_CLIENT_AUTH_REQUIRE_ANY || auth == WEB_CLIENT_AUTH_REQUIRE_AND_VERIFY;
    gnutls_certificate_server_set_request(tls, is_required ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
    if (auth == WEB_CLIENT_AUTH_REQUIRE_AND_VERIFY) gnutls_session_set_verify_function(tls, verify_client);
    if (auth == WEB_CLIENT_AUTH_VERIFY_IF_GIVEN) gnutls_session_set_verify_function(tls, verify_client_if_given);
}
