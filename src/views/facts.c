/* Decides how facts of a reply are named. Knows no format. */
#include "facts.h"

#include <string.h>
#include <time.h>

#include "dnspolicy/dns/numbers.h"

bool facts_next_record(const struct dns_reply *reply, const char **at, const char **record, size_t *len)
{
    if (!*at || *at >= reply->answer + reply->answer_len) return false;
    const char *end = reply->answer + reply->answer_len;
    const char *line_end = memchr(*at, '\n', (size_t)(end - *at));
    if (!line_end) line_end = end;
    *record = *at;
    *len = (size_t)(line_end - *at);
    *at = line_end + 1;
    return true;
}

void facts_add_tsig_error(struct strbuf *out, uint16_t error)
{
    static const char *const names[] = {"BADSIG", "BADKEY", "BADTIME"};
    if (error >= DNS_TSIG_BADSIG && error <= DNS_TSIG_BADTIME)
        strbuf_puts(out, names[error - DNS_TSIG_BADSIG]);
    else
        strbuf_add_u64(out, error);
}

bool facts_format_seconds(int64_t unix_s, char out[CLOCK_TEXT_SIZE])
{
    struct tm utc;
    time_t when = unix_s;
    if (!gmtime_r(&when, &utc) || utc.tm_year < 0 || utc.tm_year > 9999 - 1900) return false;
    return strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0;
}
