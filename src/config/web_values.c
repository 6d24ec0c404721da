/* Decides which single values the Prometheus exporter toolkit takes in a web config file. */
#include "web_values.h"

#include <string.h>

#include "dnspolicy/base/mem.h"

bool web_value_is_pem(const char *text, const char *label)
{
    static const char begin[] = "-----BEGIN ";
    for (const char *at = text; (at = strstr(at, begin));) {
        at += sizeof(begin) - 1;
        const char *dashes = strstr(at, "-----");
        const char *found = strstr(at, label);
        if (dashes && found && found + strlen(label) == dashes) return true;
    }
    return false;
}

/* "$2y$10$" and 53 characters of a base64 of its own. */
bool web_value_is_bcrypt(const char *text, unsigned *cost)
{
    static const char alphabet[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    bool is_prefix = strncmp(text, "$2", 2) == 0 && text[2] && strchr("aby", text[2]) && text[3] == '$';
    if (!is_prefix || strlen(text) != 60 || text[6] != '$') return false;
    if (strspn(text + 4, "0123456789") != 2 || strspn(text + 7, alphabet) != 53) return false;
    *cost = (unsigned)(text[4] - '0') * 10 + (unsigned)(text[5] - '0');
    return *cost >= 4 && *cost <= 31;
}

bool web_value_parse_auth(const char *text, enum web_client_auth *auth)
{
    static const struct {
        const char *name;
        enum web_client_auth auth;
    } types[] = {
        {"", WEB_CLIENT_AUTH_NONE},
        {"NoClientCert", WEB_CLIENT_AUTH_NONE},
        {"RequestClientCert", WEB_CLIENT_AUTH_REQUEST},
        {"RequireAnyClientCert", WEB_CLIENT_AUTH_REQUIRE_ANY},
        {"RequireClientCert", WEB_CLIENT_AUTH_REQUIRE_ANY}, /* the toolkit's older name for it */
        {"VerifyClientCertIfGiven", WEB_CLIENT_AUTH_VERIFY_IF_GIVEN},
        {"RequireAndVerifyClientCert", WEB_CLIENT_AUTH_REQUIRE_AND_VERIFY},
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(text, types[i].name) != 0) continue;
        *auth = types[i].auth;
        return true;
    }
    return false;
}

bool web_value_parse_tls(const char *text, unsigned *minor)
{
    if (strncmp(text, "TLS1", 4) != 0 || text[4] < '0' || text[4] > '3' || text[5]) return false;
    *minor = (unsigned)(text[4] - '0');
    return true;
}

const char *web_value_check_header(const char *name, const char *value)
{
    static const char *const free_headers[] = {"Strict-Transport-Security", "X-XSS-Protection",
                                               "Content-Security-Policy"};
    if (strcmp(name, "X-Content-Type-Options") == 0)
        return strcmp(value, "nosniff") == 0 ? NULL : "the value of this header is nosniff";
    if (strcmp(name, "X-Frame-Options") == 0)
        return strcmp(value, "deny") == 0 || strcmp(value, "sameorigin") == 0
                   ? NULL
                   : "the value of this header is deny or sameorigin";
    for (size_t i = 0; i < ARRAY_LEN(free_headers); i++)
        if (strcmp(name, free_headers[i]) == 0) return NULL;
    return "this header cannot be set; Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, "
           "X-XSS-Protection and Content-Security-Policy can";
}
