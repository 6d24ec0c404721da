/* Decides who may ask: the clients, their subnets and sources. Knows neither resolvers nor checks. */
#include "sections.h"

#include "addresses.h"

static schema_read read_subnets, read_sources;

#define KEY(name, form, fallback, meaning, read, field)                                                                \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct config_client, field), 0, 0                               \
    }
#define NOT_YET(name, form, meaning)                                                                                   \
    {                                                                                                                  \
        name, form, "", meaning, NULL, 0, 0, 0                                                                         \
    }
static const struct schema_key client_keys[] = {
    KEY("subnet", "CIDR, or a list with one of each family", "required",
        "The subnet that the client stands for; the value of the `subnet` label.", read_subnets, subnet),
    KEY("source", "address, or a list with one of each family", "",
        "The address that queries are sent from; without it the kernel chooses.", read_sources, source),
    KEY("nat", "true or false", "false",
        "The server sees another address than the socket has, so the source need not be in the subnet.",
        schema_read_bool, nat),
    KEY("description", "text", "", "Shown to people.", schema_read_description, description),
    NOT_YET("interface", "interface name", "The interface that queries leave by (SO_BINDTODEVICE)."),
    NOT_YET("netns", "name or path", "The network namespace that queries are sent in."),
    NOT_YET("mark", "number", "The firewall mark of the sockets."),
    NOT_YET("transparent", "true or false", "The source is not an address of this host (IP_TRANSPARENT)."),
    NOT_YET("proxy", "address", "The source that a PROXYv2 header claims."),
    NOT_YET("ecs", "CIDR", "The EDNS Client Subnet sent along."),
    NOT_YET("key", "name of a key", "Signs every query with TSIG."),
};
const struct schema_section client_section = {"clients.NAME", client_keys, sizeof(client_keys) / sizeof(*client_keys)};

static void read_subnets(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_client *client = target;
    if (node->kind == NODE_LIST && node->count == 0) loader_error(loader, node, "the list is empty");
    for (size_t i = 0; i < read_list_count(node); i++) {
        const struct node *item = read_list_item(node, i);
        size_t mark = read_list_enter(loader, node, i);
        struct subnet subnet;
        if (read_subnet(loader, item, &subnet)) {
            char text[SUBNET_TEXT_SIZE];
            uint8_t family = subnet.base.family;
            subnet_format(&subnet, text);
            if (client->subnet[family].present)
                loader_error(loader, item, "a second %s subnet; a client has one of each family",
                             family == ADDR_V6 ? "IPv6" : "IPv4");
            client->subnet[family] = subnet;
            client->subnet_text[family] = arena_strdup(loader->arena, text);
        }
        loader_leave(loader, mark);
    }
}

static bool has_subnet(const struct config_client *client)
{
    return client->subnet[ADDR_V4].present || client->subnet[ADDR_V6].present;
}

/* Runs after the subnets and before `nat`, so the rule between them is checked at the end of the client. */
static void read_sources(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_client *client = target;
    if (node->kind == NODE_LIST && node->count == 0) loader_error(loader, node, "the list is empty");
    for (size_t i = 0; i < read_list_count(node); i++) {
        const struct node *item = read_list_item(node, i);
        size_t mark = read_list_enter(loader, node, i);
        struct addr addr;
        if (read_address(loader, item, &addr)) {
            const char *family = addr.family == ADDR_V6 ? "IPv6" : "IPv4";
            if (client->source[addr.family].present)
                loader_error(loader, item, "a second %s source; a client has one of each family", family);
            else if (has_subnet(client) && !client->subnet[addr.family].present)
                loader_error(loader, item, "the source is %s and the client has no %s subnet", family, family);
            else
                client->source[addr.family] = addr;
        }
        loader_leave(loader, mark);
    }
}

/* A source elsewhere would test a policy that is not the client's. */
static void check_sources(struct loader *loader, const struct node *node, const struct config_client *client)
{
    const struct node *sources = node_get(node, "source");
    for (size_t i = 0; sources && !client->nat && i < read_list_count(sources); i++) {
        const struct node *item = read_list_item(sources, i);
        struct addr addr;
        bool is_read = item->kind == NODE_SCALAR && addr_parse(item->text, &addr) &&
                       addr_equal(&addr, &client->source[addr.family]);
        if (!is_read) continue;
        const struct subnet *subnet = &client->subnet[addr.family];
        if (!subnet->present || subnet_contains(subnet, &addr)) continue;
        size_t mark = loader_enter_key(loader, "source");
        loader_error(loader, item,
                     "%s is outside of the client's subnet %s; if a router translates it, set 'nat: true'", item->text,
                     client->subnet_text[addr.family]);
        loader_leave(loader, mark);
    }
}

static void read_client(struct loader *loader, const struct node_entry *entry, struct config_client *client)
{
    client->place = entry->place;
    client->name = arena_strdup(loader->arena, entry->key);
    if (read_name_is_good(loader, entry->place, entry->key) && strcmp(entry->key, "*") == 0)
        loader_error_at(loader, entry->place, "'*' means every client and cannot be the name of one");
    name_table_add(&loader->clients, (struct named){.name = client->name, .first = client->index, .count = 1});
    if (schema_read_section(loader, &client_section, entry->value, client)) check_sources(loader, entry->value, client);
}

void read_clients(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config *config = target;
    if (!read_expect_kind(loader, node, NODE_MAP, "a mapping of names to clients")) return;
    if (node->count == 0) loader_error(loader, node, "there is no client");
    loader->are_clients_known = true;
    config->clients = arena_array(loader->arena, node->count, sizeof(*config->clients));
    config->client_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_key(loader, node->entries[i].key);
        config->clients[i].index = (uint32_t)i;
        read_client(loader, &node->entries[i], &config->clients[i]);
        loader_leave(loader, mark);
    }
}
