/* Answers: every one of them has the same headers and is counted. Each ends its request. */
#ifndef DNSPOLICY_WEB_ANSWER_H
#define DNSPOLICY_WEB_ANSWER_H

#include "request.h"

#define ANSWER_JSON "application/json; charset=utf-8"
#define ANSWER_TEXT "text/plain; charset=utf-8"
#define ANSWER_HTML "text/html; charset=utf-8"

/* Takes the response. */
void answer_response(struct request *request, unsigned code, const char *type, struct MHD_Response *response);
/* Takes what is in the buffer. */
void answer_body(struct request *request, unsigned code, const char *type, struct strbuf *body);
/* A sentence, as JSON where the path belongs to the API, else as text. */
void answer_sentence(struct request *request, unsigned code, const char *sentence);

#endif
