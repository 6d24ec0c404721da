/* Decides which labels are rendered ahead and in which order they stand. Knows no values. */
#include "labels.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"

static struct label_piece add_two(struct strbuf *text, const char *name, const char *value, const char *name2,
                                  const char *value2)
{
    size_t at = text->len;
    exposition_add_label(text, name, value);
    if (name2) exposition_add_label(text, name2, value2);
    REQUIRE(text->len <= UINT32_MAX);
    return (struct label_piece){(uint32_t)at, (uint32_t)(text->len - at)};
}

static struct label_piece add_one(struct strbuf *text, const char *name, const char *value)
{
    return add_two(text, name, value, NULL, NULL);
}

static void add_config(struct label_texts *texts, const struct config *config)
{
    struct strbuf *text = &texts->text;
    for (size_t i = 0; i < config->check_count; i++) {
        texts->checks[i] = add_one(text, "check", config->checks[i].name);
        texts->severities[i] = add_one(text, "severity", config->checks[i].severity);
    }
    for (size_t i = 0; i < config->client_count; i++) {
        const struct config_client *client = &config->clients[i];
        for (unsigned family = 0; family < ADDR_FAMILIES; family++) {
            if (!client->subnet_text[family]) continue;
            texts->clients[i * ADDR_FAMILIES + family] =
                add_two(text, "client", client->name, "subnet", client->subnet_text[family]);
        }
    }
    for (size_t i = 0; i < config->resolver_count; i++)
        texts->resolvers[i] = add_one(text, "resolver", config->resolvers[i].name);
}

void label_texts_init(struct label_texts *texts, const struct plan *plan)
{
    const struct config *config = plan->config;
    *texts = (struct label_texts){
        .plan = plan,
        .checks = mem_array(config->check_count, sizeof(*texts->checks)),
        .severities = mem_array(config->check_count, sizeof(*texts->severities)),
        .clients = mem_array(config->client_count * ADDR_FAMILIES, sizeof(*texts->clients)),
        .resolvers = mem_array(config->resolver_count, sizeof(*texts->resolvers)),
        .queries = mem_array(plan->query_count, sizeof(*texts->queries)),
    };
    add_config(texts, config);
    for (uint32_t i = 0; i < plan->query_count; i++) {
        const struct plan_query *query = &plan->queries[i];
        texts->queries[i] = add_two(&texts->text, "qname", query->qname_label, "qtype", query->qtype_label);
    }
    for (unsigned i = 0; i < TRANSPORTS; i++)
        texts->transports[i] = add_one(&texts->text, "transport", transport_names[i]);
    for (unsigned i = 0; i < STATE_RCODES; i++) {
        const char *name = i == STATE_RCODE_OTHER ? NULL : dns_rcode_name((uint16_t)i);
        texts->rcodes[i] = add_one(&texts->text, "rcode", name ? name : "other");
    }
    for (unsigned i = 0; i < VERDICTS; i++)
        texts->verdicts[i] = add_two(&texts->text, "verdict", verdict_table[i].name, "category",
                                     category_names[verdict_table[i].category]);
}

void label_texts_fini(struct label_texts *texts)
{
    strbuf_fini(&texts->text);
    free(texts->checks);
    free(texts->severities);
    free(texts->clients);
    free(texts->resolvers);
    free(texts->queries);
    *texts = (struct label_texts){0};
}

void label_probe(const struct label_texts *texts, const struct plan_probe *probe, struct span out[LABELS_OF_PROBE])
{
    out[0] = label_span(texts, texts->checks[probe->check->index]);
    out[1] = label_client(texts, probe->client, probe->subnet_family);
    out[2] = label_resolver(texts, probe->resolver);
    out[3] = label_span(texts, texts->transports[probe->transport]);
    out[4] = label_span(texts, texts->queries[probe->query - texts->plan->queries]);
    out[5] = label_span(texts, texts->severities[probe->check->index]);
}
