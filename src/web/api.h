/* The routes that are answered at once. */
#ifndef DNSPOLICY_WEB_API_H
#define DNSPOLICY_WEB_API_H

struct request;

void api_health(struct request *request);
void api_healthy(struct request *request);
void api_ready(struct request *request);
void api_probes(struct request *request);
void api_probe(struct request *request);
void api_verdicts(struct request *request);
void api_matrix(struct request *request);
void api_events(struct request *request);
void api_status(struct request *request);

#endif
