/* The status page and the files that go with it. */
#ifndef DNSPOLICY_WEB_PAGE_H
#define DNSPOLICY_WEB_PAGE_H

#include <stdbool.h>

struct request;

void page_handle(struct request *request);
void page_handle_asset(struct request *request);
/* Whether an If-None-Match header has the entity tag, weak or not (RFC 9110 section 13.1.2). NULL has none. Pure. */
bool page_tag_matches(const char *header, const char *tag);

#endif
