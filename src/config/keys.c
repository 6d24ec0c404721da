/*
 * Decides which TSIG keys there are: their names, algorithms and secrets. No part of a secret stands in a message, and
 * no copy of one outlives the reading but the key itself.
 */
#include "sections.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base64.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"
#include "key_file.h"

#define KEY_FILE_MAX (64u * 1024)

/* The key while it is read. */
struct draft {
    struct config_key *key;
    bool has_algorithm;
    const struct node *secret;
    const struct node *secret_file;
};

static schema_read read_algorithm, read_secret, read_secret_file;

static const struct schema_key key_keys[] = {
    {"algorithm", "hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384 or hmac-sha512", "required",
     "The algorithm that both sides sign with.", read_algorithm, 0, 0, 0},
    {"secret", "base64", "", "The secret itself; either this or `secret_file`.", read_secret, 0, 0, 0},
    {"secret_file", "file name", "",
     "A file with the secret, as bare base64 or as the `key` clause that tsig-keygen writes; relative to this file.",
     read_secret_file, 0, 0, 0},
};
const struct schema_section key_section = {"keys.NAME", key_keys, ARRAY_LEN(key_keys), true};

static bool parse_algorithm(const char *text, size_t len, enum dns_tsig_algorithm *algorithm)
{
    if (len > 0 && text[len - 1] == '.') len--;
    for (size_t i = 0; i < DNS_TSIG_ALGORITHMS; i++) {
        const char *name = dns_tsig_algorithm_names[i];
        if (strlen(name) != len || strncasecmp(name, text, len) != 0) continue;
        *algorithm = (enum dns_tsig_algorithm)i;
        return true;
    }
    return false;
}

static void read_algorithm(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    const char *text = read_scalar(loader, node, "an algorithm such as hmac-sha256");
    if (!text) return;
    draft->has_algorithm = parse_algorithm(text, strlen(text), &draft->key->algorithm);
    if (draft->has_algorithm) return;
    if (strncasecmp(text, "hmac-md5", 8) == 0)
        loader_error(loader, node, "hmac-md5 is not offered: RFC 8945 section 6 says that it MUST NOT be used");
    else
        loader_error(loader, node, "unknown algorithm%s",
                     loader_or_list(loader, text, dns_tsig_algorithm_names, DNS_TSIG_ALGORITHMS));
}

static void read_secret(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    if (read_scalar(loader, node, "base64")) ((struct draft *)target)->secret = node;
}

static void read_secret_file(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    if (read_scalar(loader, node, "a file name")) ((struct draft *)target)->secret_file = node;
}

/* RFC 8945 section 8: no shorter than the output of the hash. */
static void warn_of_short_secret(struct loader *loader, const struct node *node, const struct config_key *key,
                                 size_t len)
{
    static const size_t sizes[DNS_TSIG_ALGORITHMS] = {
        [DNS_TSIG_HMAC_SHA1] = 20,   [DNS_TSIG_HMAC_SHA224] = 28, [DNS_TSIG_HMAC_SHA256] = 32,
        [DNS_TSIG_HMAC_SHA384] = 48, [DNS_TSIG_HMAC_SHA512] = 64,
    };
    if (len < sizes[key->algorithm])
        loader_warning(loader, node, "the secret is shorter than the %zu bytes of %s: RFC 8945 section 8 advises more",
                       sizes[key->algorithm], dns_tsig_algorithm_names[key->algorithm]);
}

static void decode_secret(struct loader *loader, const struct node *node, struct draft *draft,
                          struct key_file_word word)
{
    uint8_t bytes[DNS_TSIG_SECRET_MAX];
    size_t len;
    const char *reason = base64_decode(word.text, word.len, bytes, sizeof(bytes), &len);
    if (reason) {
        loader_error(loader, node, "the secret %s", reason);
    } else if (draft->has_algorithm && draft->key->name) {
        warn_of_short_secret(loader, node, draft->key, len);
        draft->key->tsig = dns_tsig_key_new(draft->key->name, draft->key->algorithm, bytes, len);
    }
    explicit_bzero(bytes, sizeof(bytes));
}

/* Whoever gave the clause to two programs wants them to agree. */
static bool clause_agrees(struct loader *loader, const struct node *node, const struct draft *draft,
                          const struct key_file *file)
{
    enum dns_tsig_algorithm algorithm;
    char name[DNS_NAME_TEXT_SIZE];
    AUTO(mem_free_ptr) char *written = mem_strndup(file->name.text, file->name.len);
    bool is_same_name =
        !draft->key->name || (!dns_name_canonical(written, name) && strcmp(name, draft->key->name) == 0);
    bool is_same_algorithm =
        !draft->has_algorithm ||
        (parse_algorithm(file->algorithm.text, file->algorithm.len, &algorithm) && algorithm == draft->key->algorithm);
    if (!is_same_name)
        loader_error(loader, node, "the clause in %s is of a key with another name", draft->key->secret_path);
    if (!is_same_algorithm)
        loader_error(loader, node, "the clause in %s has another algorithm", draft->key->secret_path);
    return is_same_name && is_same_algorithm;
}

static void wipe_text(struct strbuf *text)
{
    if (text->data) explicit_bzero(text->data, text->capacity);
    strbuf_fini(text);
}

#define SECRET_MIN 16 /* bytes: fewer than any hash gives, and more than most file names come to */

/* Who mixes up the two keys finds no secret in a log, even one that has lost its padding. */
static bool looks_like_secret(const char *name)
{
    AUTO(wipe_text) struct strbuf padded = {0};
    uint8_t bytes[DNS_TSIG_SECRET_MAX];
    size_t len;
    strbuf_puts(&padded, name);
    while (padded.len % 4) strbuf_putc(&padded, '=');
    bool is_base64 = !base64_decode(strbuf_text(&padded), padded.len, bytes, sizeof(bytes), &len);
    explicit_bzero(bytes, sizeof(bytes));
    return is_base64 && len >= SECRET_MIN;
}

static void report_unreadable(struct loader *loader, const struct node *node, const char *error)
{
    if (!node->text[0])
        loader_error(loader, node, "the file name is empty");
    else if (looks_like_secret(node->text))
        loader_error(
            loader, node,
            "the file cannot be read, and its name, which looks like a secret, is not shown: the secret itself "
            "stands in 'secret'");
    else
        loader_error(loader, node, "%s", error);
}

static void load_secret(struct loader *loader, const struct node *node, struct draft *draft)
{
    struct config_key *key = draft->key;
    AUTO(wipe_text) struct strbuf text = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(mem_free_ptr) char *path = file_path_beside(loader->config->file, node->text);
    struct key_file file;
    struct stat status;
    AUTO(mem_free_ptr) char *absolute = file_path_absolute(path);
    key->secret_path = arena_strdup(loader->arena, absolute);
    if (!node->text[0] || !file_read(path, KEY_FILE_MAX, &text, &error)) {
        report_unreadable(loader, node, error);
        return;
    }
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 007))
        loader_warning(loader, node, "%s holds a secret, and everybody on this host may read or write it: chmod o= it",
                       path);
    const char *reason = key_file_parse(strbuf_text(&text), text.len, &file);
    if (reason) {
        loader_error(loader, node, "%s %s", path, reason);
        return;
    }
    key->is_clause = file.is_clause;
    if (!file.is_clause || clause_agrees(loader, node, draft, &file)) decode_secret(loader, node, draft, file.secret);
}

static void read_one_secret(struct loader *loader, const struct node *node, struct draft *draft)
{
    if (node_get(node, "secret") && node_get(node, "secret_file")) {
        loader_error(loader, node, "'secret' and 'secret_file' exclude each other");
        return;
    }
    if (!node_get(node, "secret") && !node_get(node, "secret_file"))
        loader_error(loader, node, "'secret' or 'secret_file' is missing");
    if (draft->secret) {
        struct key_file_word word = {draft->secret->text, strlen(draft->secret->text)};
        size_t mark = loader_enter_key(loader, "secret");
        decode_secret(loader, draft->secret, draft, word);
        loader_leave(loader, mark);
    } else if (draft->secret_file) {
        size_t mark = loader_enter_key(loader, "secret_file");
        load_secret(loader, draft->secret_file, draft);
        loader_leave(loader, mark);
    }
}

static void read_key(struct loader *loader, const struct node_entry *entry, struct config_key *key)
{
    struct draft draft = {.key = key};
    struct node name = {.kind = NODE_SCALAR, .place = entry->place, .text = entry->key};
    key->place = entry->place;
    key->name = read_dns_name(loader, &name, entry->key);
    struct named named = {.name = key->name, .first = key->index, .count = 1};
    if (key->name && dns_name_has_random(key->name))
        loader_error(loader, &name, "a key has one name: no {random}");
    else if (key->name && !name_table_add(&loader->keys, named))
        loader_error(loader, &name, "there is another key with the name '%s'", loader_shown(loader, key->name));
    if (schema_read_section(loader, &key_section, entry->value, &draft)) read_one_secret(loader, entry->value, &draft);
}

void read_keys(struct loader *loader, const struct schema_key *schema, const struct node *node, void *target)
{
    (void)schema;
    struct config *config = target;
    loader->are_keys_unreadable = true;
    if (!read_expect_kind(loader, node, NODE_MAP, "a mapping of names to keys")) return;
    loader->are_keys_unreadable = false;
    config->keys = arena_array(loader->arena, node->count, sizeof(*config->keys));
    config->key_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_key(loader, node->entries[i].key);
        config->keys[i].index = (uint32_t)i;
        read_key(loader, &node->entries[i], &config->keys[i]);
        loader_leave(loader, mark);
    }
}
