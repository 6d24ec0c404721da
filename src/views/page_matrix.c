/*
 * The matrix for people: one page of rows and columns, the worst clients on top and the worst resolvers on the left.
 * Decides what a cell says and where it leads. No probe is looked at by itself.
 */
#include "page_parts.h"

static bool is_group(const struct matrix *matrix, uint32_t column)
{
    return matrix->is_grouped && matrix->survey->plan->config->resolvers[column].group;
}

static const char *name_of(const struct matrix *matrix, uint32_t column)
{
    const struct config_resolver *resolver = &matrix->survey->plan->config->resolvers[column];
    return is_group(matrix, column) ? resolver->group : resolver->name;
}

/* To a client, a column, or where they meet; the other filters stay. */
static void add_link(const struct page *page, const struct matrix *matrix, const char *client, const uint32_t *column)
{
    unsigned replaced = client ? VIEW_PARAM_CLIENT : 0;
    if (column) replaced |= is_group(matrix, *column) ? VIEW_PARAM_GROUP : VIEW_PARAM_RESOLVER;
    struct html_link link = page_link_begin(page, replaced);
    if (client) html_link_add(&link, "client", client);
    if (column) html_link_add(&link, is_group(matrix, *column) ? "group" : "resolver", name_of(matrix, *column));
    html_link_end(&link);
}

static void add_column(const struct page *page, const struct matrix *matrix, uint32_t column)
{
    strbuf_addf(page->out, "<th scope=\"col\"%s><a", is_group(matrix, column) ? " class=\"group\"" : "");
    add_link(page, matrix, NULL, &column);
    strbuf_putc(page->out, '>');
    html_add_text(page->out, name_of(matrix, column));
    strbuf_puts(page->out, "</a>");
    if (is_group(matrix, column))
        strbuf_addf(page->out, " <span class=\"members\">group of %u</span>", matrix->members[column]);
    strbuf_puts(page->out, "</th>\n");
}

static void add_client(const struct page *page, const struct matrix *matrix, const struct config_client *client)
{
    strbuf_puts(page->out, "<tr><th scope=\"row\"><a");
    add_link(page, matrix, client->name, NULL);
    strbuf_putc(page->out, '>');
    html_add_text(page->out, client->name);
    strbuf_puts(page->out, "</a>");
    for (unsigned family = 0; family < ADDR_FAMILIES; family++) {
        if (!client->subnet_text[family]) continue;
        strbuf_puts(page->out, " <span class=\"subnet\">");
        html_add_text(page->out, client->subnet_text[family]);
        strbuf_puts(page->out, "</span>");
    }
    strbuf_puts(page->out, "</th>\n");
}

/* How many do not pass; where all do, how many that are. */
static void add_count(struct strbuf *out, const matrix_counts counts)
{
    uint32_t total = matrix_total(counts), failing = total - counts[CATEGORY_PASS];
    if (failing)
        strbuf_addf(out, "%u of %u", failing, total);
    else
        strbuf_addf(out, "%u probe%s", total, total == 1 ? "" : "s");
}

static void add_cell(const struct page *page, const struct matrix *matrix, const struct config_client *client,
                     uint32_t column)
{
    struct strbuf *out = page->out;
    const uint32_t *counts = matrix->cells[column];
    unsigned worst = matrix_worst(counts);
    if (worst == MATRIX_NO_PROBE) {
        strbuf_puts(out, "<td class=\"cell empty\"><span class=\"symbol\" aria-hidden=\"true\">–</span> "
                         "<span class=\"word\">not asked</span></td>\n");
        return;
    }
    strbuf_puts(out, "<td class=\"cell ");
    strbuf_puts(out, category_names[worst]);
    strbuf_puts(out, "\"><a");
    add_link(page, matrix, client->name, &column);
    strbuf_puts(out, " aria-label=\"");
    html_add_text(out, client->name);
    strbuf_puts(out, ", ");
    html_add_text(out, name_of(matrix, column));
    strbuf_addf(out, ": %s, ", page_words[worst].word);
    add_count(out, counts);
    strbuf_puts(out, worst == CATEGORY_PASS ? "\">" : " not passing\">");
    page_add_category(out, (enum category)worst);
    strbuf_puts(out, " <span class=\"count\">");
    add_count(out, counts);
    strbuf_puts(out, "</span></a></td>\n");
}

/* A window on one axis. */
struct span {
    uint32_t first, end;
};

static struct span span_of(const struct page_of *of)
{
    uint32_t first = of->offset < of->total ? of->offset : of->total;
    return (struct span){first, of->total - first < of->size ? of->total : first + of->size};
}

static void add_table(const struct page *page, struct matrix *matrix, struct span rows, struct span columns)
{
    struct strbuf *out = page->out;
    const struct config *config = page->plan->config;
    strbuf_puts(out,
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Matrix of clients and resolvers\">\n"
                "<table>\n<caption>The worst category of each pair, and how many of its probes do not pass"
                "</caption>\n<thead>\n<tr><th scope=\"col\">client</th>\n");
    for (uint32_t i = columns.first; i < columns.end; i++) add_column(page, matrix, matrix->columns.order[i]);
    strbuf_puts(out, "</tr>\n</thead>\n<tbody>\n");
    for (uint32_t row = rows.first; row < rows.end; row++) {
        const struct config_client *client = &config->clients[matrix->rows.order[row]];
        add_client(page, matrix, client);
        matrix_count_row(matrix, client->index);
        for (uint32_t i = columns.first; i < columns.end; i++) add_cell(page, matrix, client, matrix->columns.order[i]);
        strbuf_puts(out, "</tr>\n");
    }
    strbuf_puts(out, "</tbody>\n</table>\n</div>\n");
}

/* More resolvers than columns are shown as groups, unless one was asked for: then it is about its members. */
static void choose_columns(const struct page *page, struct matrix *matrix)
{
    bool is_about_members = page->params->given & (VIEW_PARAM_GROUP | VIEW_PARAM_RESOLVER);
    if (matrix->columns.count > PAGE_COLUMNS && !is_about_members) matrix_join_groups(matrix);
}

void page_add_matrix(struct page *page, struct matrix *matrix)
{
    struct strbuf *out = page->out;
    choose_columns(page, matrix);
    struct page_of rows = {"clients", VIEW_PARAM_OFFSET, page->params->offset, PAGE_ROWS, matrix->rows.count};
    struct page_of columns = {"resolvers", VIEW_PARAM_COLUMN, page->params->column, PAGE_COLUMNS,
                              matrix->columns.count};
    strbuf_puts(out, "<section id=\"matrix\">\n<h2>Clients × resolvers</h2>\n");
    if (matrix->rows.count) {
        page_add_pages(page, &columns);
        add_table(page, matrix, span_of(&rows), span_of(&columns));
        page_add_pages(page, &rows);
    } else {
        strbuf_puts(out, "<p>No probe matches the filters.</p>\n");
    }
    strbuf_puts(out, "</section>\n");
}
