/* Decides when the next query may go. Knows neither who waits for it nor what is sent. */
#include "pacer.h"

#include <math.h>

#include "dnspolicy/base/clock.h"

void pacer_set_rate(struct pacer *pacer, double per_second, uint64_t tolerance_ns)
{
    pacer->spacing_ns = per_second > 0 ? (uint64_t)ceil((double)NS_PER_SEC / per_second) : 0;
    pacer->tolerance_ns = tolerance_ns;
}

uint64_t pacer_opens_at(const struct pacer *pacer)
{
    if (!pacer->spacing_ns || pacer->turn_mono_ns <= pacer->tolerance_ns) return 0;
    return pacer->turn_mono_ns - pacer->tolerance_ns;
}

void pacer_charge(struct pacer *pacer, uint64_t now_mono_ns)
{
    uint64_t turn = pacer->turn_mono_ns > now_mono_ns ? pacer->turn_mono_ns : now_mono_ns;
    pacer->turn_mono_ns = turn + pacer->spacing_ns;
}
