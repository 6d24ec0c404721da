/*
 * The stream: decides how far a scrape has come, and whether its bytes go out plain or gzip. Holds one chunk of text
 * and one compressor, whatever the number of probes. Knows no family.
 */
#include "metrics_walk.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "gzip.h"

struct metrics_stream {
    struct metrics_walk walk;
    unsigned family;
    bool family_begun;
    bool text_ended; /* no more text after what is in `text` */
    bool gzip_ended;
    struct strbuf text; /* the present chunk */
    size_t taken;       /* bytes of it that are gone */
    bool gzip;
    z_stream compressor;
};

struct metrics_stream *metrics_stream_new(struct view_service *service, struct metrics_options options)
{
    struct metrics_stream *stream = mem_alloc(sizeof(*stream));
    struct metrics_walk *walk = &stream->walk;
    walk->service = service;
    walk->generation = state_acquire(service->state);
    if (walk->generation) {
        walk->plan = generation_plan(walk->generation);
        label_texts_init(&walk->labels, walk->plan);
    }
    if (service->engine) engine_read_stats(service->engine, UINT_MAX, &walk->engine);
    walk->has_process = process_read(&walk->process);
    walk->x = (struct exposition){.out = &stream->text, .openmetrics = options.openmetrics};
    stream->gzip = options.gzip;
    if (options.gzip) gzip_begin(&stream->compressor);
    return stream;
}

void metrics_stream_free(struct metrics_stream *stream)
{
    if (!stream) return;
    if (stream->gzip) deflateEnd(&stream->compressor);
    label_texts_fini(&stream->walk.labels);
    generation_release(stream->walk.generation);
    strbuf_fini(&stream->text);
    free(stream);
}

static bool is_shown(const struct metrics_walk *walk, const struct metrics_family *family)
{
    return (walk->generation || !family->needs_generation) && (walk->has_process || !family->needs_process);
}

/* One step of one family. */
static void render_step(struct metrics_stream *stream)
{
    struct metrics_walk *walk = &stream->walk;
    const struct metrics_family *family = &metrics_families[stream->family];
    bool has_more = false;
    if (is_shown(walk, family)) {
        if (!stream->family_begun) exposition_begin_family(&walk->x, &metrics_table[stream->family]);
        stream->family_begun = true;
        has_more = family->step(walk);
    }
    if (has_more) return;
    stream->family++;
    stream->family_begun = false;
    walk->position = 0;
}

/* Renders the next chunk into stream->text, which is empty only at the end. */
static void render_chunk(struct metrics_stream *stream)
{
    strbuf_clear(&stream->text);
    stream->taken = 0;
    while (!stream->text.len && stream->family < METRICS) render_step(stream);
    if (stream->family < METRICS || stream->text_ended) return;
    exposition_end(&stream->walk.x);
    stream->text_ended = true;
}

static size_t read_plain(struct metrics_stream *stream, char *buf, size_t max)
{
    size_t done = 0;
    while (done < max) {
        if (stream->taken == stream->text.len) render_chunk(stream);
        size_t step = stream->text.len - stream->taken;
        if (!step) break;
        if (step > max - done) step = max - done;
        memcpy(buf + done, stream->text.data + stream->taken, step);
        stream->taken += step;
        done += step;
    }
    return done;
}

static size_t read_gzip(struct metrics_stream *stream, char *buf, size_t max)
{
    z_stream *z = &stream->compressor;
    uInt room = max > UINT_MAX ? UINT_MAX : (uInt)max;
    z->next_out = (Bytef *)buf;
    z->avail_out = room;
    while (z->avail_out && !stream->gzip_ended) {
        if (!z->avail_in && !stream->text_ended) {
            render_chunk(stream);
            z->next_in = (Bytef *)stream->text.data;
            z->avail_in = (uInt)stream->text.len;
        }
        int result = deflate(z, stream->text_ended ? Z_FINISH : Z_NO_FLUSH);
        REQUIRE(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
        stream->gzip_ended = result == Z_STREAM_END;
    }
    return room - z->avail_out;
}

size_t metrics_stream_read(struct metrics_stream *stream, char *buf, size_t max)
{
    return stream->gzip ? read_gzip(stream, buf, max) : read_plain(stream, buf, max);
}
