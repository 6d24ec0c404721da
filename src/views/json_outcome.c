/* Decides what of one run's outcome the API shows, and under which keys. Judges nothing. */
#include "document.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "facts.h"

static json_t *flags_of(const struct dns_reply *reply)
{
    json_t *list = doc_list();
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++)
        if (reply->flags & (1u << i)) doc_add(list, doc_text(dns_flag_names[i]));
    return list;
}

static json_t *counts_of(const struct dns_reply *reply)
{
    static const char *const names[DNS_SECTIONS] = {"question", "answer", "authority", "additional"};
    json_t *counts = doc_object();
    for (unsigned i = 0; i < DNS_SECTIONS; i++) doc_set(counts, names[i], doc_number(reply->counts[i]));
    return counts;
}

static json_t *answer_of(const struct dns_reply *reply)
{
    json_t *list = doc_list();
    const char *at = reply->answer, *record;
    for (size_t len; facts_next_record(reply, &at, &record, &len);) doc_add(list, doc_bytes(record, len));
    return list;
}

static json_t *ede_of(const struct dns_reply *reply)
{
    json_t *list = doc_list();
    for (unsigned i = 0; i < reply->ede_count; i++) {
        const struct dns_ede *ede = &reply->ede[i];
        json_t *object = doc_object();
        doc_set(object, "code", doc_number(ede->code));
        doc_set(object, "name", doc_text(dns_ede_name(ede->code)));
        doc_set(object, "text", ede->text ? doc_bytes(ede->text, ede->text_len) : json_null());
        doc_add(list, object);
    }
    return list;
}

static json_t *nsid_of(const struct dns_reply *reply)
{
    if (!reply->has_nsid) return json_null();
    AUTO(strbuf_fini) struct strbuf hex = {0};
    bool is_text = text_is_printable_ascii(reply->nsid, reply->nsid_len);
    strbuf_add_hex(&hex, reply->nsid, reply->nsid_len);
    json_t *nsid = doc_object();
    doc_set(nsid, "hex", doc_text(strbuf_text(&hex)));
    doc_set(nsid, "text", is_text ? doc_bytes(reply->nsid, reply->nsid_len) : json_null());
    return nsid;
}

/* Of a malformed reply the header is known, when there was one. */
static void set_reply(json_t *object, const struct outcome *outcome, const char *qname)
{
    static const struct dns_reply nothing;
    bool is_whole = outcome->status == OUTCOME_RESPONSE;
    bool is_malformed = outcome->status == OUTCOME_MALFORMED;
    bool has_header = is_whole || (is_malformed && outcome->reply.size >= DNS_HEADER_SIZE);
    const struct dns_reply *header = has_header ? &outcome->reply : &nothing;
    const struct dns_reply *reply = is_whole ? &outcome->reply : &nothing;
    char rcode[DNS_NUMBER_TEXT_SIZE];
    dns_rcode_format(header->rcode, rcode);

    doc_set(object, "rcode", doc_text(has_header ? rcode : NULL));
    doc_set(object, "flags", flags_of(header));
    doc_set(object, "qname", doc_text(qname));
    doc_set(object, "counts", is_whole ? counts_of(reply) : json_null());
    doc_set(object, "answer", answer_of(reply));
    if (reply->answer_cut) doc_set(object, "answer_cut", json_true());
    doc_set(object, "ede", ede_of(reply));
    doc_set(object, "nsid", nsid_of(reply));
    doc_set(object, "size", is_whole || is_malformed ? doc_number(outcome->reply.size) : json_null());
}

static json_t *seconds_of(int64_t ns) { return ns < 0 ? json_null() : json_real((double)ns / (double)NS_PER_SEC); }

static json_t *tsig_error_of(uint16_t error)
{
    if (error == DNS_TSIG_NONE) return json_null();
    AUTO(strbuf_fini) struct strbuf text = {0};
    facts_add_tsig_error(&text, error);
    return doc_text(strbuf_text(&text));
}

/* What a signature was worth, and whether a transfer's zone is there at all. */
static void set_security(json_t *object, const struct plan_probe *probe, const struct outcome *outcome)
{
    uint16_t error = outcome->status == OUTCOME_RESPONSE ? outcome->reply.tsig_error : DNS_TSIG_NONE;
    if (probe->client->key || error) {
        json_t *tsig = doc_object();
        doc_set(tsig, "status", doc_text(dns_tsig_status_names[outcome->tsig]));
        doc_set(tsig, "error", tsig_error_of(error));
        doc_set(object, "tsig", tsig);
    }
    if (outcome->zone != OUTCOME_ZONE_NOT_ASKED)
        doc_set(object, "zone", doc_text(outcome->zone == OUTCOME_ZONE_SERVED ? "served" : "not_served"));
}

static json_t *tls_of(const struct outcome *outcome)
{
    json_t *tls = doc_object();
    doc_set(tls, "resumed", json_boolean(outcome->is_resumed_session));
    doc_set(tls, "handshake_seconds", seconds_of(outcome->tls_ns));
    doc_set(tls, "certificate_not_after",
            outcome->certificate_not_after_s ? doc_seconds(outcome->certificate_not_after_s) : json_null());
    return tls;
}

static void set_connection(json_t *object, const struct plan_probe *probe, const struct outcome *outcome)
{
    char claimed[ADDR_PORT_TEXT_SIZE];
    if (transport_is_stream(probe->transport)) {
        doc_set(object, "connect_seconds", seconds_of(outcome->connect_ns));
        doc_set(object, "reused_connection", json_boolean(outcome->is_reused_connection));
    }
    if (probe->transport == TRANSPORT_TLS || probe->transport == TRANSPORT_HTTPS)
        doc_set(object, "tls", tls_of(outcome));
    if (outcome->http_status) doc_set(object, "http_status", doc_number(outcome->http_status));
    if (probe->claimed && outcome->claimed_port) {
        addr_format_port(probe->claimed, outcome->claimed_port, claimed);
        doc_set(object, "claimed", doc_text(claimed));
    }
}

json_t *doc_outcome(const struct plan_probe *probe, const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf error = {0};
    char qname[DNS_NAME_TEXT_SIZE], local[ADDR_PORT_TEXT_SIZE];
    dns_query_name(probe->query->config->question.name, &outcome->stamp, qname);
    if (outcome->local.present) addr_format_port(&outcome->local, outcome->local_port, local);

    json_t *object = doc_object();
    doc_set(object, "status", doc_text(outcome_status_names[outcome->status]));
    set_reply(object, outcome, outcome->attempts ? qname : NULL);
    doc_set(object, "rtt_seconds", seconds_of(outcome->rtt_ns));
    doc_set(object, "attempts", doc_number(outcome->attempts));
    if (outcome->truncated) doc_set(object, "truncated", json_true());
    if (outcome->cut_short) doc_set(object, "cut_short", json_true());
    if (outcome->bad_cookie) doc_set(object, "bad_cookie", json_true());
    set_security(object, probe, outcome);
    set_connection(object, probe, outcome);
    if (outcome->error.step != OUTCOME_STEP_NONE) {
        outcome_describe_error(outcome, probe, &error);
        doc_set(object, "error", doc_text(strbuf_text(&error)));
    }
    doc_set(object, "local", doc_text(outcome->local.present ? local : NULL));
    doc_set(object, "at", doc_time(outcome->ended_wall_ns));
    return object;
}
