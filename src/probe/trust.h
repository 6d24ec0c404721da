/* Reading certificates out of PEM text. */
#ifndef DNSPOLICY_SRC_PROBE_TRUST_H
#define DNSPOLICY_SRC_PROBE_TRUST_H

#include <openssl/x509_vfy.h>
#include <stddef.h>

/* Adds the certificates to the store (NULL: only counts them) and returns how many there are; 0 if one cannot be
 * read. */
size_t trust_read(const char *pem, X509_STORE *store);

#endif
