/* Base64, RFC 4648 section 4, as strict as the RFC: padded, no other characters, no stray bits. */
#ifndef DNSPOLICY_SRC_CONFIG_BASE64_H
#define DNSPOLICY_SRC_CONFIG_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* NULL on success, else the rest of a sentence (static), which tells nothing of the text. */
const char *base64_decode(const char *text, size_t len, uint8_t *out, size_t capacity, size_t *out_len);

#endif
