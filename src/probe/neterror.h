/* What errno and the kernel's error queue say about the network. */
#ifndef DNSPOLICY_SRC_PROBE_NETERROR_H
#define DNSPOLICY_SRC_PROBE_NETERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/probe/outcome.h"

/* What an attempt that ended with this errno has met; OUTCOME_LOCAL_ERROR for all that the network cannot have said. */
enum outcome_status neterror_status(int number);

/* Asks for errors on the error queue, with their ICMP type, code and sender. False: errno says why not. */
bool neterror_request(int fd, int socket_family);

/*
 * Takes the pending errors of a socket and fills *error with the last one that concerns a message to peer and port
 * (and, where the kernel returns the message, one that begins with `sent`). False: there is none.
 */
bool neterror_take(int fd, const struct addr *peer, uint16_t port, const uint8_t *sent, size_t sent_len,
                   struct outcome_error *error);

#endif
