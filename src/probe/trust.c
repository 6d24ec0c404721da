/*
 * Decides what counts as a file of certificates: at least one, each of them readable; keys beside them are passed over.
 */
#include "trust.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/probe/trust.h"

static void free_bio(BIO **bio) { BIO_free(*bio); }

/* Without one OpenSSL would ask at the terminal. */
static int know_no_password(char *buffer, int size, int for_writing, void *ctx)
{
    (void)buffer, (void)size, (void)for_writing, (void)ctx;
    return -1;
}

size_t trust_read(const char *pem, X509_STORE *store)
{
    size_t len = strlen(pem), count = 0;
    if (len > INT_MAX) return 0;
    AUTO(free_bio) BIO *bio = BIO_new_mem_buf(pem, (int)len);
    if (!bio) return 0;
    ERR_clear_error();
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509(bio, NULL, know_no_password, NULL))) {
        count++;
        if (store) X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
    }
    bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return is_at_end ? count : 0;
}

bool trust_check(const struct config *config, struct problems *problems)
{
    bool is_good = true;
    for (size_t i = 0; i < config->resolver_count; i++) {
        const struct config_resolver *resolver = &config->resolvers[i];
        if (!resolver->tls_ca_pem || trust_read(resolver->tls_ca_pem, NULL)) continue;
        AUTO(mem_free_ptr) char *path = mem_printf("resolvers.%s.tls.ca_file", resolver->name);
        problems_error(problems, resolver->tls_ca_place, path, "%s holds no certificates in PEM form",
                       resolver->tls_ca_file);
        is_good = false;
    }
    return is_good;
}
