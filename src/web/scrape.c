/*
 * Decides who is served metrics when more ask than may be served at once: whoever reads. A client that has read nothing
 * for two seconds loses its place to the next one who asks, and so does one that has not come to the end within five,
 * so that slow readers cannot keep a scraper out, however slow they are.
 */
#include "scrape.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/metrics.h"
#include "answer.h"

#define BLOCK_SIZE 16384
#define STALLED_NS (2 * NS_PER_SEC)
#define SLOW_NS (5 * NS_PER_SEC)

struct scrape {
    struct scrapes *scrapes;
    struct limits *limits;
    struct visit *visit; /* valid as long as the scrape is */
    struct metrics_stream *stream;
    uint64_t began_mono_ns;
    uint64_t progress_mono_ns; /* under the lock, as is the place */
    struct scrape **place;     /* NULL: lost */
};

void scrapes_init(struct scrapes *scrapes)
{
    *scrapes = (struct scrapes){0};
    pthread_mutex_init(&scrapes->lock, NULL);
}

void scrapes_fini(struct scrapes *scrapes) { pthread_mutex_destroy(&scrapes->lock); }

/* An empty place, or that of the one who has stalled longest, long enough, or of the slowest. */
static struct scrape **find_place(struct scrapes *scrapes, uint64_t now_mono_ns)
{
    struct scrape **stalled = &scrapes->slots[0], **oldest = &scrapes->slots[0];
    for (size_t i = 0; i < ARRAY_LEN(scrapes->slots); i++) {
        struct scrape **place = &scrapes->slots[i];
        if (!*place) return place;
        if ((*place)->progress_mono_ns < (*stalled)->progress_mono_ns) stalled = place;
        if ((*place)->began_mono_ns < (*oldest)->began_mono_ns) oldest = place;
    }
    if (now_mono_ns - (*stalled)->progress_mono_ns >= STALLED_NS) return stalled;
    return now_mono_ns - (*oldest)->began_mono_ns >= SLOW_NS ? oldest : NULL;
}

static bool take_place(struct scrape *scrape, uint64_t now_mono_ns)
{
    struct scrapes *scrapes = scrape->scrapes;
    pthread_mutex_lock(&scrapes->lock);
    struct scrape **place = find_place(scrapes, now_mono_ns);
    if (place && *place) {
        limits_shut((*place)->limits, (*place)->visit);
        (*place)->place = NULL;
    }
    if (place) *place = scrape;
    scrape->place = place;
    scrape->began_mono_ns = scrape->progress_mono_ns = now_mono_ns;
    pthread_mutex_unlock(&scrapes->lock);
    return place != NULL;
}

static void end_scrape(void *arg)
{
    struct scrape *scrape = arg;
    pthread_mutex_lock(&scrape->scrapes->lock);
    if (scrape->place) *scrape->place = NULL;
    pthread_mutex_unlock(&scrape->scrapes->lock);
    metrics_stream_free(scrape->stream);
    mem_free_ptr(&scrape);
}

static bool note_progress(struct scrape *scrape)
{
    pthread_mutex_lock(&scrape->scrapes->lock);
    bool has_place = scrape->place != NULL;
    scrape->progress_mono_ns = clock_mono_ns();
    pthread_mutex_unlock(&scrape->scrapes->lock);
    return has_place;
}

static ssize_t read_scrape(void *arg, uint64_t position, char *buf, size_t max)
{
    (void)position;
    struct scrape *scrape = arg;
    if (!note_progress(scrape)) return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t len = metrics_stream_read(scrape->stream, buf, max);
    return len ? (ssize_t)len : MHD_CONTENT_READER_END_OF_STREAM;
}

static ssize_t read_nothing(void *arg, uint64_t position, char *buf, size_t max)
{
    (void)arg, (void)position, (void)buf, (void)max;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

static void answer_stream(struct request *request, const struct metrics_options *options, struct MHD_Response *response)
{
    if (response && options->gzip) MHD_add_response_header(response, "Content-Encoding", "gzip");
    if (response) MHD_add_response_header(response, "Vary", "Accept, Accept-Encoding");
    answer_response(request, MHD_HTTP_OK, options->openmetrics ? METRICS_TYPE_OPENMETRICS : METRICS_TYPE_TEXT,
                    response);
}

/* Chunked, the library would send the last chunk even here, where no body may follow; so the connection ends. */
static void answer_head(struct request *request, const struct metrics_options *options)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, read_nothing, NULL, NULL);
    if (response) MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    answer_stream(request, options, response);
}

void scrape_handle(struct request *request)
{
    struct metrics_options options =
        metrics_negotiate(request_header(request, "Accept"), request_header(request, "Accept-Encoding"));
    if (request->is_head) {
        answer_head(request, &options);
        return;
    }
    struct web *web = request->web;
    struct scrape *scrape = mem_alloc(sizeof(*scrape));
    *scrape = (struct scrape){.scrapes = &web->scrapes, .limits = &web->limits, .visit = request->visit};
    if (!take_place(scrape, clock_mono_ns())) {
        mem_free_ptr(&scrape);
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many scrapes at once; try again in a second");
        return;
    }
    scrape->stream = metrics_stream_new(web->service, options);
    answer_stream(request, &options,
                  MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, read_scrape, scrape, end_scrape));
}
