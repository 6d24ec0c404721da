/* The files of src/views/assets/ as the build embeds them, each with a byte after its end. */
#ifndef VIEWS_PAGE_ASSETS_H
#define VIEWS_PAGE_ASSETS_H

#include <stddef.h>

extern const unsigned char asset_page_css[], asset_page_js[];
extern const size_t asset_page_css_len, asset_page_js_len;

#endif
