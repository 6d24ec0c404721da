/* Which of a probe's verdict changes are worth a log line: all of them, until it changes all the time. */
#ifndef DNSPOLICY_STATE_FLAP_H
#define DNSPOLICY_STATE_FLAP_H

#include <stdbool.h>
#include <stdint.h>

#define FLAP_WINDOW_S 600u
#define FLAP_CHANGES_MAX 4u

struct flap {
    uint32_t window_began_s;
    uint16_t changes; /* in this window */
    uint16_t unsaid;  /* since the last line */
};

/* Notes a change. True: it is worth a line, and *repeated says how many others the line stands for. Above four changes
 * in ten minutes there is one line as it begins, then at most one every ten minutes. */
bool flap_note(struct flap *flap, uint64_t now_mono_ns, uint32_t *repeated);

#endif
