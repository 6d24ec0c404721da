/*
 * Decides whom a probe takes for its resolver: who shows a certificate for the configured name, or else for the address
 * that is asked, by an issuer (or a certificate) of the configured file, or else of the host's. Knows no sockets.
 */
#include "tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "trust.h"

/* Neither a resumed session nor a kept connection shows a certificate: a new one, or a server that must no longer be
 * trusted, is noticed within it. */
#define PROOF_GOOD_FOR_NS (3600 * NS_PER_SEC)
#define READ_SIZE 4096

struct tls_trust {
    SSL_CTX *context;
    X509_STORE *system;
    X509_STORE **stores; /* by resolver; NULL: the system's, or not needed */
    size_t count;
};

struct tls {
    SSL *ssl;
    BIO *arrived; /* both belong to ssl */
    BIO *leaving;
    SSL_SESSION *session;    /* the newest that the server gave */
    int64_t not_after_s;     /* of this handshake's certificates, or of those that the resumed session began with */
    uint64_t proven_mono_ns; /* when they were shown */
    int64_t offered_not_after_s;
    uint64_t offered_mono_ns;
};

static int64_t unix_time(const ASN1_TIME *time)
{
    struct tm parts;
    return ASN1_TIME_to_tm(time, &parts) ? (int64_t)timegm(&parts) : 0;
}

static void note_end(struct tls *tls, const X509 *certificate)
{
    int64_t end = certificate ? unix_time(X509_get0_notAfter(certificate)) : 0;
    if (end && (!tls->not_after_s || end < tls->not_after_s)) tls->not_after_s = end;
}

/* What the server showed is noted whether it convinces or not. */
static int verify_chain(X509_STORE_CTX *store, void *argument)
{
    (void)argument;
    struct tls *tls = SSL_get_app_data(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const STACK_OF(X509) *shown = X509_STORE_CTX_get0_untrusted(store);
    note_end(tls, X509_STORE_CTX_get0_cert(store));
    for (int i = 0; i < sk_X509_num(shown); i++) note_end(tls, sk_X509_value(shown, i));
    return X509_verify_cert(store);
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls *tls = SSL_get_app_data(ssl);
    SSL_SESSION_free(tls->session);
    tls->session = session;
    return 1; /* it is ours now */
}

static bool needs_tls(const struct plan_probe *probe)
{
    return probe->transport == TRANSPORT_TLS || probe->transport == TRANSPORT_HTTPS;
}

static SSL_CTX *new_context(X509_STORE *system)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    REQUIRE(context);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify_chain, NULL);
    SSL_CTX_set1_cert_store(context, system);
    return context;
}

/* A certificate in the file is trusted as it is, be it no authority's. */
static X509_STORE *new_store(const char *pem)
{
    X509_STORE *store = X509_STORE_new();
    REQUIRE(store);
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    trust_read(pem, store);
    return store;
}

struct tls_trust *tls_trust_new(const struct plan *plan)
{
    struct tls_trust *trust = NULL;
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        if (!needs_tls(&plan->probes[i])) continue;
        if (!trust) {
            trust = mem_alloc(sizeof(*trust));
            trust->count = plan->config->resolver_count;
            trust->stores = mem_array(trust->count, sizeof(X509_STORE *));
            trust->system = X509_STORE_new();
            REQUIRE(trust->system);
            X509_STORE_set_default_paths(trust->system);
            trust->context = new_context(trust->system);
        }
        const struct config_resolver *resolver = plan->probes[i].resolver;
        X509_STORE **store = &trust->stores[resolver->index];
        if (!*store && resolver->tls_ca_pem) *store = new_store(resolver->tls_ca_pem);
    }
    ERR_clear_error();
    return trust;
}

void tls_trust_free(struct tls_trust *trust)
{
    if (!trust) return;
    for (size_t i = 0; i < trust->count; i++) X509_STORE_free(trust->stores[i]);
    free(trust->stores);
    SSL_CTX_free(trust->context);
    X509_STORE_free(trust->system);
    free(trust);
}

void tls_ticket_fini(struct tls_ticket *ticket)
{
    SSL_SESSION_free(ticket->session);
    *ticket = (struct tls_ticket){0};
}

static bool is_proof_good(uint64_t proven_mono_ns, int64_t not_after_s, uint64_t now_mono_ns, int64_t now_wall_ns)
{
    return now_mono_ns - proven_mono_ns < PROOF_GOOD_FOR_NS && now_wall_ns / (int64_t)NS_PER_SEC < not_after_s;
}

static bool is_good(const struct tls_ticket *ticket, uint64_t now_mono_ns, int64_t now_wall_ns)
{
    return ticket->session && is_proof_good(ticket->proven_mono_ns, ticket->not_after_s, now_mono_ns, now_wall_ns) &&
           SSL_SESSION_is_resumable(ticket->session);
}

/* The name that the certificate must have. It is also sent, unless it is an address: those must not be (RFC 6066). */
static bool expect_name(SSL *ssl, const struct config_resolver *resolver)
{
    const char *name = resolver->tls_server_name;
    const struct addr *address = &resolver->address;
    struct addr literal;
    if (name && !addr_parse(name, &literal)) {
        AUTO(mem_free_ptr) char *copy = mem_strdup(name); /* OpenSSL asks for one that is not const, and copies it */
        return SSL_set1_host(ssl, copy) && SSL_set_tlsext_host_name(ssl, copy);
    }
    if (name) address = &literal;
    return X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), address->bytes, address->family == ADDR_V4 ? 4 : 16);
}

static bool offer_protocol(SSL *ssl, const char *alpn)
{
    uint8_t list[256];
    size_t len = strlen(alpn);
    REQUIRE(len < sizeof(list));
    list[0] = (uint8_t)len;
    memcpy(list + 1, alpn, len);
    return SSL_set_alpn_protos(ssl, list, (unsigned)len + 1) == 0; /* 0 is its success */
}

struct tls *tls_new(const struct tls_trust *trust, const struct plan_probe *probe, const char *alpn,
                    const struct tls_ticket *ticket, uint64_t now_mono_ns, int64_t now_wall_ns)
{
    struct tls *tls = mem_alloc(sizeof(*tls));
    tls->ssl = SSL_new(trust->context);
    tls->arrived = BIO_new(BIO_s_mem());
    tls->leaving = BIO_new(BIO_s_mem());
    REQUIRE(tls->ssl && tls->arrived && tls->leaving);
    SSL_set_bio(tls->ssl, tls->arrived, tls->leaving);
    SSL_set_app_data(tls->ssl, tls);
    SSL_set_connect_state(tls->ssl);
    tls->proven_mono_ns = now_mono_ns;
    X509_STORE *store = trust->stores[probe->resolver->index];
    bool is_set_up = expect_name(tls->ssl, probe->resolver) && offer_protocol(tls->ssl, alpn) &&
                     (!store || SSL_set1_verify_cert_store(tls->ssl, store));
    if (is_set_up && is_good(ticket, now_mono_ns, now_wall_ns) && SSL_set_session(tls->ssl, ticket->session)) {
        tls->offered_mono_ns = ticket->proven_mono_ns;
        tls->offered_not_after_s = ticket->not_after_s;
    }
    if (is_set_up) return tls;
    tls_free(tls);
    return NULL;
}

void tls_free(struct tls *tls)
{
    if (!tls) return;
    /* Else OpenSSL takes a session that ended without a word for a broken one, and spoils it. */
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls->ssl);
    SSL_SESSION_free(tls->session);
    free(tls);
    ERR_clear_error();
}

void tls_feed(struct tls *tls, const void *bytes, size_t len)
{
    REQUIRE(len <= INT_MAX && BIO_write(tls->arrived, bytes, (int)len) == (int)len);
}

void tls_drain(struct tls *tls, struct strbuf *out)
{
    char *bytes;
    long len = BIO_get_mem_data(tls->leaving, &bytes);
    if (len <= 0) return;
    strbuf_add(out, bytes, (size_t)len);
    BIO_reset(tls->leaving);
}

/* What a call that has not done its work means. */
static struct attempt_result take_error(struct tls *tls, int result)
{
    int kind = SSL_get_error(tls->ssl, result);
    unsigned long code = ERR_peek_error();
    long verified = SSL_get_verify_result(tls->ssl);
    ERR_clear_error();
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return attempt_waits();
    if (kind == SSL_ERROR_ZERO_RETURN) return attempt_failed(OUTCOME_CLOSED, OUTCOME_STEP_RECEIVE, 0);
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        return attempt_failed(OUTCOME_TLS_FAILED, OUTCOME_STEP_CERTIFICATE, (int)verified);
    struct attempt_result failed = attempt_failed(OUTCOME_TLS_FAILED, OUTCOME_STEP_TLS, 0);
    failed.error.tls = code;
    return failed;
}

struct attempt_result tls_handshake(struct tls *tls)
{
    ERR_clear_error();
    int result = SSL_do_handshake(tls->ssl);
    if (result != 1) return take_error(tls, result);
    if (SSL_session_reused(tls->ssl)) {
        tls->proven_mono_ns = tls->offered_mono_ns;
        tls->not_after_s = tls->offered_not_after_s;
    }
    return attempt_waits();
}

bool tls_is_open(const struct tls *tls) { return SSL_is_init_finished(tls->ssl); }

struct attempt_result tls_write(struct tls *tls, const void *bytes, size_t len)
{
    size_t written;
    ERR_clear_error();
    int result = SSL_write_ex(tls->ssl, bytes, len, &written);
    if (result == 1) return attempt_waits();
    struct attempt_result failed = take_error(tls, result);
    /* Into memory all is written at once, unless the connection has ended. */
    return failed.state == ATTEMPT_FAILED ? failed : attempt_failed(OUTCOME_TLS_FAILED, OUTCOME_STEP_TLS, 0);
}

struct attempt_result tls_read(struct tls *tls, struct strbuf *in)
{
    for (;;) {
        size_t len;
        strbuf_reserve(in, READ_SIZE);
        ERR_clear_error();
        int result = SSL_read_ex(tls->ssl, in->data + in->len, READ_SIZE, &len);
        if (result != 1) return take_error(tls, result);
        in->len += len;
        in->data[in->len] = '\0';
    }
}

bool tls_has_part(const struct tls *tls) { return SSL_has_pending(tls->ssl); }

void tls_close(struct tls *tls)
{
    ERR_clear_error();
    if (SSL_is_init_finished(tls->ssl)) SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

bool tls_speaks(const struct tls *tls, const char *alpn)
{
    const unsigned char *chosen = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(tls->ssl, &chosen, &len);
    return len == strlen(alpn) && memcmp(chosen, alpn, len) == 0;
}

bool tls_is_proven(const struct tls *tls, uint64_t now_mono_ns, int64_t now_wall_ns)
{
    return is_proof_good(tls->proven_mono_ns, tls->not_after_s, now_mono_ns, now_wall_ns);
}

bool tls_is_resumed(const struct tls *tls) { return SSL_session_reused(tls->ssl); }
int64_t tls_not_after_s(const struct tls *tls) { return tls->not_after_s; }

void tls_take_ticket(struct tls *tls, struct tls_ticket *ticket)
{
    if (!tls->session) return;
    SSL_SESSION_free(ticket->session);
    ticket->session = MEM_STEAL(tls->session);
    ticket->proven_mono_ns = tls->proven_mono_ns;
    ticket->not_after_s = tls->not_after_s;
}
