/* Files, read bounded and written whole. */
#ifndef DNSPOLICY_BASE_FILE_H
#define DNSPOLICY_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "dnspolicy/base/strbuf.h"

/* Reads a regular file, or whatever `path` opens, up to `max` bytes; a FIFO that nobody writes to is empty. False:
 * *error (to be freed) holds a sentence that names the file, among others that it is larger than max. */
bool file_read(const char *path, size_t max, struct strbuf *out, char **error);
/* Writes a temporary file beside `path`, syncs it and renames it over `path`: whole or not at all. */
bool file_write_whole(const char *path, const void *bytes, size_t len, char **error);
/* `name` as seen from the directory of the file `base`; an absolute name stays. The caller frees. */
char *file_path_beside(const char *base, const char *name);
/* `path` as it is called in every working directory; as it is, where this one has no name. The caller frees. */
char *file_path_absolute(const char *path);

#endif
