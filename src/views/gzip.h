/* zlib's compressor as every answer uses it: fast rather than small. */
#ifndef VIEWS_GZIP_H
#define VIEWS_GZIP_H

#include <zlib.h>

#include "dnspolicy/base/strbuf.h"

void gzip_begin(z_stream *compressor); /* deflateEnd() ends it */
/* Replaces the text by its gzip form. */
void gzip_whole(struct strbuf *text);

#endif
