/*
 * Where passwords are compared: one thread, so that a flood of wrong ones costs one processor at most and the event
 * loop nothing.
 */
#ifndef DNSPOLICY_WEB_AUTH_DESK_H
#define DNSPOLICY_WEB_AUTH_DESK_H

#include <stdbool.h>

#include "dnspolicy/base/addr.h"
#include "auth.h"
#include "later.h"

#define AUTH_WAITING_MAX 16
#define AUTH_WAITING_PER_ADDRESS 4

struct auth_desk;

struct auth_desk *auth_desk_start(char **error);
/* The thread ends when the comparison under way does; nobody waits for it. NULL is fine. */
void auth_desk_stop(struct auth_desk *desk);
struct auth_cache *auth_desk_cache(struct auth_desk *desk);

/* True: there is room for one more login from this address. */
bool auth_desk_has_room(struct auth_desk *desk, const struct addr *from);
/* Takes the later's reference and copies the rest. The result is NULL for a wrong login, else not. */
void auth_desk_ask(struct auth_desk *desk, const struct addr *from, const struct auth_login *login, const char *bcrypt,
                   bool is_known, struct later *later);

#endif
