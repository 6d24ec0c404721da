/*
 * Sockets of another network namespace. The namespace is opened by its path for every socket, so one that has vanished
 * is noticed and one that is back is found.
 */
#ifndef DNSPOLICY_SRC_PROBE_NETNS_H
#define DNSPOLICY_SRC_PROBE_NETNS_H

#include "dnspolicy/probe/outcome.h"

/*
 * socket(2) inside the namespace. The calling thread is back in its own when it returns; that one is kept open in *home
 * (-1 before the first call) and is the caller's to close. -1: errno and *failed (NETNS or SOCKET) say why not.
 */
int netns_socket(int *home, const char *path, int family, int type, enum outcome_step *failed);

#endif
