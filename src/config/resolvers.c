/*
 * Decides which servers are tested: the resolvers, and what the host itself uses where an address is `system`. Knows
 * neither clients nor checks.
 */
#include "sections.h"

#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"
#include "resolv_conf.h"

static schema_read read_resolver_address, read_port, read_group, read_zones, read_control;

#define KEY(name, form, fallback, meaning, read, field)                                                                \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct config_resolver, field), 0, 0                             \
    }
static const struct schema_key resolver_keys[] = {
    KEY("address", "address, or `system`", "required",
        "The server's address, never a host name. `system`: the servers of /etc/resolv.conf and those behind the stub "
        "of "
        "systemd-resolved, one resolver for each, named NAME/ADDRESS; NAME stands for all of them.",
        read_resolver_address, address),
    KEY("port", "1 to 65535", "", "The server's port; without it 53, over tls 853, over https 443.", read_port, port),
    KEY("group", "text", "", "Members of a group are expected to behave alike; a check may name `group:NAME`.",
        read_group, group),
    KEY("zones", "domain name, or a list of them", "", "The zones that the server is authoritative for.", read_zones,
        zones),
    KEY("control", "`NAME [TYPE]`", "", "A name that diagnosis may compare with.", read_control, control_name),
    KEY("description", "text", "", "Shown to people.", schema_read_description, description),
    KEY("tls", "mapping", "", "How to verify the server's certificate, over tls and https.", read_resolver_tls, name),
    KEY("https", "mapping", "", "How to ask over https.", read_resolver_https, name),
    KEY("proxy", "true or false", "false",
        "Every query carries a PROXYv2 header: the client's `proxy` address, or LOCAL where it has none.",
        schema_read_bool, proxy),
};
const struct schema_section resolver_section = {"resolvers.NAME", resolver_keys, ARRAY_LEN(resolver_keys), false};

/* `system` leaves the address absent. */
static void read_resolver_address(struct loader *loader, const struct schema_key *key, const struct node *node,
                                  void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    if (node->kind == NODE_SCALAR && strcmp(node->text, "system") == 0) return;
    read_address(loader, node, &resolver->address);
}

static void read_port(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    uint64_t port;
    if (read_integer(loader, node, 1, UINT16_MAX, &port)) resolver->port = (uint16_t)port;
}

uint16_t config_resolver_port(const struct config_resolver *resolver, enum transport transport)
{
    static const uint16_t defaults[TRANSPORTS] = {
        [TRANSPORT_UDP] = 53, [TRANSPORT_TCP] = 53, [TRANSPORT_TLS] = 853, [TRANSPORT_HTTPS] = 443};
    return resolver->port ? resolver->port : defaults[transport];
}

/* One text per group, so that members are found by their pointer. */
static void read_group(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    struct config_resolver *resolver = target;
    const char *group = NULL;
    struct config_resolver read = {0};
    schema_read_name(loader, key, node, &read);
    if (!read.group) return;
    name_table_add(&loader->groups, (struct named){.name = read.group});
    group = name_table_find(&loader->groups, read.group)->name;
    resolver->group = group;
}

static void read_zone(struct loader *loader, const struct node *item, struct name_table *zones)
{
    const char *text = read_scalar(loader, item, "a domain name");
    const char *zone = text ? read_dns_name(loader, item, text) : NULL;
    if (!zone) return;
    if (dns_name_has_random(zone))
        loader_error(loader, item, "a zone has one name: no {random}");
    else if (!name_table_add(zones, (struct named){.name = zone}))
        loader_error(loader, item, "the zone '%s' is listed twice", loader_shown(loader, zone));
}

static void read_zones(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    AUTO(name_table_fini) struct name_table zones = {0};
    for (size_t i = 0; i < read_list_count(node); i++) {
        size_t mark = read_list_enter(loader, node, i);
        read_zone(loader, read_list_item(node, i), &zones);
        loader_leave(loader, mark);
    }
    resolver->zones = arena_array(loader->arena, zones.count + 1, sizeof(*resolver->zones));
    for (size_t i = 0; i < zones.count; i++) resolver->zones[i] = zones.items[i].name;
}

static void read_control(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    const char *text = read_scalar(loader, node, "NAME [TYPE]");
    struct dns_question question = {.type = DNS_TYPE_A, .klass = DNS_CLASS_IN};
    if (!text || !read_short_query(loader, node, text, &question)) return;
    if (question.klass != DNS_CLASS_IN) loader_error(loader, node, "the control name is of class IN");
    if (dns_question_is_transfer(&question)) loader_error(loader, node, "a control name is asked for, not transferred");
    resolver->control_name = question.name;
    resolver->control_type = question.type;
}

/* The resolvers while they are read: `system` makes several of one. */
struct resolver_list {
    struct config_resolver *items;
    size_t count;
    size_t capacity;
};

static void resolver_list_fini(struct resolver_list *list) { free(list->items); }

static void add_resolver(struct resolver_list *list, const struct config_resolver *resolver)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count] = *resolver;
    list->items[list->count].index = (uint32_t)list->count;
    list->count++;
}

static bool read_resolv_conf(struct resolv_conf *conf, const char *path, char **error)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    if (!file_read(path, RESOLV_CONF_FILE_MAX, &text, error)) return false;
    resolv_conf_parse(conf, strbuf_text(&text), text.len);
    return true;
}

/* The host's servers; false: reported. */
static bool read_system_servers(struct loader *loader, const struct node *node, struct resolv_conf *conf)
{
    const struct config_sources *sources = loader->sources;
    const char *path = sources && sources->resolv_conf_path ? sources->resolv_conf_path : "/etc/resolv.conf";
    const char *stub_path = sources && sources->resolved_resolv_conf_path ? sources->resolved_resolv_conf_path
                                                                          : "/run/systemd/resolve/resolv.conf";
    AUTO(mem_free_ptr) char *error = NULL;
    if (!read_resolv_conf(conf, path, &error)) {
        loader_error(loader, node, "the host's servers cannot be known: %s", error);
        return false;
    }
    if (resolv_conf_has_stub(conf) && !read_resolv_conf(conf, stub_path, &error))
        loader_warning(loader, node, "the servers behind the stub of systemd-resolved cannot be known: %s", error);
    if (conf->ignored.len) loader_warning(loader, node, "%s: %s", path, strbuf_text(&conf->ignored));
    if (conf->count == 0) loader_error(loader, node, "%s names no server", path);
    return conf->count > 0;
}

static void add_system_resolvers(struct loader *loader, const struct node *node, struct resolver_list *list,
                                 const struct config_resolver *origin)
{
    AUTO(resolv_conf_fini) struct resolv_conf conf = {0};
    uint32_t first = (uint32_t)list->count;
    if (read_system_servers(loader, node, &conf)) {
        for (size_t i = 0; i < conf.count; i++) {
            struct config_resolver resolver = *origin;
            char text[ADDR_TEXT_SIZE];
            addr_format(&conf.servers[i], text);
            resolver.name = arena_printf(loader->arena, "%s/%s", origin->name, text);
            resolver.address = conf.servers[i];
            struct named named = {.name = resolver.name, .first = (uint32_t)list->count, .count = 1};
            if (!name_table_add(&loader->resolvers, named))
                loader_error(loader, node, "there is another resolver with the name '%s'", resolver.name);
            add_resolver(list, &resolver);
        }
    }
    struct named all = {.name = origin->name, .first = first, .count = (uint32_t)conf.count, .is_set = true};
    if (!name_table_add(&loader->resolvers, all))
        loader_error_at(loader, origin->place, "there is another resolver with the name '%s'", origin->name);
}

static void read_resolver(struct loader *loader, const struct node_entry *entry, struct resolver_list *list)
{
    struct config_resolver resolver = {
        .place = entry->place, .name = arena_strdup(loader->arena, entry->key), .https_path = "/dns-query"};
    if (read_name_is_good(loader, entry->place, entry->key)) {
        if (strcmp(entry->key, "*") == 0 || strncmp(entry->key, "group:", 6) == 0)
            loader_error_at(loader, entry->place, "'*' and 'group:…' mean several resolvers and cannot name one");
    }
    bool is_map = schema_read_section(loader, &resolver_section, entry->value, &resolver);
    if (!resolver.zones) resolver.zones = arena_array(loader->arena, 1, sizeof(*resolver.zones));
    const struct node *address = is_map ? node_get(entry->value, "address") : NULL;
    if (address && address->kind == NODE_SCALAR && strcmp(address->text, "system") == 0) {
        size_t mark = loader_enter_key(loader, "address");
        add_system_resolvers(loader, address, list, &resolver);
        loader_leave(loader, mark);
        return;
    }
    struct named named = {.name = resolver.name, .first = (uint32_t)list->count, .count = 1};
    if (!name_table_add(&loader->resolvers, named))
        loader_error_at(loader, entry->place, "there is another resolver with the name '%s'",
                        loader_shown(loader, resolver.name));
    add_resolver(list, &resolver);
}

void read_resolvers(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config *config = target;
    if (!read_expect_kind(loader, node, NODE_MAP, "a mapping of names to resolvers")) return;
    if (node->count == 0) loader_error(loader, node, "there is no resolver");
    loader->are_resolvers_known = true;
    AUTO(resolver_list_fini) struct resolver_list list = {0};
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_key(loader, node->entries[i].key);
        read_resolver(loader, &node->entries[i], &list);
        loader_leave(loader, mark);
    }
    config->resolvers = arena_copy(loader->arena, list.items, list.count, sizeof(*list.items));
    config->resolver_count = list.count;
}
