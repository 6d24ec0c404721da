/* One lock per lane, taken by the lane once per batch and by readers for bounded copies. No other lock is taken under
 * it. */
#ifndef DNSPOLICY_STATE_LOCKS_H
#define DNSPOLICY_STATE_LOCKS_H

struct state;

void locks_take(struct state *state, unsigned lane);
void locks_give(struct state *state, unsigned lane);

#endif
