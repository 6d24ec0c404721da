/* One probe with all that is known of it. Decides the order: the sentence first, for it says what to do. */
#include "page_parts.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/views/report.h"
#include "facts.h"

/* ---- who asks, whom, what ---- */

/* How the client appears as itself. Of a key only the name. */
static void tell_client(struct strbuf *text, const struct plan_probe *probe)
{
    const struct config_client *client = probe->client;
    const struct addr *source = &client->source[probe->family];
    char address[ADDR_TEXT_SIZE], ecs[SUBNET_TEXT_SIZE];
    strbuf_addf(text, "%s (%s)", client->name, client->subnet_text[probe->subnet_family]);
    if (client->description) strbuf_addf(text, ", %s", client->description);
    if (source->present) {
        addr_format(source, address);
        strbuf_addf(text, ", source %s", address);
    }
    if (client->transparent) strbuf_puts(text, ", transparent");
    if (client->interface) strbuf_addf(text, ", interface %s", client->interface);
    if (client->netns) strbuf_addf(text, ", network namespace %s", client->netns);
    if (client->has_mark) strbuf_addf(text, ", mark %u", client->mark);
    if (probe->claimed) {
        addr_format(probe->claimed, address);
        strbuf_addf(text, ", claims %s in a PROXYv2 header", address);
    }
    if (client->ecs.present) {
        subnet_format(&client->ecs, ecs);
        strbuf_addf(text, ", ECS %s", ecs);
    }
    if (client->key) strbuf_addf(text, ", signs with %s", client->key->name);
}

static void tell_resolver(struct strbuf *text, const struct plan_probe *probe)
{
    char address[ADDR_PORT_TEXT_SIZE];
    addr_format_port(&probe->resolver->address, probe->port, address);
    strbuf_addf(text, "%s (%s), over %s", probe->resolver->name, address, transport_names[probe->transport]);
    if (probe->resolver->description) strbuf_addf(text, ", %s", probe->resolver->description);
    if (probe->resolver->group) strbuf_addf(text, ", of the group %s", probe->resolver->group);
}

/* What differs from the defaults is added; RD is always told, for so much hangs on it. */
static void tell_query(struct strbuf *text, const struct plan_query *query)
{
    const struct dns_question *question = &query->config->question;
    char type[DNS_NUMBER_TEXT_SIZE], klass[DNS_NUMBER_TEXT_SIZE], opcode[DNS_NUMBER_TEXT_SIZE];
    dns_type_format(question->type, type);
    dns_class_format(question->klass, klass);
    dns_opcode_format(question->opcode, opcode);
    strbuf_addf(text, "%s %s %s", question->name, klass, type);
    if (question->opcode != DNS_OPCODE_QUERY) strbuf_addf(text, ", opcode %s", opcode);
    if (question->zone) strbuf_addf(text, " of the zone %s", question->zone);
    strbuf_puts(text, question->recursion_desired ? ", RD set" : ", RD clear");
    if (question->checking_disabled) strbuf_puts(text, ", CD set");
    if (question->dnssec_ok) strbuf_puts(text, ", DO set");
    if (!question->edns) strbuf_puts(text, ", no EDNS");
    if (question->edns && question->bufsize != BUFSIZE_DEFAULT) strbuf_addf(text, ", bufsize %u", question->bufsize);
    if (question->edns && !question->nsid) strbuf_puts(text, ", no NSID asked");
    if (question->cookie) strbuf_puts(text, ", with a cookie");
}

static void add_question(struct strbuf *out, const struct plan_probe *probe, const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf client = {0};
    AUTO(strbuf_fini) struct strbuf resolver = {0};
    AUTO(strbuf_fini) struct strbuf query = {0};
    char name[DNS_NAME_TEXT_SIZE];
    tell_client(&client, probe);
    tell_resolver(&resolver, probe);
    tell_query(&query, probe->query);
    html_add_pair(out, "client", strbuf_text(&client));
    html_add_pair(out, "resolver", strbuf_text(&resolver));
    html_add_pair(out, "query", strbuf_text(&query));
    if (!outcome || !outcome->attempts || !dns_name_has_random(probe->query->config->question.name)) return;
    dns_query_name(probe->query->config->question.name, &outcome->stamp, name);
    html_add_pair(out, "asked as", name);
}

/* ---- what stands ---- */

static void add_standing(struct strbuf *out, const struct probe_numbers *numbers)
{
    enum verdict verdict = (enum verdict)numbers->judgement.verdict;
    strbuf_addf(out, "<dt>verdict</dt><dd class=\"%s\">", category_names[verdict_table[verdict].category]);
    page_add_verdict(out, verdict);
    strbuf_puts(out, "</dd>\n<dt>since</dt><dd>");
    html_add_time(out, numbers->since_wall_ns);
    strbuf_addf(out, "; %llu in a row of %llu runs</dd>\n", (unsigned long long)numbers->consecutive,
                (unsigned long long)numbers->runs);
}

static void add_check(struct strbuf *out, const struct config_check *check)
{
    html_add_pair(out, "check", check->name);
    html_add_pair(out, "description", check->description);
    html_add_pair(out, "severity", check->severity);
    if (check->policy) html_add_pair(out, "policy", policy_operation_names[check->policy->operation]);
}

static void add_reproduce(struct strbuf *out, const struct plan_probe *probe, const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf command = {0};
    report_reproduce(probe, outcome && outcome->attempts ? outcome : NULL, &command);
    strbuf_puts(out, "<div class=\"reproduce\">\n<h3>Reproduce</h3>\n<pre id=\"reproduce\"><code>");
    html_add_bytes(out, strbuf_text(&command), command.len);
    strbuf_puts(out, "</code></pre>\n"
                     "<button type=\"button\" class=\"copy\" data-copy=\"reproduce\" hidden>Copy</button>\n</div>\n");
}

static void add_probe(struct page *page, uint32_t idx)
{
    const struct plan_probe *probe = &page->plan->probes[idx];
    struct strbuf *out = page->out;
    AUTO(probe_detail_fini) struct probe_detail detail = {0};
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    char id[PLAN_ID_TEXT_SIZE];
    generation_copy_detail(page->generation, idx, &detail);
    const struct outcome *outcome = detail.has_outcome ? &detail.outcome : NULL;
    judge_explain(probe, outcome, detail.numbers.judgement, &sentence);
    plan_format_id(probe->id, id);

    strbuf_addf(out, "<section id=\"probe\" class=\"%s\">\n<h2>",
                category_names[verdict_table[detail.numbers.judgement.verdict].category]);
    html_add_text(out, probe->check->name);
    strbuf_puts(out, "</h2>\n<p class=\"explanation\">");
    html_add_bytes(out, strbuf_text(&sentence), sentence.len);
    strbuf_puts(out, "</p>\n<dl>\n");
    add_standing(out, &detail.numbers);
    page_add_expectation(out, &probe->check->expect);
    if (outcome) page_add_outcome(out, probe, outcome);
    add_question(out, probe, outcome);
    add_check(out, probe->check);
    strbuf_puts(out, "</dl>\n");
    add_reproduce(out, probe, outcome);
    strbuf_addf(out, "<p class=\"json\"><a href=\"./api/v1/probes/%s\">this probe as JSON</a></p>\n</section>\n", id);
}

unsigned page_show_probe(struct page *page, uint64_t id)
{
    AUTO(strbuf_fini) struct strbuf title = {0};
    uint32_t idx = plan_find(page->plan, id);
    if (idx == PLAN_NONE) {
        page_error(404, "No probe has this id: it may have gone with a reload.", page->out);
        return 404;
    }
    const struct plan_probe *probe = &page->plan->probes[idx];
    unsigned category = verdict_table[page->every.verdicts[idx]].category;
    strbuf_addf(&title, "dnspolicy: %s: %s", page_words[category].word, probe->check->name);
    page_begin(page->out, strbuf_text(&title), page->now_wall_ns);
    page_add_notice(page);
    page_add_summary(page);
    page_begin_path(page->out);
    page_add_step(page->out, probe->client->name, NULL);
    page_add_step(page->out, probe->client->name, probe->resolver->name);
    page_end_path(page->out);
    add_probe(page, idx);
    page_add_changes(page, probe->id);
    page_end(page->out, page->telemetry_path);
    return 200;
}
