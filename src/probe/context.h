/* The client's context of a socket: from where a query leaves. */
#ifndef DNSPOLICY_SRC_PROBE_CONTEXT_H
#define DNSPOLICY_SRC_PROBE_CONTEXT_H

#include <stdbool.h>

#include "dnspolicy/plan/plan.h"
#include "dnspolicy/probe/outcome.h"
#include "transport.h"

/*
 * Sets the client's interface, mark and transparency, binds to its source with a fresh port, connects to the resolver,
 * and checks what the kernel made of it. Fills outcome->local and local_port. WAITS: connected (or, TCP, connecting);
 * FAILED: nothing may be sent.
 */
struct attempt_result context_connect(int fd, const struct plan_probe *probe, struct outcome *outcome);
/* A connection of the probe from `local` that was left open still leaves as its client: with the client's address,
 * route or interface gone it would only fall silent. */
bool context_holds(int fd, const struct plan_probe *probe, const struct addr *local);
/* The opposite of context_connect(): the socket hears nothing and has no port, and can be given a context again. */
bool context_disconnect(int fd);

#endif
