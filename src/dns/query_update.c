/*
 * Decides what an UPDATE asks for: a prerequisite that no live zone meets, and the removal of a record that nobody has.
 * Knows nothing of headers and options.
 */
#include "query_update.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"

/*
 * Addresses of RFC 5737 and RFC 3849, names under the "invalid." of RFC 6761: data that no zone has a use for. PTR and
 * SRV are left out because BIND 9.18 with an update-policy asks who may remove such a record only if the record is
 * there: everybody would seem to be allowed.
 */
static const struct removable {
    uint16_t type;
    const char *record;
} removables[] = {
    {DNS_TYPE_A, ". 0 IN A 192.0.2.253"},
    {DNS_TYPE_AAAA, ". 0 IN AAAA 2001:db8:d05:9011:c7::253"},
    {DNS_TYPE_TXT, ". 0 IN TXT \"dnspolicy-probe-of-a-record-that-does-not-exist\""},
    {DNS_TYPE_CNAME, ". 0 IN CNAME dnspolicy-probe.invalid."},
    {DNS_TYPE_NS, ". 0 IN NS dnspolicy-probe.invalid."},
    {DNS_TYPE_MX, ". 0 IN MX 65053 dnspolicy-probe.invalid."},
};
static const char removable_names[] = "A, AAAA, TXT, CNAME, NS or MX";

static const struct removable *find_removable(uint16_t type)
{
    for (size_t i = 0; i < ARRAY_LEN(removables); i++)
        if (removables[i].type == type) return &removables[i];
    return NULL;
}

bool dns_update_type_is_known(uint16_t type, const char **known)
{
    if (known) *known = removable_names;
    return find_removable(type) != NULL;
}

const char *dns_update_rdata(uint16_t type)
{
    const struct removable *removable = find_removable(type);
    const char *text = removable ? removable->record : NULL;
    for (int spaces = 0; text && spaces < 4; spaces++) text = strchr(text, ' ') + 1;
    return text;
}

static ldns_rdf *owner_new(const char *owner)
{
    ldns_rdf *name = ldns_dname_new_frm_str(owner);
    REQUIRE(name);
    return name;
}

ldns_rr *query_record_new(const char *owner, uint16_t type, uint16_t klass)
{
    ldns_rr *record = ldns_rr_new();
    REQUIRE(record);
    ldns_rr_set_owner(record, owner_new(owner));
    ldns_rr_set_type(record, type);
    ldns_rr_set_class(record, klass);
    ldns_rr_set_ttl(record, 0);
    return record;
}

static ldns_rr *removal_new(const char *owner, uint16_t type)
{
    const struct removable *removable = find_removable(type);
    ldns_rr *record = NULL;
    REQUIRE(removable && ldns_rr_new_frm_str(&record, removable->record, 0, NULL, NULL) == LDNS_STATUS_OK);
    ldns_rdf_deep_free(ldns_rr_owner(record));
    ldns_rr_set_owner(record, owner_new(owner));
    ldns_rr_set_class(record, LDNS_RR_CLASS_NONE);
    return record;
}

void query_update_add(ldns_pkt *packet, const struct dns_question *question, const char *name)
{
    ldns_rr *no_soa = query_record_new(question->zone, DNS_TYPE_SOA, DNS_CLASS_NONE);
    ldns_rr *removal = removal_new(name, question->type);
    /* RFC 2136 section 2.2: the prerequisites stand where answers would, the updates where authorities would. */
    REQUIRE(ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, no_soa));
    REQUIRE(ldns_pkt_push_rr(packet, LDNS_SECTION_AUTHORITY, removal));
}
