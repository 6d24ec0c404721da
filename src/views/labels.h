/* The labels of one plan, escaped once, so that a sample is made of copies only. */
#ifndef VIEWS_LABELS_H
#define VIEWS_LABELS_H

#include "dnspolicy/judge/verdict.h"
#include "dnspolicy/plan/plan.h"
#include "dnspolicy/state/state.h"
#include "exposition.h"

/* A place in label_texts.text, which moves while it grows. */
struct label_piece {
    uint32_t at;
    uint32_t len;
};

/* Built from a plan, which must outlive it; read-only afterwards. */
struct label_texts {
    const struct plan *plan;
    struct strbuf text;
    struct label_piece *checks;     /* check */
    struct label_piece *severities; /* severity, by check */
    struct label_piece *clients;    /* client, subnet: [client * ADDR_FAMILIES + family] */
    struct label_piece *resolvers;  /* resolver */
    struct label_piece *queries;    /* qname, qtype */
    struct label_piece transports[TRANSPORTS];
    struct label_piece rcodes[STATE_RCODES]; /* rcode; "other" where there is no name */
    struct label_piece verdicts[VERDICTS];   /* verdict, category */
};
void label_texts_init(struct label_texts *texts, const struct plan *plan);
void label_texts_fini(struct label_texts *texts);

static inline struct span label_span(const struct label_texts *texts, struct label_piece piece)
{
    return (struct span){texts->text.data + piece.at, piece.len};
}
static inline struct span label_client(const struct label_texts *texts, const struct config_client *client,
                                       unsigned family)
{
    return label_span(texts, texts->clients[client->index * ADDR_FAMILIES + family]);
}
static inline struct span label_resolver(const struct label_texts *texts, const struct config_resolver *resolver)
{
    return label_span(texts, texts->resolvers[resolver->index]);
}

#define LABELS_OF_PROBE 6
/* check, client, subnet, resolver, transport, qname, qtype, severity. */
void label_probe(const struct label_texts *texts, const struct plan_probe *probe, struct span out[LABELS_OF_PROBE]);

#endif
