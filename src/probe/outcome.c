/*
 * Decides how much of an outcome is kept. Knows nothing of what the outcome means.
 */
#include "dnspolicy/probe/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

const char *const outcome_status_names[OUTCOME_STATUSES] = {
    [OUTCOME_RESPONSE] = "response",
    [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_CLOSED] = "closed",
    [OUTCOME_RESET] = "reset",
    [OUTCOME_CONNECT_REFUSED] = "connect_refused",
    [OUTCOME_UNREACHABLE] = "unreachable",
    [OUTCOME_MALFORMED] = "malformed",
    [OUTCOME_TLS_FAILED] = "tls_failed",
    [OUTCOME_HTTP_FAILED] = "http_failed",
    [OUTCOME_LOCAL_ERROR] = "local_error",
    [OUTCOME_ABANDONED] = "abandoned",
};

/* The length of the whole lines that are kept. */
static uint32_t kept_answer_len(const struct dns_reply *reply)
{
    uint32_t kept = 0;
    for (unsigned records = 0; kept < reply->answer_len && records < OUTCOME_KEPT_RECORDS; records++) {
        const char *line = reply->answer + kept;
        uint32_t left = reply->answer_len - kept;
        const char *end = memchr(line, '\n', left);
        uint32_t len = end ? (uint32_t)(end - line) + 1 : left;
        if (kept + len > OUTCOME_KEPT_TEXT) break;
        kept += len;
    }
    return kept;
}

static char *put_bytes(char *to, const void *bytes, size_t len)
{
    if (len == 0) return to;
    memcpy(to, bytes, len);
    return to + len;
}

/* Room for `needed` bytes, in steps, so that answers of changing length do not allocate at every run. */
static void reserve_texts(struct outcome_texts *texts, size_t needed)
{
    size_t step = 64;
    if (needed <= texts->capacity) return;
    texts->capacity = (uint32_t)((needed + step - 1) / step * step);
    texts->bytes = mem_resize(texts->bytes, texts->capacity, 1);
}

static size_t texts_len(const struct dns_reply *reply, uint32_t answer_len)
{
    size_t len = reply->nsid_len;
    if (answer_len) len += answer_len + 1U;
    for (size_t i = 0; i < reply->ede_count; i++) len += reply->ede[i].text_len;
    return len;
}

static void copy_texts(struct dns_reply *to, uint32_t answer_len, char *at, const struct dns_reply *from)
{
    if (answer_len < from->answer_len) to->answer_cut = true;
    to->answer_len = answer_len;
    to->answer = answer_len ? at : NULL;
    at = put_bytes(at, from->answer, answer_len);
    if (answer_len) *at++ = '\0';
    for (size_t i = 0; i < from->ede_count; i++) {
        to->ede[i].text = from->ede[i].text_len ? at : NULL;
        at = put_bytes(at, from->ede[i].text, from->ede[i].text_len);
    }
    to->nsid = from->nsid_len ? (const uint8_t *)at : NULL;
    put_bytes(at, from->nsid, from->nsid_len);
}

void outcome_copy(struct outcome *to, struct outcome_texts *texts, const struct outcome *from)
{
    *to = *from;
    uint32_t answer_len = kept_answer_len(&from->reply);
    reserve_texts(texts, texts_len(&from->reply, answer_len));
    copy_texts(&to->reply, answer_len, texts->bytes, &from->reply);
}

void outcome_texts_fini(struct outcome_texts *texts)
{
    free(texts->bytes);
    *texts = (struct outcome_texts){0};
}
