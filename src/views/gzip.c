/* Decides how answers are compressed. Refuses to know which, and whether they should be. */
#include "gzip.h"

#include <limits.h>

#include "dnspolicy/base/mem.h"

#define LEVEL 1
#define GZIP_WINDOW_BITS (15 + 16) /* zlib's way to ask for a gzip header */
#define MEMORY_LEVEL 8             /* zlib's default */

void gzip_begin(z_stream *compressor)
{
    if (deflateInit2(compressor, LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        PANIC("out of memory: a compressor");
}

void gzip_whole(struct strbuf *text)
{
    AUTO(strbuf_fini) struct strbuf plain = *text;
    z_stream compressor = {0};
    REQUIRE(plain.len < UINT_MAX / 2);
    gzip_begin(&compressor);
    uLong bound = deflateBound(&compressor, (uLong)plain.len);
    *text = (struct strbuf){0};
    strbuf_reserve(text, bound);
    compressor.next_in = (Bytef *)plain.data;
    compressor.avail_in = (uInt)plain.len;
    compressor.next_out = (Bytef *)text->data;
    compressor.avail_out = (uInt)bound;
    REQUIRE(deflate(&compressor, Z_FINISH) == Z_STREAM_END);
    text->len = bound - compressor.avail_out;
    text->data[text->len] = '\0';
    deflateEnd(&compressor);
}
