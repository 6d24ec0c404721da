/*
 * Decides who may ask: the clients, their subnets, and how their queries get to look like theirs. Knows neither
 * resolvers nor checks, nor whether this host can do what is asked of it.
 */
#include "sections.h"

#include <net/if.h>
#include <string.h>

#include "addresses.h"

static schema_read read_subnets, read_sources, read_interface, read_netns, read_mark, read_proxy, read_ecs,
    read_key_name;

#define KEY(name, form, fallback, meaning, read, field)                                                                \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct config_client, field), 0, 0                               \
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
    KEY("interface", "interface name", "", "The interface or VRF that queries leave by (SO_BINDTODEVICE).",
        read_interface, interface),
    KEY("netns", "name or path", "",
        "The network namespace that queries are sent in: a name under /run/netns, or a path.", read_netns, netns),
    KEY("mark", "1 to 4294967295", "", "The firewall mark of the sockets (SO_MARK).", read_mark, mark),
    KEY("transparent", "true or false", "false", "The source is not an address of this host (IP_TRANSPARENT).",
        schema_read_bool, transparent),
    KEY("proxy", "address, or a list with one of each family", "",
        "The source that a PROXYv2 header claims; such a client asks only resolvers with `proxy: true`.", read_proxy,
        proxy),
    KEY("ecs", "CIDR", "", "The EDNS Client Subnet sent along with every query.", read_ecs, ecs),
    KEY("key", "name of a key", "", "The key that signs every query (TSIG).", read_key_name, key),
};
const struct schema_section client_section = {"clients.NAME", client_keys, sizeof(client_keys) / sizeof(*client_keys),
                                              false};

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

static const char *family_name(uint8_t family) { return family == ADDR_V6 ? "IPv6" : "IPv4"; }

/* One address of each family; the rules between them and the subnets are checked at the end of the client. */
static void read_addresses(struct loader *loader, const struct node *node, const char *noun,
                           struct addr slots[ADDR_FAMILIES])
{
    if (node->kind == NODE_LIST && node->count == 0) loader_error(loader, node, "the list is empty");
    for (size_t i = 0; i < read_list_count(node); i++) {
        const struct node *item = read_list_item(node, i);
        size_t mark = read_list_enter(loader, node, i);
        struct addr addr;
        bool is_read = read_address(loader, item, &addr);
        if (is_read && slots[addr.family].present)
            loader_error(loader, item, "a second %s %s; a client has one of each family", family_name(addr.family),
                         noun);
        else if (is_read)
            slots[addr.family] = addr;
        loader_leave(loader, mark);
    }
}

static void read_sources(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    read_addresses(loader, node, "source", ((struct config_client *)target)->source);
}

static void read_proxy(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    read_addresses(loader, node, "proxy", ((struct config_client *)target)->proxy);
}

/* What the kernel takes as the name of an interface. */
static void read_interface(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    const char *text = read_scalar(loader, node, "an interface name");
    if (!text) return;
    bool is_dots = strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
    if (strlen(text) >= IF_NAMESIZE)
        loader_error(loader, node, "'%s': the name of an interface has at most %d bytes", loader_shown(loader, text),
                     IF_NAMESIZE - 1);
    else if (!text[0] || is_dots || strpbrk(text, "/: "))
        loader_error(loader, node, "'%s' is not the name of an interface", text);
    else
        ((struct config_client *)target)->interface = arena_strdup(loader->arena, text);
}

static void read_netns(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    const char *text = read_scalar(loader, node, "a network namespace");
    if (!text) return;
    bool is_name = text[0] && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
    if (!is_name && text[0] != '/')
        loader_error(loader, node, "'%s' is neither a name under /run/netns nor an absolute path",
                     loader_shown(loader, text));
    else
        ((struct config_client *)target)->netns =
            arena_printf(loader->arena, "%s%s", is_name ? "/run/netns/" : "", text);
}

static void read_mark(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_client *client = target;
    uint64_t mark;
    client->has_mark = read_integer(loader, node, 1, UINT32_MAX, &mark);
    if (client->has_mark) client->mark = (uint32_t)mark;
}

static void read_ecs(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_client *client = target;
    if (read_subnet(loader, node, &client->ecs)) dns_ecs_build(&client->ecs, &client->ecs_option);
}

/* What stands there instead of a name may be a secret, so it is not shown. */
static void read_key_name(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    char name[DNS_NAME_TEXT_SIZE];
    const char *text = read_scalar(loader, node, "the name of a key");
    if (!text || loader->are_keys_unreadable) return;
    const char *reason = dns_name_canonical(text, name);
    const struct named *named = reason ? NULL : name_table_find(&loader->keys, name);
    const char *nearest = reason || named ? NULL : name_table_nearest(&loader->keys, name);
    if (named)
        ((struct config_client *)target)->key = &loader->config->keys[named->first];
    else
        loader_error(loader, node, "there is no key of that name%s%s%s", nearest ? "; did you mean '" : "",
                     nearest ? loader_shown(loader, nearest) : "", nearest ? "'?" : "");
}

static bool has_subnet(const struct config_client *client)
{
    return client->subnet[ADDR_V4].present || client->subnet[ADDR_V6].present;
}

static void check_address(struct loader *loader, const struct node *item, const char *noun, const struct addr *addr,
                          const struct config_client *client)
{
    const struct subnet *subnet = &client->subnet[addr->family];
    const char *family = family_name(addr->family);
    if (!subnet->present)
        loader_error(loader, item, "the %s is %s and the client has no %s subnet", noun, family, family);
    else if (!client->nat && !subnet_contains(subnet, addr))
        loader_error(loader, item, "%s is outside of the client's subnet %s; if %s, set 'nat: true'", item->text,
                     client->subnet_text[addr->family],
                     strcmp(noun, "proxy") == 0 ? "the server sees another address" : "a router translates it");
}

/* An address elsewhere would test a policy that is not the client's. */
static void check_addresses(struct loader *loader, const struct node *node, const char *noun, const struct addr *slots,
                            const struct config_client *client)
{
    const struct node *list = node_get(node, noun);
    for (size_t i = 0; list && has_subnet(client) && i < read_list_count(list); i++) {
        const struct node *item = read_list_item(list, i);
        struct addr addr;
        bool is_read =
            item->kind == NODE_SCALAR && addr_parse(item->text, &addr) && addr_equal(&addr, &slots[addr.family]);
        if (!is_read) continue;
        size_t mark = loader_enter_key(loader, noun);
        size_t item_mark = read_list_enter(loader, list, i);
        check_address(loader, item, noun, &addr, client);
        loader_leave(loader, item_mark);
        loader_leave(loader, mark);
    }
}

/* With a claimed source the server sees that one: the socket's own is only the proxy's. */
static void check_client(struct loader *loader, const struct node *node, const struct config_client *client)
{
    if (!node_get(node, "proxy")) check_addresses(loader, node, "source", client->source, client);
    check_addresses(loader, node, "proxy", client->proxy, client);
    if (!client->transparent || node_get(node, "source")) return;
    size_t mark = loader_enter_key(loader, "transparent");
    loader_error(loader, node_get(node, "transparent"), "'transparent' is about the source, and there is no 'source'");
    loader_leave(loader, mark);
}

static void read_client(struct loader *loader, const struct node_entry *entry, struct config_client *client)
{
    client->place = entry->place;
    client->name = arena_strdup(loader->arena, entry->key);
    if (read_name_is_good(loader, entry->place, entry->key) && strcmp(entry->key, "*") == 0)
        loader_error_at(loader, entry->place, "'*' means every client and cannot be the name of one");
    name_table_add(&loader->clients, (struct named){.name = client->name, .first = client->index, .count = 1});
    if (schema_read_section(loader, &client_section, entry->value, client)) check_client(loader, entry->value, client);
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
