/* Decides how the status page calls categories and verdicts, and with which symbols: colour alone says nothing to
 * many. */
#include "page_parts.h"

const struct page_word page_words[CATEGORIES] = {
    [CATEGORY_PASS] = {"✓", "pass"},
    [CATEGORY_UNKNOWN] = {"?", "unknown"},
    [CATEGORY_UNREACHABLE] = {"✕", "unreachable"},
    [CATEGORY_MISMATCH] = {"≠", "mismatch"},
    [CATEGORY_TOO_STRICT] = {"▼", "too strict"},
    [CATEGORY_TOO_OPEN] = {"▲", "too open"},
};

void page_add_category(struct strbuf *out, enum category category)
{
    strbuf_puts(out, "<span class=\"symbol\" aria-hidden=\"true\">");
    strbuf_puts(out, page_words[category].symbol);
    strbuf_puts(out, "</span> <span class=\"word\">");
    strbuf_puts(out, page_words[category].word);
    strbuf_puts(out, "</span>");
}

void page_add_verdict(struct strbuf *out, enum verdict verdict)
{
    enum category category = verdict_table[verdict].category;
    strbuf_addf(out, "<span class=\"badge %s\">", category_names[category]);
    page_add_category(out, category);
    strbuf_addf(out, "</span> <span class=\"verdict\">%s</span>", verdict_table[verdict].name);
}

void page_add_counts(struct strbuf *out, const uint32_t counts[CATEGORIES])
{
    const char *separator = "";
    for (unsigned category = CATEGORIES; category-- > CATEGORY_UNKNOWN;) {
        if (!counts[category]) continue;
        strbuf_addf(out, "%s%u %s", separator, counts[category], page_words[category].word);
        separator = ", ";
    }
    if (*separator) return;
    strbuf_puts(out, counts[CATEGORY_PASS] ? "all pass" : "no probe matches");
}
