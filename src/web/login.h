/* Whether a request may be asked at all. */
#ifndef DNSPOLICY_WEB_LOGIN_H
#define DNSPOLICY_WEB_LOGIN_H

#include "request.h"

/* True: go on. False: it was answered, or waits in REQUEST_LOGIN. */
bool login_passes(struct request *request);
/* After the wait. */
bool login_resumes(struct request *request);

#endif
