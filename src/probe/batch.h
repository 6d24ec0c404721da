/* The outcomes of one batch, with their texts, until the sink takes them. Owned by a lane. */
#ifndef DNSPOLICY_SRC_PROBE_BATCH_H
#define DNSPOLICY_SRC_PROBE_BATCH_H

#include <stddef.h>

#include "dnspolicy/probe/engine.h"
#include "stats.h"

struct batch;

struct batch *batch_new(struct engine_sink sink, unsigned lane, struct lane_stats *stats);
void batch_free(struct batch *batch); /* nothing may be left in it; NULL is fine */
/* Copies the outcome and its texts. Hands the batch over first when it is full. */
void batch_add(struct batch *batch, const struct outcome *outcome);
void batch_flush(struct batch *batch);

#endif
