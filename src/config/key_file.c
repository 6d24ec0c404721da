/*
 * Decides where the secret stands in a key file. Of named.conf it knows the one clause that tsig-keygen writes, with
 * comments; refuses to know what a secret or an algorithm is.
 */
#include "key_file.h"

#include <string.h>
#include <strings.h>

struct scanner {
    const char *at;
    const char *end;
};

static bool starts_with(const struct scanner *scanner, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(scanner->end - scanner->at) >= len && memcmp(scanner->at, word, len) == 0;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void skip_line(struct scanner *scanner)
{
    while (scanner->at < scanner->end && *scanner->at != '\n') scanner->at++;
}

static void skip_comment(struct scanner *scanner)
{
    scanner->at += 2;
    while (scanner->at < scanner->end && !starts_with(scanner, "*/")) scanner->at++;
    if (scanner->at < scanner->end) scanner->at += 2;
}

static void skip_blanks(struct scanner *scanner)
{
    while (scanner->at < scanner->end) {
        if (is_space(*scanner->at))
            scanner->at++;
        else if (*scanner->at == '#' || starts_with(scanner, "//"))
            skip_line(scanner);
        else if (starts_with(scanner, "/*"))
            skip_comment(scanner);
        else
            return;
    }
}

static bool take(struct scanner *scanner, char c)
{
    skip_blanks(scanner);
    if (scanner->at == scanner->end || *scanner->at != c) return false;
    scanner->at++;
    return true;
}

static bool is_word(char c) { return !is_space(c) && !strchr("{};\"", c) && c; }

static bool take_word(struct scanner *scanner, struct key_file_word *word)
{
    bool is_quoted = take(scanner, '"');
    word->text = scanner->at;
    while (scanner->at < scanner->end && (is_quoted ? *scanner->at != '"' : is_word(*scanner->at))) scanner->at++;
    word->len = (size_t)(scanner->at - word->text);
    return (!is_quoted || take(scanner, '"')) && word->len > 0;
}

static bool word_is(const struct key_file_word *word, const char *text)
{
    return word->len == strlen(text) && strncasecmp(word->text, text, word->len) == 0;
}

static const char *parse_clause(struct scanner *scanner, struct key_file *file)
{
    static const char broken[] = "is no key clause: key \"NAME\" { algorithm ALGORITHM; secret \"BASE64\"; };";
    struct key_file_word keyword;
    bool is_begun = take_word(scanner, &keyword) && word_is(&keyword, "key") && take_word(scanner, &file->name);
    if (!is_begun || !take(scanner, '{')) return broken;
    while (!take(scanner, '}')) {
        if (!take_word(scanner, &keyword)) return broken;
        struct key_file_word *value = word_is(&keyword, "algorithm") ? &file->algorithm
                                      : word_is(&keyword, "secret")  ? &file->secret
                                                                     : NULL;
        if (!value || value->text || !take_word(scanner, value) || !take(scanner, ';')) return broken;
    }
    take(scanner, ';');
    skip_blanks(scanner);
    if (scanner->at < scanner->end) return "holds more than one key clause";
    return file->algorithm.text && file->secret.text ? NULL : broken;
}

const char *key_file_parse(const char *text, size_t len, struct key_file *file)
{
    struct scanner scanner = {text, text + len};
    *file = (struct key_file){.is_clause = len > 0 && memchr(text, '{', len)};
    if (file->is_clause) return parse_clause(&scanner, file);
    while (scanner.at < scanner.end && is_space(*scanner.at)) scanner.at++;
    while (scanner.end > scanner.at && is_space(scanner.end[-1])) scanner.end--;
    file->secret = (struct key_file_word){scanner.at, (size_t)(scanner.end - scanner.at)};
    return file->secret.len ? NULL : "is empty";
}
