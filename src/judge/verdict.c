/* The names, categories and meanings of verdicts. Knows nothing of when one is given: that is judge.c. */
#include "dnspolicy/judge/verdict.h"

const char *const category_names[CATEGORIES] = {
    [CATEGORY_PASS] = "pass",         [CATEGORY_UNKNOWN] = "unknown",       [CATEGORY_UNREACHABLE] = "unreachable",
    [CATEGORY_MISMATCH] = "mismatch", [CATEGORY_TOO_STRICT] = "too_strict", [CATEGORY_TOO_OPEN] = "too_open",
};

const struct verdict_info verdict_table[VERDICTS] = {
    [VERDICT_PENDING] = {"pending", CATEGORY_UNKNOWN, "not run yet, or waiting for a probe that can vouch for silence"},
    [VERDICT_LOCAL_ERROR] = {"local_error", CATEGORY_UNKNOWN,
                             "the probe could not be sent from here as asked: source address gone, no permission, no "
                             "file descriptor"},
    [VERDICT_AS_EXPECTED] = {"as_expected", CATEGORY_PASS, "every part of the expectation holds"},
    [VERDICT_NETWORK_ERROR] = {"network_error", CATEGORY_UNREACHABLE,
                               "ICMP unreachable or TCP connection refused: never called a refusal"},
    [VERDICT_NO_RESPONSE] = {"no_response", CATEGORY_UNREACHABLE,
                             "no reply to any attempt, or a connection accepted and then closed or reset"},
    [VERDICT_BAD_CREDENTIALS] = {"bad_credentials", CATEGORY_MISMATCH,
                                 "TSIG error BADSIG or BADTIME, or BADKEY where an answer was expected"},
    [VERDICT_PROTOCOL_ERROR] =
        {"protocol_error", CATEGORY_UNREACHABLE,
         "a reply that is not one (malformed, permission with a wrong TSIG, failed TLS handshake, "
         "HTTP error), or FORMERR, BADVERS or NOTIMP to our own form where that was not "
         "expected"},
    [VERDICT_OPEN_TRANSFER] = {"open_transfer", CATEGORY_TOO_OPEN,
                               "a denial was expected, and the zone's SOA came as the start of a transfer"},
    [VERDICT_OPEN_UPDATE] = {"open_update", CATEGORY_TOO_OPEN,
                             "a denial was expected, and the server went on to the update's prerequisite"},
    [VERDICT_OPEN_RECURSION] = {"open_recursion", CATEGORY_TOO_OPEN,
                                "a denial was expected, and a name outside the resolver's zones was resolved"},
    [VERDICT_OPEN_CACHE] = {"open_cache", CATEGORY_TOO_OPEN,
                            "a denial was expected, and a name outside the resolver's zones was answered without "
                            "recursion"},
    [VERDICT_UNEXPECTED_ANSWER] = {"unexpected_answer", CATEGORY_TOO_OPEN,
                                   "a denial was expected, and NOERROR or NXDOMAIN came"},
    [VERDICT_UNEXPECTED_REFUSAL] = {"unexpected_refusal", CATEGORY_TOO_STRICT,
                                    "no denial was expected, and the server denied in words"},
    [VERDICT_WRONG_ANSWER] = {"wrong_answer", CATEGORY_MISMATCH,
                              "the rcode is right; flags, answer, EDE or NSID are not"},
    [VERDICT_WRONG_RCODE] = {"wrong_rcode", CATEGORY_MISMATCH, "anything else: a reply, and not the expected rcode"},
};
