/*
 * Decides how much of an outcome is kept, and how its error reads. Knows nothing of what the outcome means.
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

struct icmp_name {
    uint8_t family;
    uint8_t type;
    uint8_t code;
    const char *name;
};

#define ICMP_ANY_CODE 255

/* RFC 792, RFC 1812 section 5.2.7.1; RFC 4443. */
static const struct icmp_name icmp_names[] = {
    {ADDR_V4, 3, 0, "network unreachable"},
    {ADDR_V4, 3, 1, "host unreachable"},
    {ADDR_V4, 3, 2, "protocol unreachable"},
    {ADDR_V4, 3, 3, "port unreachable"},
    {ADDR_V4, 3, 4, "fragmentation needed"},
    {ADDR_V4, 3, 5, "source route failed"},
    {ADDR_V4, 3, 6, "destination network unknown"},
    {ADDR_V4, 3, 7, "destination host unknown"},
    {ADDR_V4, 3, 9, "network administratively prohibited"},
    {ADDR_V4, 3, 10, "host administratively prohibited"},
    {ADDR_V4, 3, 13, "communication administratively prohibited"},
    {ADDR_V4, 11, ICMP_ANY_CODE, "time exceeded"},
    {ADDR_V4, 12, ICMP_ANY_CODE, "parameter problem"},
    {ADDR_V6, 1, 0, "no route to destination"},
    {ADDR_V6, 1, 1, "communication administratively prohibited"},
    {ADDR_V6, 1, 2, "beyond the scope of the source address"},
    {ADDR_V6, 1, 3, "address unreachable"},
    {ADDR_V6, 1, 4, "port unreachable"},
    {ADDR_V6, 1, 5, "source address failed ingress or egress policy"},
    {ADDR_V6, 1, 6, "route to destination rejected"},
    {ADDR_V6, 2, ICMP_ANY_CODE, "packet too big"},
    {ADDR_V6, 3, ICMP_ANY_CODE, "time exceeded"},
    {ADDR_V6, 4, ICMP_ANY_CODE, "parameter problem"},
};

static void describe_icmp(const struct outcome *outcome, struct strbuf *out)
{
    const struct outcome_error *error = &outcome->error;
    uint8_t family = error->icmp_sender.present ? error->icmp_sender.family : outcome->local.family;
    const char *name = NULL;
    for (size_t i = 0; i < ARRAY_LEN(icmp_names) && !name; i++) {
        const struct icmp_name *known = &icmp_names[i];
        if (known->family == family && known->type == error->icmp_type &&
            (known->code == error->icmp_code || known->code == ICMP_ANY_CODE))
            name = known->name;
    }
    strbuf_puts(out, family == ADDR_V6 ? "ICMPv6 " : "ICMP ");
    if (name)
        strbuf_puts(out, name);
    else
        strbuf_addf(out, "type %u code %u", error->icmp_type, error->icmp_code);
    if (!error->icmp_sender.present) return;
    char sender[ADDR_TEXT_SIZE];
    addr_format(&error->icmp_sender, sender);
    strbuf_addf(out, " from %s", sender);
}

static void add_errno(struct strbuf *out, int number)
{
    const char *text = strerrordesc_np(number);
    if (number == 0) return;
    strbuf_puts(out, ": ");
    if (text)
        strbuf_puts(out, text);
    else
        strbuf_addf(out, "error %d", number);
}

static void add_address(struct strbuf *out, const struct addr *addr)
{
    char text[ADDR_TEXT_SIZE];
    addr_format(addr, text);
    strbuf_puts(out, text);
}

void outcome_describe_error(const struct outcome *outcome, const struct plan_probe *probe, struct strbuf *out)
{
    const struct addr *asked = &probe->client->source[probe->family];
    const struct addr *local = &outcome->local;
    if (outcome->error.has_icmp) {
        describe_icmp(outcome, out);
        return;
    }
    switch ((enum outcome_step)outcome->error.step) {
    case OUTCOME_STEP_NONE:
        return;
    case OUTCOME_STEP_SOCKET:
        strbuf_puts(out, "open a socket");
        break;
    case OUTCOME_STEP_BIND:
        strbuf_puts(out, asked->present ? "bind to " : "bind");
        if (asked->present) add_address(out, asked);
        break;
    case OUTCOME_STEP_CONNECT:
        strbuf_puts(out, "connect");
        break;
    case OUTCOME_STEP_SOURCE_SUBNET:
        strbuf_puts(out, "the kernel chose ");
        if (local->present)
            add_address(out, local);
        else
            strbuf_puts(out, "a source");
        strbuf_puts(out, local->present ? " as source, outside the client's subnet" : " outside the client's subnet");
        break;
    case OUTCOME_STEP_SOURCE_CHANGED:
        strbuf_puts(out, "the source is ");
        if (local->present)
            add_address(out, local);
        else
            strbuf_puts(out, "another address");
        if (asked->present) {
            strbuf_puts(out, ", not ");
            add_address(out, asked);
        } else {
            strbuf_puts(out, ", not the one that was bound");
        }
        break;
    case OUTCOME_STEP_SEND:
        strbuf_puts(out, "send");
        break;
    case OUTCOME_STEP_RECEIVE:
        strbuf_puts(out, "receive");
        break;
    case OUTCOME_STEP_NETNS:
        strbuf_addf(out, "enter the network namespace %s", probe->client->netns);
        break;
    case OUTCOME_STEP_INTERFACE:
        strbuf_addf(out, "bind to the interface %s", probe->client->interface);
        break;
    case OUTCOME_STEP_MARK:
        strbuf_addf(out, "set the mark %u", probe->client->mark);
        break;
    case OUTCOME_STEP_TRANSPARENT:
        strbuf_puts(out, "set IP_TRANSPARENT");
        break;
    case OUTCOME_STEP_TLS:
        strbuf_puts(out, "TLS handshake");
        break;
    case OUTCOME_STEP_CERTIFICATE:
        strbuf_puts(out, "verify the certificate");
        break;
    case OUTCOME_STEP_HTTP:
        strbuf_puts(out, "HTTP");
        break;
    }
    add_errno(out, outcome->error.number);
}
