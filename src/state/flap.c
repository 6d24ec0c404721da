/* Decides when a probe changes its verdict too often to be told line by line. */
#include "flap.h"

#include "dnspolicy/base/clock.h"

static bool begin_window(struct flap *flap, uint32_t now_s, uint32_t *repeated)
{
    bool was_flapping = flap->changes > FLAP_CHANGES_MAX;
    bool was_calm_since = now_s - flap->window_began_s >= 2 * FLAP_WINDOW_S;
    *repeated = flap->unsaid;
    *flap = (struct flap){.window_began_s = now_s, .changes = 1};
    /* Still at it: this line is the one that the next ten minutes have. */
    if (was_flapping && !was_calm_since) flap->changes = FLAP_CHANGES_MAX + 1;
    return true;
}

bool flap_note(struct flap *flap, uint64_t now_mono_ns, uint32_t *repeated)
{
    uint32_t now_s = (uint32_t)(now_mono_ns / NS_PER_SEC);
    *repeated = 0;
    if (flap->changes == 0 || now_s - flap->window_began_s >= FLAP_WINDOW_S) return begin_window(flap, now_s, repeated);
    if (flap->changes <= FLAP_CHANGES_MAX) {
        flap->changes++;
        if (flap->changes > FLAP_CHANGES_MAX) *repeated = FLAP_CHANGES_MAX;
        return true;
    }
    if (flap->unsaid < UINT16_MAX) flap->unsaid++;
    return false;
}
