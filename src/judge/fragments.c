/* Decides how facts read inside a sentence. Knows nothing of verdicts. */
#include "fragments.h"

#include "dnspolicy/base/text.h"

void tell(const struct telling *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_addv(t->out, format, args);
    va_end(args);
}

void tell_expected(const struct telling *t)
{
    const char *const *texts = t->probe->check->expect.rcode_texts;
    size_t count = 0;
    while (texts[count]) count++;
    text_add_list(t->out, texts, count, "or");
    tell(t, " was expected");
}

void tell_client(const struct telling *t)
{
    tell(t, "%s (%s)", t->probe->client->name, t->probe->client->subnet_text[t->probe->subnet_family]);
}

void tell_where(const struct telling *t)
{
    char text[ADDR_PORT_TEXT_SIZE];
    addr_format_port(&t->probe->resolver->address, t->probe->port, text);
    tell(t, "%s over %s", text, transport_names[t->probe->transport]);
}

static void tell_ede(const struct telling *t, const struct dns_ede *ede)
{
    const char *name = dns_ede_name(ede->code);
    tell(t, "EDE %u", ede->code);
    if (!name && !ede->text_len) return;
    tell(t, " (%s%s", name ? name : "", name && ede->text_len ? ": " : "");
    if (ede->text_len) {
        tell(t, "\"");
        text_add_clean(t->out, ede->text, ede->text_len);
        tell(t, "\"");
    }
    tell(t, ")");
}

static void tell_tsig_error(const struct telling *t)
{
    switch (t->reply->tsig_error) {
    case DNS_TSIG_NONE:
        return;
    case DNS_TSIG_BADSIG:
        tell(t, " with TSIG error BADSIG");
        return;
    case DNS_TSIG_BADKEY:
        tell(t, " with TSIG error BADKEY");
        return;
    case DNS_TSIG_BADTIME:
        tell(t, " with TSIG error BADTIME");
        return;
    default:
        tell(t, " with TSIG error %u", t->reply->tsig_error);
    }
}

void tell_reply(const struct telling *t)
{
    char rcode[DNS_NUMBER_TEXT_SIZE];
    dns_rcode_format(t->reply->rcode, rcode);
    tell(t, "%s", rcode);
    tell_tsig_error(t);
    for (size_t i = 0; i < t->reply->ede_count; i++) {
        tell(t, i || t->reply->tsig_error ? " and " : " with ");
        tell_ede(t, &t->reply->ede[i]);
    }
}

void tell_expected_and_came(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s answered ", t->probe->resolver->name);
    tell_reply(t);
    tell(t, " to ");
    tell_client(t);
}

void tell_records(const struct telling *t)
{
    unsigned count = t->reply->counts[DNS_SECTION_ANSWER];
    if (count == 0)
        tell(t, "no record");
    else
        tell(t, "%u %s", count, count == 1 ? "record" : "records");
}

void tell_error(const struct telling *t)
{
    size_t before = t->out->len;
    outcome_describe_error(t->outcome, t->probe, t->out);
    if (t->out->len == before) tell(t, "%s", outcome_status_names[t->outcome->status]);
}

void tell_name(const struct telling *t)
{
    char name[DNS_NAME_TEXT_SIZE];
    dns_query_name(t->asked->name, &t->outcome->stamp, name);
    tell(t, "%s", name);
}

/* ---- parts of an expectation ---- */

static void tell_flags(const struct telling *t)
{
    const struct expectation *expectation = &t->probe->check->expect;
    const char *separator = "the flags were expected to be ";
    for (int i = 0; i < DNS_FLAG_COUNT; i++) {
        unsigned flag = 1U << i;
        if (!((expectation->flags_set | expectation->flags_clear) & flag)) continue;
        tell(t, "%s%s%s", separator, expectation->flags_clear & flag ? "!" : "", dns_flag_names[i]);
        separator = " ";
    }
    separator = " and came as ";
    for (int i = 0; i < DNS_FLAG_COUNT; i++) {
        if (!(t->reply->flags & 1U << i)) continue;
        tell(t, "%s%s", separator, dns_flag_names[i]);
        separator = " ";
    }
}

static void tell_answer_part(const struct telling *t)
{
    const struct expectation *expectation = &t->probe->check->expect;
    switch ((enum judge_part)t->judgement.failed_part) {
    case JUDGE_PART_ANSWER_MIN:
        tell(t, "at least %u in the answer were expected, and ", expectation->answer_min);
        tell_records(t);
        tell(t, " came");
        break;
    case JUDGE_PART_ANSWER_MAX:
        tell(t, "at most %u in the answer were expected, and ", expectation->answer_max);
        tell_records(t);
        tell(t, " came");
        break;
    case JUDGE_PART_ANSWER_CONTAINS:
        tell(t, "the answer does not contain %s", expectation->answer_contains[t->judgement.failed_index]);
        break;
    case JUDGE_PART_ANSWER_MATCHES:
        tell(t, "no record's data matches \"%s\"", expectation->answer_matches.text);
        break;
    default:
        tell(t, t->judgement.answer_cut ? "no record's data may match \"%s\"" : "a record's data matches \"%s\"",
             expectation->answer_none_match.text);
    }
    if (t->judgement.answer_cut) tell(t, ", and the answer is too long to be looked at to its end");
}

static void tell_ede_part(const struct telling *t)
{
    const struct expectation *expectation = &t->probe->check->expect;
    for (size_t i = 0; i < expectation->ede_count; i++) tell(t, "%s%u", i == 0 ? "EDE " : " or ", expectation->ede[i]);
    tell(t, " was expected, and %s", t->reply->ede_count ? "" : "no extended error came");
    for (size_t i = 0; i < t->reply->ede_count; i++) {
        if (i) tell(t, " and ");
        tell_ede(t, &t->reply->ede[i]);
    }
    if (t->reply->ede_count) tell(t, " came");
}

static void tell_nsid_part(const struct telling *t)
{
    tell(t, "the NSID was expected to match \"%s\", and ", t->probe->check->expect.nsid.text);
    if (!t->reply->has_nsid) {
        tell(t, "none came: the server has none, or another one answered in its place");
        return;
    }
    tell(t, "\"");
    text_add_clean(t->out, t->reply->nsid, t->reply->nsid_len);
    tell(t, "\" answered");
}

void tell_failed_part(const struct telling *t)
{
    switch ((enum judge_part)t->judgement.failed_part) {
    case JUDGE_PART_NONE:
    case JUDGE_PART_RCODE:
        return;
    case JUDGE_PART_FLAGS:
        tell_flags(t);
        return;
    case JUDGE_PART_EDE:
        tell_ede_part(t);
        return;
    case JUDGE_PART_NSID:
        tell_nsid_part(t);
        return;
    default:
        tell_answer_part(t);
    }
}
