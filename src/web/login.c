/*
 * Decides who gets in, before anything is said about paths. Comparing a password takes long, so it is ordered, and the
 * request waits; whoever was right lately does not.
 */
#include "login.h"

#include "dnspolicy/base/mem.h"
#include "answer.h"

#define LOGIN_WAIT_S 30

static bool refuse(struct request *request)
{
    answer_sentence(request, MHD_HTTP_UNAUTHORIZED, "Unauthorized");
    return false;
}

static bool order_comparison(struct request *request, const struct auth_login *login, const char *bcrypt, bool is_known)
{
    struct auth_desk *desk = request->web->auth;
    if (!auth_desk_has_room(desk, &request->visit->address)) {
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many logins are waiting; try again in a second");
        return false;
    }
    struct later *later = request_wait(request, REQUEST_LOGIN, LOGIN_WAIT_S);
    if (later) auth_desk_ask(desk, &request->visit->address, login, bcrypt, is_known, later);
    return false;
}

bool login_passes(struct request *request)
{
    const struct web_config *config = request->settings->config;
    if (!config->user_count) return true;
    AUTO(auth_login_wipe) struct auth_login login;
    if (!auth_parse(request_header(request, "Authorization"), &login)) return refuse(request);
    bool is_known;
    const char *bcrypt = auth_find_hash(config, request->settings->dummy_hash, login.user, &is_known);
    struct auth_cache *cache = auth_desk_cache(request->web->auth);
    struct auth_key key = auth_cache_key(cache, &login, bcrypt);
    if (is_known && auth_cache_has(cache, &key)) return true;
    return order_comparison(request, &login, bcrypt, is_known);
}

bool login_resumes(struct request *request)
{
    void *right;
    enum later_status status = later_take(&request->web->laters, MEM_STEAL(request->later), &right);
    if (status == LATER_ANSWERED) return right ? true : refuse(request);
    answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE,
                    status == LATER_STOPPED ? "the exporter is stopping" : "the login took too long; try again");
    return false;
}
