/*
 * The parts of the status page, each a file. A part appends its markup to page->out.
 *
 * Every page is <header>, <main id="main"> and <footer>; what changes from one look to the next stands in the first
 * two. Within main: #notice, #summary, #filters, #active-filters, then #matrix, #probes, #probe, #changes or #error, as
 * the view has them.
 */
#ifndef VIEWS_PAGE_PARTS_H
#define VIEWS_PAGE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/views/page.h"
#include "html.h"
#include "matrix.h"
#include "survey.h"

/* Between these the summary chooses. */
#define PAGE_CHOICES (VIEW_PARAM_CATEGORY | VIEW_PARAM_VERDICT)

struct page {
    struct view_service *service;
    const struct generation *generation;
    const struct plan *plan; /* of the generation */
    const struct view_params *params;
    const char *telemetry_path;
    int64_t now_wall_ns;
    struct survey every;         /* what the filters take, but for category and verdict */
    struct survey some;          /* what they take, where one of these two is given */
    const struct survey *survey; /* what the filters take: one of the two above */
    struct strbuf *out;
};

/* ---- page_words.c: how categories and verdicts are called ---- */

struct page_word {
    const char *symbol, *word;
};
extern const struct page_word page_words[CATEGORIES];
/* The symbol and the word; colour is the style sheet's, by the class around it. */
void page_add_category(struct strbuf *out, enum category category);
void page_add_verdict(struct strbuf *out, enum verdict verdict);
/* "2 too open, 1 too strict", worst first; "all pass"; "no probe matches". */
void page_add_counts(struct strbuf *out, const uint32_t counts[CATEGORIES]);

/* ---- page_frame.c: what stands around every page ---- */

/* now_wall_ns 0: there is nothing that is of a time. */
void page_begin(struct strbuf *out, const char *title, int64_t now_wall_ns);
void page_add_notice(struct page *page);                       /* that a reload failed, if so */
void page_end(struct strbuf *out, const char *telemetry_path); /* NULL: no link to it */

/* ---- page_links.c: other views of the same ---- */

/* A link that has the filters given, but for some. */
struct html_link page_link_begin(const struct page *page, unsigned without);
void page_link_probe(struct strbuf *out, uint64_t id);
/* One step of a breadcrumb is a link with its filters. */
void page_begin_path(struct strbuf *out);
void page_add_step(struct strbuf *out, const char *client, const char *resolver);
void page_end_path(struct strbuf *out);
/* Links to the pages before and after; nothing where all is on one. `param` is what counts: offset or column. */
struct page_of {
    const char *what; /* "clients" */
    enum view_param param;
    uint32_t offset, size, total;
};
void page_add_pages(const struct page *page, const struct page_of *of);

/* ---- the parts ---- */

void page_add_summary(struct page *page);
void page_add_filters(struct page *page);
void page_add_matrix(struct page *page, struct matrix *matrix);
/* A list of the survey's probes, worst first, from params->limit; below a matrix always the first ones. */
void page_add_probes(struct page *page, bool is_below_matrix);
unsigned page_show_probe(struct page *page, uint64_t id); /* a whole page: 200, 404 */
/* What was expected and what came, as pairs of a description list. */
void page_add_expectation(struct strbuf *out, const struct expectation *expect);
void page_add_outcome(struct strbuf *out, const struct plan_probe *probe, const struct outcome *outcome);

/* The last verdict changes of a probe; 0: of what the filters take. */
void page_add_changes(struct page *page, uint64_t probe_id);

#endif
