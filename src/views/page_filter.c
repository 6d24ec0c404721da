/*
 * The summary by category and the filters. Decides what can be chosen: what the configuration has, so that nobody needs
 * to know a name. A field with more values than a list should have is one to write into.
 */
#include "page_parts.h"

#include <string.h>

#include "dnspolicy/base/mem.h"

static void add_category(struct page *page, enum category category)
{
    struct strbuf *out = page->out;
    uint32_t count = page->every.by_category[category];
    bool is_chosen = page->params->given & VIEW_PARAM_CATEGORY && page->params->categories == UINT32_C(1) << category;
    strbuf_addf(out, "<li class=\"category %s%s\"><a", category_names[category], count ? "" : " none");
    if (is_chosen) strbuf_puts(out, " aria-current=\"true\"");
    struct html_link link = page_link_begin(page, PAGE_CHOICES);
    html_link_add(&link, view_param_key(VIEW_PARAM_CATEGORY), category_names[category]);
    html_link_end(&link);
    strbuf_addf(out,
                "><span class=\"symbol\" aria-hidden=\"true\">%s</span> <span class=\"count\">%u</span> "
                "<span class=\"word\">%s</span></a></li>\n",
                page_words[category].symbol, count, page_words[category].word);
}

void page_add_summary(struct page *page)
{
    strbuf_puts(page->out, "<section id=\"summary\" aria-label=\"Summary\">\n<ul class=\"categories\">\n");
    for (unsigned category = CATEGORIES; category-- > 0;) add_category(page, (enum category)category);
    strbuf_puts(page->out, "</ul>\n</section>\n");
}

/* ---- what a field offers ---- */

#define OPTIONS_MAX 100
struct options {
    const char *values[OPTIONS_MAX];
    size_t count;
    bool are_too_many;
};

static bool has(const struct options *options, const char *value)
{
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->values[i], value) == 0) return true;
    return false;
}

static void offer(struct options *options, const char *value)
{
    if (!value || options->are_too_many || has(options, value)) return;
    if (options->count == OPTIONS_MAX)
        options->are_too_many = true;
    else
        options->values[options->count++] = value;
}

typedef void offer_fn(const struct plan *plan, struct options *options);

static void offer_clients(const struct plan *plan, struct options *options)
{
    for (size_t i = 0; i < plan->config->client_count; i++) offer(options, plan->config->clients[i].name);
}

static void offer_resolvers(const struct plan *plan, struct options *options)
{
    for (size_t i = 0; i < plan->config->resolver_count; i++) offer(options, plan->config->resolvers[i].name);
}

static void offer_groups(const struct plan *plan, struct options *options)
{
    for (size_t i = 0; i < plan->config->resolver_count; i++) offer(options, plan->config->resolvers[i].group);
}

static void offer_checks(const struct plan *plan, struct options *options)
{
    for (size_t i = 0; i < plan->config->check_count; i++) offer(options, plan->config->checks[i].name);
}

static void offer_severities(const struct plan *plan, struct options *options)
{
    for (size_t i = 0; i < plan->config->check_count; i++) offer(options, plan->config->checks[i].severity);
}

static void offer_qtypes(const struct plan *plan, struct options *options)
{
    for (uint32_t i = 0; i < plan->query_count; i++) offer(options, plan->queries[i].qtype_label);
}

static void offer_categories(const struct plan *plan, struct options *options)
{
    (void)plan;
    for (unsigned category = CATEGORIES; category-- > 0;) offer(options, category_names[category]);
}

static void offer_verdicts(const struct plan *plan, struct options *options)
{
    (void)plan;
    for (unsigned verdict = 0; verdict < VERDICTS; verdict++) offer(options, verdict_table[verdict].name);
}

static void offer_transports(const struct plan *plan, struct options *options)
{
    (void)plan;
    for (unsigned transport = 0; transport < TRANSPORTS; transport++) offer(options, transport_names[transport]);
}

static const struct {
    enum view_param param;
    offer_fn *offer_values;
} fields[] = {
    {VIEW_PARAM_CLIENT, offer_clients},       {VIEW_PARAM_RESOLVER, offer_resolvers},
    {VIEW_PARAM_GROUP, offer_groups},         {VIEW_PARAM_CHECK, offer_checks},
    {VIEW_PARAM_CATEGORY, offer_categories},  {VIEW_PARAM_VERDICT, offer_verdicts},
    {VIEW_PARAM_TRANSPORT, offer_transports}, {VIEW_PARAM_QTYPE, offer_qtypes},
    {VIEW_PARAM_SEVERITY, offer_severities},
};

/* ---- the form ---- */

static void add_option(struct strbuf *out, const char *value, bool is_chosen)
{
    strbuf_puts(out, "<option value=\"");
    html_add_text(out, value);
    strbuf_puts(out, is_chosen ? "\" selected>" : "\">");
    html_add_text(out, *value ? value : "any");
    strbuf_puts(out, "</option>\n");
}

static void add_select(struct strbuf *out, const char *key, const struct options *options, const char *given)
{
    strbuf_addf(out, "<select name=\"%s\">\n", key);
    add_option(out, "", false);
    /* More than one value, or one that the configuration has no more: it stays chosen until somebody chooses
     * another. */
    if (*given && !has(options, given)) add_option(out, given, true);
    for (size_t i = 0; i < options->count; i++)
        add_option(out, options->values[i], strcmp(options->values[i], given) == 0);
    strbuf_puts(out, "</select>");
}

static void add_input(struct strbuf *out, const char *key, const char *given)
{
    strbuf_addf(out, "<input name=\"%s\" value=\"", key);
    html_add_text(out, given);
    strbuf_puts(out, "\" placeholder=\"whole name,other\" autocomplete=\"off\" spellcheck=\"false\">");
}

static void add_field(struct page *page, enum view_param param, offer_fn *offer_values)
{
    AUTO(strbuf_fini) struct strbuf given = {0};
    struct options options = {.count = 0};
    const char *key = view_param_key(param);
    if (page->params->given & param) view_params_add_value(page->params, param, &given);
    offer_values(page->plan, &options);
    if (!options.count && !given.len) return;
    strbuf_addf(page->out, "<label>%s ", key);
    if (options.are_too_many)
        add_input(page->out, key, strbuf_text(&given));
    else
        add_select(page->out, key, &options, strbuf_text(&given));
    strbuf_puts(page->out, "</label>\n");
}

static void add_active(struct page *page, enum view_param param)
{
    AUTO(strbuf_fini) struct strbuf value = {0};
    const char *key = view_param_key(param);
    if (!(page->params->given & param)) return;
    view_params_add_value(page->params, param, &value);
    strbuf_puts(page->out, " <a class=\"filter\"");
    struct html_link link = page_link_begin(page, param);
    html_link_end(&link);
    strbuf_addf(page->out, " aria-label=\"Remove the filter %s ", key);
    html_add_text(page->out, strbuf_text(&value));
    strbuf_addf(page->out, "\">%s: ", key);
    html_add_text(page->out, strbuf_text(&value));
    strbuf_puts(page->out, " <span aria-hidden=\"true\">✕</span></a>");
}

void page_add_filters(struct page *page)
{
    struct strbuf *out = page->out;
    bool is_filtered = page->params->given & PAGE_FILTERS;
    strbuf_puts(out, "<section class=\"choice\" aria-label=\"Filters\">\n<details>\n<summary>Filter</summary>\n"
                     "<form id=\"filters\" method=\"get\" action=\"./\">\n");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) add_field(page, fields[i].param, fields[i].offer_values);
    strbuf_puts(out, "<button type=\"submit\">Show</button>\n</form>\n</details>\n<p id=\"active-filters\">");
    if (is_filtered) strbuf_addf(out, "%u of ", page->survey->total);
    strbuf_addf(out, "%u probe%s", page->plan->probe_count, page->plan->probe_count == 1 ? "" : "s");
    if (is_filtered) strbuf_putc(out, ':');
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) add_active(page, fields[i].param);
    if (is_filtered) strbuf_puts(out, " <a class=\"all\" href=\"./\">show all</a>");
    strbuf_puts(out, "</p>\n</section>\n");
}
