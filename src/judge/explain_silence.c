/* Decides what an outcome without any reply tells an operator, and where to look next. */
#include <errno.h>

#include "dnspolicy/base/mem.h"
#include "explain.h"

struct advice {
    uint8_t step; /* OUTCOME_STEP_NONE: any */
    int number;   /* 0: any */
    const char *text;
};

static const struct advice local_advice[] = {
    {OUTCOME_STEP_NETNS, ENOENT, "the namespace is not there: create it, or correct `netns`"},
    {OUTCOME_STEP_NETNS, EPERM, "grant it to this program"},
    {OUTCOME_STEP_NETNS, EACCES, "let this program read it and search the folders above it"},
    {OUTCOME_STEP_NETNS, EINVAL, "correct `netns`"},
    {OUTCOME_STEP_INTERFACE, ENODEV, "the interface is not there: bring it back, or correct `interface`"},
    {OUTCOME_STEP_INTERFACE, EPERM, "grant it to this program"},
    {OUTCOME_STEP_MARK, EPERM, "grant it to this program"},
    {OUTCOME_STEP_TRANSPARENT, EPERM, "grant it to this program"},
    {OUTCOME_STEP_SOURCE_SUBNET, 0, "set `source`, or `nat: true` where the server sees another address"},
    {OUTCOME_STEP_SOURCE_CHANGED, 0, "the address has gone from this host: add it again"},
    {OUTCOME_STEP_NONE, EADDRNOTAVAIL, "add the address to this host, or correct `source`"},
    {OUTCOME_STEP_NONE, ENODEV, "its interface has gone: when it is back, reload the configuration"},
    {OUTCOME_STEP_NONE, EACCES, "a privilege is missing"},
    {OUTCOME_STEP_NONE, EPERM, "a local firewall prohibits it, or a privilege is missing"},
    {OUTCOME_STEP_NONE, EMFILE, "raise the limit on open files, or spread the probes over longer intervals"},
    {OUTCOME_STEP_NONE, ENFILE, "this host is out of file descriptors"},
};

/* Without an ICMP error it was this host's own routing that said no. */
static const struct advice route_advice[] = {
    {OUTCOME_STEP_CONNECT, ENETUNREACH, "this host has no route to it from that source"},
    {OUTCOME_STEP_CONNECT, EHOSTUNREACH, "see this host's routes and whether the neighbour answers"},
    {OUTCOME_STEP_CONNECT, EACCES, "a `prohibit` route or a firewall of this host"},
    {OUTCOME_STEP_CONNECT, EINVAL, "a `blackhole` route of this host"},
    {OUTCOME_STEP_NONE, 0, "look at routes and firewalls on the way"},
};

static void tell_advice(const struct telling *t, const struct advice *advice, size_t count)
{
    const struct outcome_error *error = &t->outcome->error;
    for (size_t i = 0; i < count; i++) {
        if (advice[i].step != OUTCOME_STEP_NONE && (advice[i].step != error->step || error->has_icmp)) continue;
        if (advice[i].number && advice[i].number != error->number) continue;
        tell(t, "; %s", advice[i].text);
        return;
    }
}

void explain_local_error(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; the query of ");
    tell_client(t);
    tell(t, " to %s could not be sent from here as asked: ", t->probe->resolver->name);
    tell_error(t);
    tell_advice(t, local_advice, ARRAY_LEN(local_advice));
}

void explain_network_error(const struct telling *t)
{
    tell_expected(t);
    if (t->outcome->truncated) {
        tell(t, "; %s sent ", t->probe->resolver->name);
        tell_client(t);
        tell(t, " a truncated reply over udp, and the query over tcp did not get there: ");
    } else {
        tell(t, "; the query of ");
        tell_client(t);
        tell(t, " did not get to %s at ", t->probe->resolver->name);
        tell_where(t);
        tell(t, ": ");
    }
    tell_error(t);
    if (t->outcome->status == OUTCOME_CONNECT_REFUSED)
        tell(t, "; no server listens there, or a firewall rejects: that is the network, not the DNS rcode REFUSED");
    else
        tell_advice(t, route_advice, ARRAY_LEN(route_advice));
}

static void tell_attempts(const struct telling *t)
{
    if (t->outcome->attempts > 1) tell(t, " to any of %u attempts", t->outcome->attempts);
}

static void tell_what_was_silent(const struct telling *t)
{
    if (t->outcome->truncated) {
        tell(t, "; %s sent ", t->probe->resolver->name);
        tell_client(t);
        tell(t, " a truncated reply over udp and none over tcp");
        return;
    }
    if (t->outcome->cut_short) {
        tell(t, "; %s began to answer ", t->probe->resolver->name);
        tell_client(t);
        tell(t, " and %s before all of it had come",
             t->outcome->status == OUTCOME_TIMEOUT  ? "the time was over"
             : t->outcome->status == OUTCOME_CLOSED ? "closed the connection"
                                                    : "reset the connection");
        return;
    }
    switch ((enum outcome_status)t->outcome->status) {
    case OUTCOME_CLOSED:
    case OUTCOME_RESET:
        tell(t, "; %s accepted the connection of ", t->probe->resolver->name);
        tell_client(t);
        tell(t, " and %s it without an answer", t->outcome->status == OUTCOME_CLOSED ? "closed" : "reset");
        return;
    default:
        tell(t, "; %s did not reply to ", t->probe->resolver->name);
        tell_client(t);
        tell_attempts(t);
    }
}

/* Replies to an address that is not this host's come here only if somebody sends them. */
static void tell_return_route(const struct telling *t)
{
    if (!t->probe->client->transparent || t->outcome->truncated || t->outcome->cut_short) return;
    tell(t,
         "; see that replies to its source, which is not local, are routed to this host and taken in (AnyIP: `ip route "
         "add local`)");
}

static void tell_what_it_means(const struct telling *t)
{
    if (t->outcome->truncated) {
        tell(t, ": see that %s serves TCP to this client too", t->probe->resolver->name);
    } else if (t->outcome->cut_short) {
        tell(t, ": that is neither an answer nor a denial; see %s",
             t->outcome->status == OUTCOME_TIMEOUT
                 ? "that `timeout` is long enough for what it sends, and the path's MTU"
                 : "its log");
    } else if (t->judgement.failed_part == JUDGE_PART_NONE) {
        tell(t, ", and no other probe has had a reply from ");
        tell_where(t);
        tell(t,
             " lately: it may be down, so silence proves no denial; see that it runs, and have another check that it "
             "answers");
    } else if (t->judgement.failed_part != JUDGE_PART_RCODE) {
        tell(t, ": silence has neither flags nor records, and the expectation asks for them");
    } else if (t->outcome->status == OUTCOME_TIMEOUT) {
        tell(t,
             ": it is down, the network or a firewall drops, or its access list drops silently; compare with another "
             "client");
    } else {
        tell(t, ": access lists that drop do this to clients they deny; compare with another client");
    }
}

void explain_no_response(const struct telling *t)
{
    tell_expected(t);
    tell_what_was_silent(t);
    tell_what_it_means(t);
    tell_return_route(t);
}
