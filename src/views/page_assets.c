/* Decides under which names the embedded files are served, and as what. */
#include "page_assets.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/page.h"

bool page_asset_find(const char *name, struct page_asset *out)
{
    const struct page_asset assets[] = {
        {"page.css", "text/css; charset=utf-8", asset_page_css, asset_page_css_len},
        {"page.js", "text/javascript; charset=utf-8", asset_page_js, asset_page_js_len},
    };
    for (size_t i = 0; i < ARRAY_LEN(assets); i++) {
        if (strcmp(assets[i].name, name) != 0) continue;
        *out = assets[i];
        return true;
    }
    return false;
}
