/* The text of a file that holds a TSIG secret: bare base64, or a `key` clause as tsig-keygen writes it. */
#ifndef DNSPOLICY_SRC_CONFIG_KEY_FILE_H
#define DNSPOLICY_SRC_CONFIG_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct key_file_word {
    const char *text; /* in the file's text, not terminated; NULL: absent */
    size_t len;
};
struct key_file {
    bool is_clause;
    struct key_file_word name; /* of a clause, as are the next two; bare base64 is all secret */
    struct key_file_word algorithm;
    struct key_file_word secret;
};

/* NULL on success, else the rest of a sentence (static), which tells nothing of the text. */
const char *key_file_parse(const char *text, size_t len, struct key_file *file);

#endif
