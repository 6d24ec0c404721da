/* Decides when outcomes go to the sink: once per batch, or earlier when there is no room. Allocates only at its
 * birth. */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

#define BATCH_OUTCOMES 256
/* Holds the largest text of one reply and then some; pages that no text has reached cost nothing. */
#define REPLY_TEXT_MAX (DNS_ANSWER_TEXT_MAX + DNS_EDE_MAX * DNS_EDE_TEXT_MAX + DNS_NSID_MAX + 16)
#define BATCH_TEXT (2 * REPLY_TEXT_MAX)

struct batch {
    struct engine_sink sink;
    unsigned lane;
    struct lane_stats *stats;
    size_t count;
    size_t text_used;
    struct outcome outcomes[BATCH_OUTCOMES];
    char text[BATCH_TEXT];
};

struct batch *batch_new(struct engine_sink sink, unsigned lane, struct lane_stats *stats)
{
    struct batch *batch = mem_alloc(sizeof(*batch));
    batch->sink = sink;
    batch->lane = lane;
    batch->stats = stats;
    return batch;
}

void batch_free(struct batch *batch)
{
    if (!batch) return;
    REQUIRE(batch->count == 0);
    free(batch);
}

/* Texts are what their lengths say, and one NUL more for readers that print them. */
static const void *keep(struct batch *batch, const void *text, size_t len)
{
    if (!text) return NULL;
    REQUIRE(len < sizeof(batch->text) - batch->text_used);
    char *kept = batch->text + batch->text_used;
    memcpy(kept, text, len);
    kept[len] = '\0';
    batch->text_used += len + 1;
    return kept;
}

static size_t text_size(const struct dns_reply *reply)
{
    size_t size = (size_t)reply->answer_len + reply->nsid_len + 2;
    for (int i = 0; i < reply->ede_count; i++) size += (size_t)reply->ede[i].text_len + 1;
    return size;
}

void batch_add(struct batch *batch, const struct outcome *outcome)
{
    size_t needed = text_size(&outcome->reply);
    if (batch->count == BATCH_OUTCOMES || needed > sizeof(batch->text) - batch->text_used) batch_flush(batch);
    struct outcome *kept = &batch->outcomes[batch->count++];
    *kept = *outcome;
    kept->reply.answer = keep(batch, outcome->reply.answer, outcome->reply.answer_len);
    kept->reply.nsid = keep(batch, outcome->reply.nsid, outcome->reply.nsid_len);
    for (int i = 0; i < kept->reply.ede_count; i++) {
        struct dns_ede *ede = &kept->reply.ede[i];
        ede->text = keep(batch, ede->text, ede->text_len);
    }
}

void batch_flush(struct batch *batch)
{
    if (!batch->count) return;
    batch->sink.fold(batch->sink.ctx, batch->lane, batch->outcomes, batch->count);
    batch->count = 0;
    batch->text_used = 0;
}
