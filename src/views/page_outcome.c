/*
 * What was expected of a probe and what came, as pairs of a description list. Decides in which plain words: those of
 * dig, and few of our own. Judges nothing.
 */
#include "page_parts.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "facts.h"

/* Words of one sentence, the parts of which are separated by semicolons. */
static void next_part(struct strbuf *text)
{
    if (text->len) strbuf_puts(text, "; ");
}

/* ---- what was expected ---- */

static void tell_flags(struct strbuf *text, const struct expectation *expect)
{
    if (!(expect->flags_set | expect->flags_clear)) return;
    next_part(text);
    strbuf_puts(text, "flags");
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++)
        if (expect->flags_set & 1U << i) strbuf_addf(text, " %s", dns_flag_names[i]);
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++)
        if (expect->flags_clear & 1U << i) strbuf_addf(text, " !%s", dns_flag_names[i]);
}

static void tell_answer(struct strbuf *text, const struct expectation *expect)
{
    if (expect->has_answer_min || expect->has_answer_max) {
        next_part(text);
        if (!expect->has_answer_max)
            strbuf_addf(text, "at least %u answer records", expect->answer_min);
        else if (!expect->has_answer_min)
            strbuf_addf(text, "at most %u answer records", expect->answer_max);
        else
            strbuf_addf(text, "%u to %u answer records", expect->answer_min, expect->answer_max);
    }
    for (const char *const *record = expect->answer_contains; record && *record; record++) {
        next_part(text);
        strbuf_addf(text, "a record %s", *record);
    }
    if (expect->answer_matches.text) {
        next_part(text);
        strbuf_addf(text, "a record that matches %s", expect->answer_matches.text);
    }
    if (expect->answer_none_match.text) {
        next_part(text);
        strbuf_addf(text, "no record that matches %s", expect->answer_none_match.text);
    }
}

void page_add_expectation(struct strbuf *out, const struct expectation *expect)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    size_t count = 0;
    while (expect->rcode_texts && expect->rcode_texts[count]) count++;
    text_add_list(&text, expect->rcode_texts, count, "or");
    tell_flags(&text, expect);
    tell_answer(&text, expect);
    for (size_t i = 0; i < expect->ede_count; i++) {
        if (i == 0) next_part(&text);
        strbuf_addf(&text, "%s%u", i == 0 ? "EDE " : " or ", expect->ede[i]);
    }
    if (expect->nsid.text) {
        next_part(&text);
        strbuf_addf(&text, "an NSID that matches %s", expect->nsid.text);
    }
    html_add_pair(out, "expected", strbuf_text(&text));
}

/* ---- what came ---- */

static const char *const status_words[OUTCOME_STATUSES] = {
    [OUTCOME_TIMEOUT] = "no reply",
    [OUTCOME_CLOSED] = "connection closed without a reply",
    [OUTCOME_RESET] = "connection reset without a reply",
    [OUTCOME_CONNECT_REFUSED] = "nobody listens there",
    [OUTCOME_UNREACHABLE] = "unreachable",
    [OUTCOME_MALFORMED] = "a malformed reply",
    [OUTCOME_TLS_FAILED] = "TLS failed",
    [OUTCOME_HTTP_FAILED] = "HTTP failed",
    [OUTCOME_LOCAL_ERROR] = "could not be sent",
    [OUTCOME_ABANDONED] = "abandoned",
};

static const char *const cut_short_words[OUTCOME_STATUSES] = {
    [OUTCOME_TIMEOUT] = "silence",
    [OUTCOME_CLOSED] = "the connection was closed",
    [OUTCOME_RESET] = "the connection was reset",
};

static void tell_failure(struct strbuf *text, const struct outcome *outcome)
{
    if (outcome->cut_short && cut_short_words[outcome->status])
        strbuf_addf(text, "part of a reply, then %s", cut_short_words[outcome->status]);
    else
        strbuf_puts(text, status_words[outcome->status]);
    if (outcome->status == OUTCOME_MALFORMED) strbuf_addf(text, " of %u bytes", outcome->reply.size);
}

static void tell_count(struct strbuf *text, unsigned count, const char *what)
{
    strbuf_addf(text, "%u %s%s", count, what, count == 1 ? "" : "s");
}

static void tell_reply(struct strbuf *text, const struct dns_reply *reply)
{
    char rcode[DNS_NUMBER_TEXT_SIZE];
    dns_rcode_format(reply->rcode, rcode);
    strbuf_addf(text, "%s, flags", rcode);
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++)
        if (reply->flags & 1U << i) strbuf_addf(text, " %s", dns_flag_names[i]);
    strbuf_puts(text, ", ");
    tell_count(text, reply->counts[DNS_SECTION_ANSWER], "answer");
    if (reply->counts[DNS_SECTION_AUTHORITY]) strbuf_addf(text, ", %u authority", reply->counts[DNS_SECTION_AUTHORITY]);
    strbuf_puts(text, ", ");
    tell_count(text, reply->size, "byte");
}

static void tell_duration(struct strbuf *text, const char *what, int64_t ns)
{
    if (ns < 0) return;
    next_part(text);
    strbuf_addf(text, "%s%.1f ms", what, (double)ns / (double)NS_PER_MS);
}

static void tell_way(struct strbuf *text, const struct plan_probe *probe, const struct outcome *outcome)
{
    char address[ADDR_PORT_TEXT_SIZE];
    tell_duration(text, "", outcome->rtt_ns);
    tell_duration(text, "connected in ", outcome->connect_ns);
    tell_duration(text, outcome->is_resumed_session ? "TLS session resumed in " : "TLS in ", outcome->tls_ns);
    next_part(text);
    tell_count(text, outcome->attempts, "attempt");
    if (outcome->local.present) {
        addr_format_port(&outcome->local, outcome->local_port, address);
        strbuf_addf(text, "; from %s", address);
    }
    if (probe->claimed && outcome->claimed_port) {
        addr_format_port(probe->claimed, outcome->claimed_port, address);
        strbuf_addf(text, ", claimed to be %s", address);
    }
    if (outcome->is_reused_connection) strbuf_puts(text, "; over an earlier connection");
    if (outcome->truncated) strbuf_puts(text, "; truncated over UDP, asked again over TCP");
    if (outcome->bad_cookie) strbuf_puts(text, "; BADCOOKIE first, asked again with the server's cookie");
    if (outcome->http_status) strbuf_addf(text, "; HTTP status %u", outcome->http_status);
}

static void add_ede(struct strbuf *out, const struct dns_ede *ede)
{
    const char *name = dns_ede_name(ede->code);
    strbuf_addf(out, "<dt>EDE</dt><dd>%u%s%s%s", ede->code, name ? " (" : "", name ? name : "", name ? ")" : "");
    if (ede->text_len) {
        /* Its direction must not leak into the line. */
        strbuf_puts(out, " <bdi>");
        html_add_bytes(out, ede->text, ede->text_len);
        strbuf_puts(out, "</bdi>");
    }
    strbuf_puts(out, "</dd>\n");
}

static void add_answer(struct strbuf *out, const struct dns_reply *reply)
{
    const char *at = reply->answer, *record;
    if (!reply->answer_len) return;
    strbuf_puts(out, "<dt>answer</dt><dd><pre class=\"answer\">");
    for (size_t len; facts_next_record(reply, &at, &record, &len);) {
        html_add_bytes(out, record, len);
        strbuf_putc(out, '\n');
    }
    strbuf_puts(out, reply->answer_cut ? "…</pre></dd>\n" : "</pre></dd>\n");
}

static void add_reply(struct strbuf *out, const struct dns_reply *reply)
{
    AUTO(strbuf_fini) struct strbuf nsid = {0};
    for (unsigned i = 0; i < reply->ede_count; i++) add_ede(out, &reply->ede[i]);
    if (reply->has_nsid && text_is_printable_ascii(reply->nsid, reply->nsid_len))
        strbuf_add(&nsid, reply->nsid, reply->nsid_len);
    else if (reply->has_nsid)
        strbuf_add_hex(&nsid, reply->nsid, reply->nsid_len);
    html_add_pair(out, "NSID", strbuf_text(&nsid));
    add_answer(out, reply);
}

static void add_security(struct strbuf *out, const struct plan_probe *probe, const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf tsig = {0};
    char until[CLOCK_TEXT_SIZE];
    uint16_t error = outcome->status == OUTCOME_RESPONSE ? outcome->reply.tsig_error : DNS_TSIG_NONE;
    const char *status = dns_tsig_status_names[outcome->tsig];
    if (probe->client->key && status) strbuf_addf(&tsig, "reply is %s", status);
    if (error) {
        next_part(&tsig);
        strbuf_puts(&tsig, "error ");
        facts_add_tsig_error(&tsig, error);
    }
    html_add_pair(out, "TSIG", strbuf_text(&tsig));
    if (outcome->certificate_not_after_s && facts_format_seconds(outcome->certificate_not_after_s, until)) {
        strbuf_puts(out, "<dt>certificate until</dt><dd>");
        html_add_rfc3339(out, until);
        strbuf_puts(out, "</dd>\n");
    }
}

void page_add_outcome(struct strbuf *out, const struct plan_probe *probe, const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(strbuf_fini) struct strbuf error = {0};
    bool is_whole = outcome->status == OUTCOME_RESPONSE;
    if (is_whole)
        tell_reply(&text, &outcome->reply);
    else
        tell_failure(&text, outcome);
    tell_way(&text, probe, outcome);
    html_add_pair(out, "got", strbuf_text(&text));
    if (outcome->error.step != OUTCOME_STEP_NONE) outcome_describe_error(outcome, probe, &error);
    html_add_pair(out, "error", strbuf_text(&error));
    if (outcome->zone == OUTCOME_ZONE_NOT_SERVED) strbuf_puts(out, "<dt>zone</dt><dd>its SOA was not told</dd>\n");
    if (is_whole) add_reply(out, &outcome->reply);
    add_security(out, probe, outcome);
    strbuf_puts(out, "<dt>last run</dt><dd>");
    html_add_time(out, outcome->ended_wall_ns);
    strbuf_puts(out, "</dd>\n");
}
