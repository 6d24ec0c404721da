/*
 * Decides what a --web.config.file says: its keys, its rules between them, and the files it names. What TLS and
 * passwords then do is for the server. No value of the file stands in a message but those of fixed lists: any may be a
 * secret.
 */
#include "dnspolicy/config/web_config.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"
#include "schema.h"
#include "web_values.h"

#define WEB_FILE_MAX (1u << 20)

/* The config while it is read. */
struct draft {
    struct web_config *web;
    const char *path; /* other files are named relative to it */
    bool has_cert_file, has_key_file, has_ca_file, has_client_auth;
};

static schema_read read_tls, read_http, read_users, read_headers, read_http2, read_ignored;
static schema_read read_cert_file, read_key_file, read_ca_file, read_cert, read_key_text, read_ca;
static schema_read read_auth_type, read_min_version, read_max_version;

#define KEY(name, read)                                                                                                \
    {                                                                                                                  \
        name, "", "", "", read, 0, 0, 0                                                                                \
    }
static const struct schema_key root_keys[] = {
    KEY("tls_server_config", read_tls),
    KEY("http_server_config", read_http),
    KEY("basic_auth_users", read_users),
    KEY("rate_limit", read_ignored),
};
/* Files come first, so that a text beside a file is seen to be a second one. */
static const struct schema_key tls_keys[] = {
    KEY("cert_file", read_cert_file),
    KEY("key_file", read_key_file),
    KEY("client_ca_file", read_ca_file),
    KEY("cert", read_cert),
    KEY("key", read_key_text),
    KEY("client_ca", read_ca),
    KEY("client_auth_type", read_auth_type),
    KEY("min_version", read_min_version),
    KEY("max_version", read_max_version),
    KEY("cipher_suites", read_ignored),
    KEY("prefer_server_cipher_suites", read_ignored),
    KEY("curve_preferences", read_ignored),
    KEY("client_allowed_sans", NULL), /* whoever sets it counts on it */
};
static const struct schema_key http_keys[] = {KEY("http2", read_http2), KEY("headers", read_headers)};

static const struct schema_section root_section = {"", root_keys, ARRAY_LEN(root_keys), false};
static const struct schema_section tls_section = {"tls_server_config", tls_keys, ARRAY_LEN(tls_keys), false};
static const struct schema_section http_section = {"http_server_config", http_keys, ARRAY_LEN(http_keys), false};

static void read_ignored(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)target;
    loader_warning(loader, node, "'%s' has no effect here", key->key);
}

/* The file's contents, or NULL: reported. */
static char *read_pem_file(struct loader *loader, const struct node *node, const struct draft *draft, const char *label)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    const char *name = read_scalar(loader, node, "a file name");
    if (!name) return NULL;
    AUTO(mem_free_ptr) char *path = file_path_beside(draft->path, name);
    bool is_read = name[0] && file_read(path, WEB_FILE_MAX, &text, &error);
    bool is_pem = is_read && web_value_is_pem(strbuf_text(&text), label);
    if (!is_pem && is_read)
        loader_error(loader, node, "%s holds no %s in PEM form", path, label);
    else if (!is_pem)
        loader_error(loader, node, "%s", error ? error : "the file name is empty");
    if (is_pem) return strbuf_steal(&text);
    if (text.data) explicit_bzero(text.data, text.len);
    return NULL;
}

static char *read_pem_text(struct loader *loader, const struct node *node, const char *label)
{
    if (!read_expect_kind(loader, node, NODE_SCALAR, "a text in PEM form")) return NULL;
    if (web_value_is_pem(node->text, label)) return mem_strdup(node->text);
    loader_error(loader, node, "the text holds no %s in PEM form", label);
    return NULL;
}

static void put_pem(struct loader *loader, const struct node *node, const char *key, bool has_file, char **slot,
                    char *pem)
{
    if (has_file) {
        loader_error(loader, node, "'%s' and '%s_file' exclude each other", key, key);
        if (pem) explicit_bzero(pem, strlen(pem));
        free(pem);
        return;
    }
    *slot = pem;
}

static void read_cert_file(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    draft->has_cert_file = true;
    draft->web->cert_pem = read_pem_file(loader, node, draft, "CERTIFICATE");
}

static void read_key_file(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    draft->has_key_file = true;
    draft->web->key_pem = read_pem_file(loader, node, draft, "PRIVATE KEY");
}

static void read_ca_file(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    draft->has_ca_file = true;
    draft->web->client_ca_pem = read_pem_file(loader, node, draft, "CERTIFICATE");
}

static void read_cert(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    struct draft *draft = target;
    char *pem = read_pem_text(loader, node, "CERTIFICATE");
    put_pem(loader, node, key->key, draft->has_cert_file, &draft->web->cert_pem, pem);
}

static void read_key_text(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    struct draft *draft = target;
    char *pem = read_pem_text(loader, node, "PRIVATE KEY");
    put_pem(loader, node, key->key, draft->has_key_file, &draft->web->key_pem, pem);
}

static void read_ca(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    struct draft *draft = target;
    char *pem = read_pem_text(loader, node, "CERTIFICATE");
    put_pem(loader, node, key->key, draft->has_ca_file, &draft->web->client_ca_pem, pem);
}

static void read_auth_type(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    const char *text = read_scalar(loader, node, "a client auth type");
    draft->has_client_auth = true;
    if (text && !web_value_parse_auth(text, &draft->web->client_auth))
        loader_error(loader, node,
                     "unknown client auth type: NoClientCert, RequestClientCert, RequireAnyClientCert, "
                     "VerifyClientCertIfGiven or RequireAndVerifyClientCert is expected");
}

static void read_min_version(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    const char *text = read_scalar(loader, node, "a TLS version");
    unsigned minor;
    if (!text) return;
    if (!web_value_parse_tls(text, &minor))
        loader_error(loader, node, "unknown TLS version: TLS12 or TLS13 is expected");
    else if (minor < 2)
        loader_warning(loader, node, "TLS 1.0 and 1.1 are not served: the least is TLS 1.2");
    else
        draft->web->min_version_tls13 = minor == 3;
}

static void read_max_version(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    const char *text = read_scalar(loader, node, "a TLS version");
    unsigned minor;
    if (!text) return;
    if (!web_value_parse_tls(text, &minor) || minor < 2)
        loader_error(loader, node, "TLS12 or TLS13 is expected");
    else if (minor == 2 && draft->web->min_version_tls13)
        loader_error(loader, node, "max_version is below min_version");
    else
        draft->web->max_version_tls12 = minor == 2;
}

/* What the toolkit asks of a certificate, its key and those of the clients. */
static void check_tls(struct loader *loader, const struct node *node, const struct draft *draft)
{
    bool has_cert = draft->has_cert_file || node_get(node, "cert");
    bool has_key = draft->has_key_file || node_get(node, "key");
    bool has_ca = draft->has_ca_file || node_get(node, "client_ca");
    enum web_client_auth auth = draft->web->client_auth;
    if (!has_cert && !has_key && !has_ca && !draft->has_client_auth) return;
    if (!has_cert) loader_error(loader, node, "'cert_file' or 'cert' is missing");
    if (!has_key) loader_error(loader, node, "'key_file' or 'key' is missing");
    if (has_ca && auth == WEB_CLIENT_AUTH_NONE)
        loader_error(loader, node, "a client CA without a 'client_auth_type' protects nothing");
    bool verifies = auth == WEB_CLIENT_AUTH_VERIFY_IF_GIVEN || auth == WEB_CLIENT_AUTH_REQUIRE_AND_VERIFY;
    if (verifies && !has_ca) loader_error(loader, node, "to verify clients, 'client_ca_file' or 'client_ca' is needed");
}

static void read_tls(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    if (schema_read_section(loader, &tls_section, node, target)) check_tls(loader, node, target);
}

static void read_http(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    schema_read_section(loader, &http_section, node, target);
}

static void read_http2(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)target;
    bool is_wanted = false;
    schema_read_bool(loader, key, node, &is_wanted);
    if (is_wanted) loader_warning(loader, node, "HTTP/2 is not served");
}

static void read_headers(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct web_config *web = ((struct draft *)target)->web;
    if (!read_expect_kind(loader, node, NODE_MAP, "a mapping of names to values")) return;
    web->headers = mem_array(node->count + 1, sizeof(*web->headers));
    for (size_t i = 0; i < node->count; i++) {
        const struct node_entry *entry = &node->entries[i];
        size_t mark = loader_enter_key(loader, entry->key);
        const char *value = read_scalar(loader, entry->value, "a text");
        const char *reason = value ? web_value_check_header(entry->key, value) : NULL;
        if (reason) loader_error_at(loader, entry->place, "%s", reason);
        if (value && !reason)
            web->headers[web->header_count++] = (struct web_header){mem_strdup(entry->key), mem_strdup(value)};
        loader_leave(loader, mark);
    }
}

static void read_user(struct loader *loader, const struct node_entry *entry, struct web_config *web)
{
    if (!read_name_is_good(loader, entry->place, entry->key)) return;
    if (strchr(entry->key, ':')) loader_error_at(loader, entry->place, "a user's name has no ':' in basic auth");
    const char *hash = read_scalar(loader, entry->value, "a bcrypt hash");
    if (!hash) return;
    unsigned cost;
    if (!web_value_is_bcrypt(hash, &cost)) {
        loader_error(loader, entry->value, "not a bcrypt hash; htpasswd -nB NAME makes one");
        return;
    }
    if (cost > 14)
        loader_warning(loader, entry->value, "with cost %u a login takes more than a second of a processor", cost);
    web->users[web->user_count++] = (struct web_user){mem_strdup(entry->key), mem_strdup(hash)};
}

static void read_users(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct web_config *web = ((struct draft *)target)->web;
    if (!read_expect_kind(loader, node, NODE_MAP, "a mapping of users to bcrypt hashes")) return;
    web->users = mem_array(node->count + 1, sizeof(*web->users));
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_key(loader, node->entries[i].key);
        read_user(loader, &node->entries[i], web);
        loader_leave(loader, mark);
    }
}

/* An empty file is a good one: neither TLS nor users. */
static void read_text(struct draft *draft, const struct strbuf *text, struct problems *problems)
{
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    AUTO(loader_fini) struct loader loader = {.arena = arena, .problems = problems};
    const struct node *root = yaml_tree_parse(arena, strbuf_text(text), text->len, problems);
    if (root && !node_is_null(root)) schema_read_section(&loader, &root_section, root, draft);
}

struct web_config *web_config_load(const char *path, struct problems *problems)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    if (!file_read(path, WEB_FILE_MAX, &text, &error)) {
        problems_error(problems, (struct place){0}, "", "%s", error);
        return NULL;
    }
    struct draft draft = {.web = mem_alloc(sizeof(*draft.web)), .path = path};
    read_text(&draft, &text, problems);
    if (text.data) explicit_bzero(text.data, text.len);
    problems_sort(problems);
    if (problems->errors == 0) return draft.web;
    web_config_free(draft.web);
    return NULL;
}

void web_config_free(struct web_config *config)
{
    if (!config) return;
    if (config->key_pem) explicit_bzero(config->key_pem, strlen(config->key_pem));
    free(config->cert_pem);
    free(config->key_pem);
    free(config->client_ca_pem);
    for (size_t i = 0; i < config->user_count; i++) {
        free(config->users[i].name);
        free(config->users[i].bcrypt);
    }
    for (size_t i = 0; i < config->header_count; i++) {
        free(config->headers[i].name);
        free(config->headers[i].value);
    }
    free(config->users);
    free(config->headers);
    free(config);
}
