/*
 * TLS of one connection between memory and memory: what is to be sent goes to a buffer, what arrived is fed in. So the
 * socket stays its owner's, with its receive stamps and its errors. Nothing in here blocks or reads a clock.
 */
#ifndef DNSPOLICY_SRC_PROBE_TLS_H
#define DNSPOLICY_SRC_PROBE_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/plan/plan.h"
#include "transport.h"

/* Whom the probes of a plan trust. Immutable, for all lanes together. */
struct tls_trust;
struct tls_trust *tls_trust_new(const struct plan *plan); /* NULL: no probe of the plan needs it */
void tls_trust_free(struct tls_trust *trust);

/* What a probe may resume. A session proves the certificate of the handshake that began it, so it serves for a while
 * only. */
struct tls_ticket {
    SSL_SESSION *session; /* NULL: none */
    uint64_t proven_mono_ns;
    int64_t not_after_s;
};
void tls_ticket_fini(struct tls_ticket *ticket); /* leaves an empty one */

struct tls;
/* Offers the ticket if it is still good. The trust must outlive the connection's handshake. NULL: OpenSSL would not. */
struct tls *tls_new(const struct tls_trust *trust, const struct plan_probe *probe, const char *alpn,
                    const struct tls_ticket *ticket, uint64_t now_mono_ns, int64_t now_wall_ns);
void tls_free(struct tls *tls);

void tls_feed(struct tls *tls, const void *bytes, size_t len);
/* Appends what is to be sent. */
void tls_drain(struct tls *tls, struct strbuf *out);
/* FAILED: TLS_FAILED or CLOSED. Done when tls_is_open(). */
struct attempt_result tls_handshake(struct tls *tls);
bool tls_is_open(const struct tls *tls);
struct attempt_result tls_write(struct tls *tls, const void *bytes, size_t len);
/* Appends what has arrived; even when it then fails. */
struct attempt_result tls_read(struct tls *tls, struct strbuf *in);
bool tls_has_part(const struct tls *tls); /* of a record, of which more must arrive before it can be read */
/* There will be no more: something to send, for tls_drain(). */
void tls_close(struct tls *tls);

bool tls_speaks(const struct tls *tls, const char *alpn); /* what the server has chosen */
/* What the server showed still stands for it: not too long ago, and not at its end. */
bool tls_is_proven(const struct tls *tls, uint64_t now_mono_ns, int64_t now_wall_ns);
bool tls_is_resumed(const struct tls *tls);
int64_t tls_not_after_s(const struct tls *tls); /* 0: the server showed no certificate */
/* Moves the newest session, if there is one, into the ticket. */
void tls_take_ticket(struct tls *tls, struct tls_ticket *ticket);

#endif
