/*
 * Decides how a resolver is asked over TLS and HTTPS: what its certificate must say, who may have signed it, the path
 * and the method. Refuses to know certificates beyond their being there.
 */
#include "sections.h"

#include <string.h>
#include <strings.h>

#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define CA_FILE_MAX (1u << 20)
#define PATH_MAX_BYTES 256

static schema_read read_server_name, read_ca_file, read_path, read_method;

static const struct schema_key tls_keys[] = {
    {"server_name", "host name", "", "What the certificate must name, and SNI; without it the resolver's address.",
     read_server_name, 0, 0, 0},
    {"ca_file", "file name", "",
     "PEM certificates of those who may sign, relative to this file; without it those of the host.", read_ca_file, 0, 0,
     0},
};
const struct schema_section tls_section = {"resolvers.NAME.tls", tls_keys, ARRAY_LEN(tls_keys), false};

static const struct schema_key https_keys[] = {
    {"path", "path", "/dns-query", "The path to ask (RFC 8484).", read_path, 0, 0, 0},
    {"method", "GET or POST", "POST", "How to ask; with GET the query stands in the URL.", read_method, 0, 0, 0},
};
const struct schema_section https_section = {"resolvers.NAME.https", https_keys, ARRAY_LEN(https_keys), false};

static void read_server_name(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    struct config_resolver *resolver = target;
    struct addr addr;
    const char *text = read_scalar(loader, node, "a host name");
    if (!text) return;
    if (addr_parse(text, &addr)) {
        loader_error(loader, node, "'%s' is an address: without 'server_name' the certificate must name the address",
                     text);
        return;
    }
    const char *name = read_dns_name(loader, node, text);
    if (!name) return;
    if (name[strspn(name, allowed)] || strcmp(name, ".") == 0)
        loader_error(loader, node, "'%s' is not the name of a host", loader_shown(loader, text));
    else
        resolver->tls_server_name = name;
}

static void read_ca_file(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    const char *name = read_scalar(loader, node, "a file name");
    if (!name) return;
    AUTO(mem_free_ptr) char *path = file_path_beside(loader->config->file, name);
    if (!name[0] || !file_read(path, CA_FILE_MAX, &text, &error)) {
        loader_error(loader, node, "%s", error ? error : "the file name is empty");
    } else if (strlen(strbuf_text(&text)) != text.len || !strstr(strbuf_text(&text), "-----BEGIN CERTIFICATE-----")) {
        loader_error(loader, node, "%s holds no certificate in PEM form", path);
    } else {
        AUTO(mem_free_ptr) char *absolute = file_path_absolute(path);
        resolver->tls_ca_file = arena_strdup(loader->arena, absolute);
        resolver->tls_ca_pem = arena_strndup(loader->arena, strbuf_text(&text), text.len);
        resolver->tls_ca_place = node->place;
    }
}

static void read_path(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    const char *text = read_scalar(loader, node, "a path such as /dns-query");
    if (!text) return;
    const char *shown = loader_shown(loader, text);
    if (text[0] != '/')
        loader_error(loader, node, "'%s' does not begin with '/'", shown);
    else if (strlen(text) > PATH_MAX_BYTES)
        loader_error(loader, node, "a path has at most %d bytes", PATH_MAX_BYTES);
    else if (strchr(text, ' ') || !text_is_printable_ascii(text, strlen(text)))
        loader_error(loader, node, "'%s' has a space or a character that is not ASCII: write it as %%20", shown);
    else if (strpbrk(text, "?#{}"))
        loader_error(loader, node, "'%s': a path ends before '?', '#' or '{'; the query is appended to it", shown);
    else
        resolver->https_path = arena_strdup(loader->arena, text);
}

static void read_method(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_resolver *resolver = target;
    const char *text = read_scalar(loader, node, "GET or POST");
    if (!text) return;
    resolver->https_get = strcasecmp(text, "GET") == 0;
    if (!resolver->https_get && strcasecmp(text, "POST") != 0)
        loader_error(loader, node, "'%s' is neither GET nor POST", loader_shown(loader, text));
}

void read_resolver_tls(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    schema_read_section(loader, &tls_section, node, target);
}

void read_resolver_https(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    schema_read_section(loader, &https_section, node, target);
}
