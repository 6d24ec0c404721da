/*
 * Decides how an outcome's error reads: what was being done, what came of it, and what it would need. Knows nothing of
 * what the error means.
 */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <errno.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/probe/outcome.h"

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

static void add_or(struct strbuf *out, const struct addr *addr, const char *otherwise)
{
    if (addr->present)
        add_address(out, addr);
    else
        strbuf_puts(out, otherwise);
}

static void describe_changed_source(const struct outcome *outcome, const struct addr *asked, struct strbuf *out)
{
    strbuf_puts(out, "the source is ");
    add_or(out, &outcome->local, "another address");
    strbuf_puts(out, ", not ");
    add_or(out, asked, "the one that was bound");
}

static void describe_chosen_source(const struct outcome *outcome, struct strbuf *out)
{
    strbuf_puts(out, "the kernel chose ");
    add_or(out, &outcome->local, "a source");
    strbuf_puts(out,
                outcome->local.present ? " as source, outside the client's subnet" : " outside the client's subnet");
}

static void describe_tls(const struct outcome_error *error, struct strbuf *out)
{
    const char *reason = error->tls ? ERR_reason_error_string((unsigned long)error->tls) : NULL;
    strbuf_puts(out, "TLS handshake");
    if (reason)
        strbuf_addf(out, ": %s", reason);
    else if (error->tls)
        strbuf_addf(out, ": OpenSSL error %llx", (unsigned long long)error->tls);
}

static void describe_http(const struct outcome *outcome, struct strbuf *out)
{
    switch ((enum outcome_http_error)outcome->error.http) {
    case OUTCOME_HTTP_STATUS:
        strbuf_addf(out, "HTTP status %u", outcome->http_status);
        return;
    case OUTCOME_HTTP_NO_HTTP2:
        strbuf_puts(out, "the server speaks no HTTP/2");
        return;
    case OUTCOME_HTTP_PROTOCOL:
        strbuf_puts(out, "the server broke off the exchange, or broke the rules of HTTP/2");
        return;
    case OUTCOME_HTTP_MEDIA_TYPE:
        strbuf_puts(out, "the server's answer is not of the type application/dns-message");
        return;
    }
}

/* What was being done. */
static void describe_step(const struct outcome *outcome, const struct plan_probe *probe, struct strbuf *out)
{
    const struct config_client *client = probe->client;
    const struct addr *source = &client->source[probe->family];
    switch ((enum outcome_step)outcome->error.step) {
    case OUTCOME_STEP_NONE:
        return;
    case OUTCOME_STEP_SOCKET:
        strbuf_puts(out, "open a socket");
        return;
    case OUTCOME_STEP_BIND:
        strbuf_puts(out, source->present ? "bind to " : "bind");
        add_or(out, source, "");
        return;
    case OUTCOME_STEP_CONNECT:
        strbuf_puts(out, "connect");
        return;
    case OUTCOME_STEP_SOURCE_SUBNET:
        describe_chosen_source(outcome, out);
        return;
    case OUTCOME_STEP_SOURCE_CHANGED:
        describe_changed_source(outcome, source, out);
        return;
    case OUTCOME_STEP_SEND:
        strbuf_puts(out, "send");
        return;
    case OUTCOME_STEP_RECEIVE:
        strbuf_puts(out, "receive");
        return;
    case OUTCOME_STEP_NETNS:
        strbuf_addf(out, "enter the network namespace %s", client->netns);
        return;
    case OUTCOME_STEP_INTERFACE:
        strbuf_addf(out, "bind to the interface %s", client->interface);
        return;
    case OUTCOME_STEP_MARK:
        strbuf_addf(out, "set the mark %u", client->mark);
        return;
    case OUTCOME_STEP_TRANSPARENT:
        strbuf_puts(out, "send from an address that is not local");
        return;
    case OUTCOME_STEP_TLS:
        describe_tls(&outcome->error, out);
        return;
    case OUTCOME_STEP_CERTIFICATE:
        strbuf_addf(out, "verify the certificate: %s", X509_verify_cert_error_string(outcome->error.number));
        return;
    case OUTCOME_STEP_HTTP:
        describe_http(outcome, out);
        return;
    }
}

/* What this process lacks for the step, or what else the error comes from; NULL: the error speaks for itself. */
static const char *remedy(const struct outcome_error *error)
{
    static const struct {
        enum outcome_step step;
        int number;
        const char *text;
    } remedies[] = {
        {OUTCOME_STEP_NETNS, EPERM, "it needs CAP_SYS_ADMIN"},
        {OUTCOME_STEP_NETNS, EINVAL, "it is no network namespace"},
        {OUTCOME_STEP_INTERFACE, EPERM, "it needs CAP_NET_RAW"},
        {OUTCOME_STEP_MARK, EPERM, "it needs CAP_NET_ADMIN, or since Linux 5.17 CAP_NET_RAW"},
        {OUTCOME_STEP_TRANSPARENT, EPERM, "it needs CAP_NET_ADMIN or CAP_NET_RAW"},
    };
    for (size_t i = 0; i < ARRAY_LEN(remedies); i++)
        if (remedies[i].step == error->step && remedies[i].number == error->number) return remedies[i].text;
    return NULL;
}

void outcome_describe_error(const struct outcome *outcome, const struct plan_probe *probe, struct strbuf *out)
{
    const struct outcome_error *error = &outcome->error;
    if (error->has_icmp) {
        describe_icmp(outcome, out);
        return;
    }
    describe_step(outcome, probe, out);
    if (error->step == OUTCOME_STEP_CERTIFICATE) return;
    add_errno(out, error->number);
    const char *needed = remedy(error);
    if (needed) strbuf_addf(out, "; %s", needed);
}
