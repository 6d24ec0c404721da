/* Decides what an outcome adds to which counter, and which counters start at 0. */
#include "series.h"

#include "dnspolicy/base/hash.h"

static void copy_series(void *to, const void *from)
{
    ((struct series *)to)->counts = ((const struct series *)from)->counts;
}

static void copy_tally(void *to, const void *from)
{
    ((struct tally *)to)->counts = ((const struct tally *)from)->counts;
}

const struct object_kind series_kind = {.size = sizeof(struct series), .copy = copy_series};
const struct object_kind tally_kind = {.size = sizeof(struct tally), .copy = copy_tally};

static const char *subnet_label(const struct plan_probe *probe)
{
    return probe->client->subnet_text[probe->subnet_family];
}

uint64_t series_key(const struct plan_probe *probe)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, probe->client->name);
    hash_add_text(&hash, subnet_label(probe));
    hash_add_text(&hash, probe->resolver->name);
    hash_add_text(&hash, transport_names[probe->transport]);
    hash_add_text(&hash, probe->query->qtype_label);
    return hash_end(&hash);
}

uint64_t tally_key(const struct plan_probe *probe)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, probe->check->name);
    hash_add_text(&hash, probe->client->name);
    hash_add_text(&hash, subnet_label(probe));
    hash_add_text(&hash, probe->resolver->name);
    hash_add_text(&hash, probe->check->severity);
    return hash_end(&hash);
}

struct state_series series_labels(const struct plan_probe *probe)
{
    return (struct state_series){
        .client = probe->client,
        .resolver = probe->resolver,
        .qtype = probe->query->qtype_label,
        .family = probe->subnet_family,
        .transport = probe->transport,
    };
}

struct state_tally tally_labels(const struct plan_probe *probe)
{
    return (struct state_tally){
        .check = probe->check,
        .client = probe->client,
        .resolver = probe->resolver,
        .family = probe->subnet_family,
    };
}

static bool allows_refused(const struct expectation *expectation)
{
    return (expectation->words & EXPECT_DENIED) || expectation_allows_rcode(expectation, DNS_RCODE_REFUSED);
}

static unsigned rcode_slot(uint16_t rcode)
{
    return rcode < STATE_RCODE_OTHER && dns_rcode_name(rcode) ? rcode : STATE_RCODE_OTHER;
}

static uint32_t rcode_bit(uint16_t rcode) { return UINT32_C(1) << rcode_slot(rcode); }

/* An update that is allowed fails at its prerequisite: the apex has a SOA. */
static uint32_t answered_rcodes(const struct dns_question *question)
{
    if (question->opcode == DNS_OPCODE_UPDATE) return rcode_bit(DNS_RCODE_YXRRSET);
    if (question->opcode != DNS_OPCODE_QUERY || dns_question_is_transfer(question)) return rcode_bit(DNS_RCODE_NOERROR);
    return rcode_bit(DNS_RCODE_NOERROR) | rcode_bit(DNS_RCODE_NXDOMAIN);
}

/* Of a word, the rcodes by which most servers say it. */
static uint32_t known_rcodes(const struct plan_probe *probe)
{
    const struct expectation *expectation = &probe->check->expect;
    uint32_t known = rcode_bit(DNS_RCODE_REFUSED);
    for (size_t i = 0; i < expectation->rcode_count; i++) known |= rcode_bit(expectation->rcodes[i]);
    if (expectation->words & EXPECT_ANSWERED) known |= answered_rcodes(&probe->query->config->question);
    if (expectation->words & (EXPECT_DENIED | EXPECT_BADSIG | EXPECT_BADKEY | EXPECT_BADTIME))
        known |= rcode_bit(DNS_RCODE_NOTAUTH);
    return known;
}

void series_add_known(struct state_series *labels, const struct plan_probe *probe)
{
    labels->known_refusals |= (uint8_t)(1U << allows_refused(&probe->check->expect));
    labels->known_rcodes |= known_rcodes(probe);
}

void tally_add_known(struct state_tally *labels, const struct plan_probe *probe)
{
    labels->known_verdicts |= judge_possible_verdicts(probe);
}

void series_count(struct series *series, const struct plan_probe *probe, const struct outcome *outcome)
{
    struct state_series_counts *counts = &series->counts;
    counts->queries += outcome->queries_sent;
    counts->attempts_lost += outcome->attempts_lost;
    if (outcome->status != OUTCOME_RESPONSE) return;
    counts->responses[rcode_slot(outcome->reply.rcode)]++;
    if (outcome->reply.rcode == DNS_RCODE_REFUSED) counts->refusals[allows_refused(&probe->check->expect)]++;
}
