/*
 * Decides the command that sends the same query as a probe did. It must undo what dig adds of its own (AD, a cookie) and
 * ask for what dig leaves out. dig takes its words in any order and guesses what they are, so whatever it could
 * mistake is named by an option.
 */
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/views/report.h"

#define DIG_BUFSIZE 1232 /* what dig 9.18 and later advertise by themselves */

static void add_word(struct strbuf *out, const char *word)
{
    strbuf_putc(out, ' ');
    text_add_shell_word(out, word);
}

static void add_server(const struct plan_probe *probe, struct strbuf *out)
{
    const struct addr *source = &probe->client->source[probe->family];
    char address[ADDR_TEXT_SIZE + 1] = "@";
    addr_format(&probe->resolver->address, address + 1);
    strbuf_puts(out, "dig");
    add_word(out, address);
    strbuf_addf(out, " -p %u", probe->port);
    if (!source->present) return;
    addr_format(source, address);
    strbuf_puts(out, " -b");
    add_word(out, address);
}

static void add_flags(const struct plan_probe *probe, const struct dns_question *question, struct strbuf *out)
{
    if (probe->transport == TRANSPORT_TCP) strbuf_puts(out, " +tcp");
    /* dig asks for ANY over TCP unless told otherwise. */
    if (probe->transport == TRANSPORT_UDP && question->type == DNS_TYPE_ANY) strbuf_puts(out, " +notcp");
    if (question->edns && question->nsid) strbuf_puts(out, " +nsid");
    strbuf_puts(out, " +nocookie +noadflag");
    if (!question->recursion_desired) strbuf_puts(out, " +norecurse");
    if (question->checking_disabled) strbuf_puts(out, " +cdflag");
    if (!question->edns) {
        strbuf_puts(out, " +noedns");
        return;
    }
    if (question->dnssec_ok) strbuf_puts(out, " +dnssec");
    if (question->bufsize != DIG_BUFSIZE) strbuf_addf(out, " +bufsize=%u", question->bufsize);
}

/* A bare word without a dot may be a type or a class to dig ("mx", "in"), and some first characters mean something else. */
static bool is_plainly_a_name(const char *name)
{
    bool begins_plain = (name[0] >= 'a' && name[0] <= 'z') || (name[0] >= '0' && name[0] <= '9') || name[0] == '_';
    return strcmp(name, ".") == 0 || (begins_plain && strchr(name, '.'));
}

static void add_question(const struct dns_question *question, const char *name, struct strbuf *out)
{
    char type[DNS_NUMBER_TEXT_SIZE], klass[DNS_NUMBER_TEXT_SIZE];
    dns_type_format(question->type, type);
    dns_class_format(question->klass, klass);
    if (!is_plainly_a_name(name)) strbuf_puts(out, " -q");
    add_word(out, name);
    add_word(out, type);
    if (question->klass == DNS_CLASS_IN) return;
    strbuf_puts(out, " -c"); /* a bare ANY would be the type */
    add_word(out, klass);
}

void report_reproduce(const struct plan_probe *probe, const struct outcome *outcome, struct strbuf *out)
{
    const struct dns_question *question = &probe->query->config->question;
    struct dns_stamp stamp = {0};
    char name[DNS_NAME_TEXT_SIZE];
    for (size_t i = 0; i < sizeof(stamp.random); i++) stamp.random[i] = (uint8_t)(probe->id >> (56 - 8 * i));
    dns_query_name(question->name, outcome ? &outcome->stamp : &stamp, name);
    add_server(probe, out);
    add_flags(probe, question, out);
    add_question(question, name, out);
}
