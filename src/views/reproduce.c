/*
 * Decides the command that sends the same query as a probe did: dig, kdig for what dig cannot (PROXYv2), nsupdate for
 * an update. It must undo what dig adds of its own (AD, a cookie) and ask for what dig leaves out. dig takes its words
 * in any order and guesses what they are, so whatever it could mistake is named by an option. What no command can say
 * stands in a comment behind it. A secret is read from its file by the shell, and never shown.
 */
#include <stdio.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/views/report.h"

#define DIG_BUFSIZE 1232 /* what dig 9.18 and later advertise by themselves */
#define NETNS_DIRECTORY "/run/netns/"

struct command {
    const struct plan_probe *probe;
    const struct dns_question *question;
    const struct outcome *outcome; /* NULL: none */
    const char *name;              /* as it was asked */
    struct strbuf *out;
    struct strbuf notes; /* what the command cannot say */
};

static void add_word(const struct command *command, const char *word)
{
    strbuf_putc(command->out, ' ');
    text_add_shell_word(command->out, word);
}

static void add_address(const struct command *command, const char *before, const struct addr *addr)
{
    char text[ADDR_TEXT_SIZE];
    addr_format(addr, text);
    AUTO(mem_free_ptr) char *word = mem_printf("%s%s", before, text);
    add_word(command, word);
}

/* A comment ends with its line, so nothing in it may. */
static void note(struct command *command, const char *before, const char *text)
{
    strbuf_puts(&command->notes, command->notes.len ? "; " : "  # ");
    strbuf_puts(&command->notes, before);
    text_add_clean(&command->notes, text, strlen(text));
}

static const char *netns_name(const char *path)
{
    size_t len = strlen(NETNS_DIRECTORY);
    return strncmp(path, NETNS_DIRECTORY, len) == 0 && !strchr(path + len, '/') ? path + len : NULL;
}

static void add_program(const struct command *command, const char *program)
{
    const char *path = command->probe->client->netns;
    if (path && netns_name(path)) {
        strbuf_puts(command->out, "ip netns exec");
        add_word(command, netns_name(path));
        strbuf_putc(command->out, ' ');
    } else if (path) {
        AUTO(mem_free_ptr) char *option = mem_printf("--net=%s", path);
        strbuf_puts(command->out, "nsenter");
        add_word(command, option);
        strbuf_putc(command->out, ' ');
    }
    strbuf_puts(command->out, program);
}

/* What is in the quotes, as tsig-keygen writes them. */
#define SECRET_OF_CLAUSE "sed -n 's/^\\(.*[[:space:];{]\\)\\{0,1\\}secret[[:space:]]*\"\\([^\"]*\\).*/\\2/p' "

/* dig, kdig and nsupdate take keys alike, but for the clause, which is no key file to kdig. */
static void add_key(struct command *command, bool is_kdig)
{
    const struct config_key *key = command->probe->client->key;
    if (!key) return;
    if (key->secret_path && key->is_clause && !is_kdig) {
        strbuf_puts(command->out, " -k");
        add_word(command, key->secret_path);
        return;
    }
    AUTO(mem_free_ptr) char *start = mem_printf("%s:%s:", dns_tsig_algorithm_names[key->algorithm], key->name);
    strbuf_puts(command->out, " -y");
    add_word(command, start);
    if (!key->secret_path) {
        strbuf_puts(command->out, "\"$SECRET\"");
        note(command, "SECRET is that of the key ", key->name);
        return;
    }
    strbuf_puts(command->out, "\"$(");
    strbuf_puts(command->out, key->is_clause ? SECRET_OF_CLAUSE : "cat ");
    if (key->secret_path[0] == '-') strbuf_puts(command->out, "./");
    text_add_shell_word(command->out, key->secret_path);
    strbuf_puts(command->out, ")\"");
}

static void note_context(struct command *command)
{
    const struct config_client *client = command->probe->client;
    char mark[12];
    if (client->interface) note(command, "sent through the interface ", client->interface);
    if (client->has_mark) {
        snprintf(mark, sizeof(mark), "%u", client->mark);
        note(command, "with the mark ", mark);
    }
    if (client->transparent) note(command, "from a source that is not local, by IP_TRANSPARENT", "");
}

/* ---- dig and kdig ---- */

static void add_server(struct command *command)
{
    const struct plan_probe *probe = command->probe;
    const struct addr *source = &probe->client->source[probe->family];
    add_address(command, "@", &probe->resolver->address);
    strbuf_addf(command->out, " -p %u", probe->port);
    if (!source->present) return;
    strbuf_puts(command->out, " -b");
    add_address(command, "", source);
}

static void add_option(const struct command *command, const char *option, const char *value)
{
    AUTO(mem_free_ptr) char *word = mem_printf("%s%s%s", option, value ? "=" : "", value ? value : "");
    add_word(command, word);
}

static void add_tls(const struct command *command)
{
    const struct config_resolver *resolver = command->probe->resolver;
    add_option(command, "+tls-ca", resolver->tls_ca_file);
    if (resolver->tls_server_name) add_option(command, "+tls-hostname", resolver->tls_server_name);
}

static void add_transport(const struct command *command, bool is_kdig)
{
    const struct config_resolver *resolver = command->probe->resolver;
    switch ((enum transport)command->probe->transport) {
    case TRANSPORT_UDP:
        /* dig asks for ANY over TCP unless told otherwise. */
        if (!is_kdig && command->question->type == DNS_TYPE_ANY) strbuf_puts(command->out, " +notcp");
        return;
    case TRANSPORT_TCP:
        strbuf_puts(command->out, " +tcp");
        return;
    case TRANSPORT_TLS:
        strbuf_puts(command->out, " +tls");
        add_tls(command);
        return;
    case TRANSPORT_HTTPS:
        add_option(command, resolver->https_get && !is_kdig ? "+https-get" : "+https", resolver->https_path);
        if (resolver->https_get && is_kdig) strbuf_puts(command->out, " +https-get");
        add_tls(command);
        return;
    case TRANSPORTS:
        return;
    }
}

static void add_edns(const struct command *command, bool is_kdig)
{
    const struct dns_question *question = command->question;
    const struct config_client *client = command->probe->client;
    if (!question->edns) {
        if (!is_kdig) strbuf_puts(command->out, " +noedns");
        return;
    }
    if (question->dnssec_ok) strbuf_puts(command->out, " +dnssec");
    if (is_kdig || question->bufsize != DIG_BUFSIZE) strbuf_addf(command->out, " +bufsize=%u", question->bufsize);
    if (client->ecs.present) {
        char ecs[SUBNET_TEXT_SIZE];
        subnet_format(&client->ecs, ecs);
        strbuf_addf(command->out, " +subnet=%s", ecs);
    }
}

/* kdig makes a NOTIFY of a type, and knows no other opcode. */
static void add_opcode(struct command *command, bool is_kdig)
{
    uint8_t opcode = command->question->opcode;
    char name[DNS_NUMBER_TEXT_SIZE];
    if (opcode == DNS_OPCODE_QUERY) return;
    if (opcode == DNS_OPCODE_NOTIFY) {
        strbuf_puts(command->out, is_kdig ? " +aaflag" : " +opcode=notify +aaflag");
    } else if (is_kdig) {
        dns_opcode_format(opcode, name);
        note(command, "with the opcode, which kdig does not write, ", name);
    } else {
        strbuf_addf(command->out, " +opcode=%u", opcode);
    }
}

static void add_flags(struct command *command, bool is_kdig)
{
    const struct dns_question *question = command->question;
    if (question->edns && question->nsid) strbuf_puts(command->out, " +nsid");
    strbuf_puts(command->out, question->edns && question->cookie ? " +cookie" : " +nocookie");
    strbuf_puts(command->out, " +noadflag");
    if (!question->recursion_desired || dns_question_zone(question)) strbuf_puts(command->out, " +norecurse");
    if (question->checking_disabled) strbuf_puts(command->out, " +cdflag");
    add_opcode(command, is_kdig);
    add_edns(command, is_kdig);
}

/* A bare word without a dot may be a type or a class to dig ("mx", "in"), and some first characters mean something
 * else. */
static bool is_plainly_a_name(const char *name)
{
    bool begins_plain = (name[0] >= 'a' && name[0] <= 'z') || (name[0] >= '0' && name[0] <= '9') || name[0] == '_';
    return strcmp(name, ".") == 0 || (begins_plain && strchr(name, '.'));
}

/* The serial after the one that the server has moves no zone; 0 where it is not known. */
static void add_type(const struct command *command, bool is_kdig)
{
    const struct outcome *outcome = command->outcome;
    char type[DNS_NUMBER_TEXT_SIZE];
    dns_type_format(command->question->type, type);
    if (dns_question_is_transfer(command->question) && command->question->type == DNS_TYPE_IXFR) {
        bool is_known = outcome && outcome->status == OUTCOME_RESPONSE && outcome->reply.answer_starts_with_soa;
        strbuf_addf(command->out, " IXFR=%u", is_known ? outcome->reply.soa_serial + 1 : 0);
    } else if (command->question->opcode == DNS_OPCODE_NOTIFY) {
        strbuf_puts(command->out, is_kdig ? " NOTIFY" : " SOA");
    } else {
        add_word(command, type);
    }
}

static void add_question(const struct command *command, bool is_kdig)
{
    char klass[DNS_NUMBER_TEXT_SIZE];
    dns_class_format(command->question->klass, klass);
    if (!is_plainly_a_name(command->name)) strbuf_puts(command->out, " -q");
    add_word(command, command->name);
    add_type(command, is_kdig);
    if (command->question->klass == DNS_CLASS_IN) return;
    strbuf_puts(command->out, " -c"); /* a bare ANY would be the type */
    add_word(command, klass);
}

/* kdig writes the header before a datagram and at the start of a TCP connection, and not before TLS. */
static void add_claim(struct command *command, bool is_kdig)
{
    const struct plan_probe *probe = command->probe;
    char source[ADDR_TEXT_SIZE], destination[ADDR_TEXT_SIZE];
    if (!probe->resolver->proxy) return;
    if (!is_kdig) {
        note(command, "with a PROXYv2 header that leaves the source as it is (LOCAL)", "");
        return;
    }
    addr_format(probe->claimed, source);
    addr_format(&probe->resolver->address, destination);
    if (probe->transport == TRANSPORT_TLS || probe->transport == TRANSPORT_HTTPS) {
        note(command, "with a PROXYv2 header before TLS, which kdig does not write, that claims ", source);
        return;
    }
    AUTO(mem_free_ptr)
    char *word = mem_printf("+proxy=%s#%u-%s#%u", source, command->outcome ? command->outcome->claimed_port : 0,
                            destination, probe->port);
    add_word(command, word);
}

/* dig repeats its words at the top of its output, which people paste elsewhere. */
static bool has_secret_in_words(const struct config_key *key) { return key && !(key->secret_path && key->is_clause); }

static void add_dig(struct command *command)
{
    bool is_kdig = command->probe->claimed != NULL;
    add_program(command, is_kdig ? "kdig" : "dig");
    add_server(command);
    add_transport(command, is_kdig);
    add_claim(command, is_kdig);
    add_key(command, is_kdig);
    if (!is_kdig && has_secret_in_words(command->probe->client->key)) strbuf_puts(command->out, " +nocmd");
    add_flags(command, is_kdig);
    add_question(command, is_kdig);
}

/* ---- nsupdate ---- */

static void add_line(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_line(const struct command *command, const char *format, ...)
{
    AUTO(strbuf_fini) struct strbuf line = {0};
    va_list args;
    va_start(args, format);
    strbuf_addv(&line, format, args);
    va_end(args);
    add_word(command, strbuf_text(&line));
}

static void add_nsupdate(struct command *command)
{
    const struct plan_probe *probe = command->probe;
    const struct dns_question *question = command->question;
    const struct addr *source = &probe->client->source[probe->family];
    const char *rdata = dns_update_rdata(question->type);
    char address[ADDR_TEXT_SIZE], local[ADDR_TEXT_SIZE], type[DNS_NUMBER_TEXT_SIZE];
    addr_format(&probe->resolver->address, address);
    dns_type_format(question->type, type);

    strbuf_puts(command->out, "printf '%s\\n'");
    add_line(command, "server %s %u", address, probe->port);
    if (source->present) addr_format(source, local);
    if (source->present) add_line(command, "local %s", local);
    add_line(command, "zone %s", question->zone);
    add_line(command, "prereq nxrrset %s SOA", question->zone);
    add_line(command, "update delete %s %s %s", command->name, type, rdata ? rdata : "");
    add_word(command, "send");
    strbuf_puts(command->out, " | ");
    add_program(command, "nsupdate");
    if (probe->transport != TRANSPORT_UDP) strbuf_puts(command->out, " -v");
    add_key(command, false);
    if (probe->transport > TRANSPORT_TCP)
        note(command, "nsupdate has TCP only where this goes over ", transport_names[probe->transport]);
    if (!probe->resolver->proxy) return;
    if (probe->claimed) addr_format(probe->claimed, address);
    note(command, "with a PROXYv2 header, which nsupdate does not write", probe->claimed ? ", that claims " : "");
    if (probe->claimed) strbuf_puts(&command->notes, address);
}

void report_reproduce(const struct plan_probe *probe, const struct outcome *outcome, struct strbuf *out)
{
    struct dns_stamp stamp = {0};
    char name[DNS_NAME_TEXT_SIZE];
    struct command command = {
        .probe = probe, .question = &probe->query->config->question, .outcome = outcome, .name = name, .out = out};
    for (size_t i = 0; i < sizeof(stamp.random); i++) stamp.random[i] = (uint8_t)(probe->id >> (56 - 8 * i));
    dns_query_name(command.question->name, outcome ? &outcome->stamp : &stamp, name);
    if (command.question->opcode == DNS_OPCODE_UPDATE)
        add_nsupdate(&command);
    else
        add_dig(&command);
    note_context(&command);
    strbuf_add(out, strbuf_text(&command.notes), command.notes.len);
    strbuf_fini(&command.notes);
}
