/* What a resolv.conf(5) names as servers. */
#ifndef DNSPOLICY_SRC_CONFIG_RESOLV_CONF_H
#define DNSPOLICY_SRC_CONFIG_RESOLV_CONF_H

#include <stddef.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/base/strbuf.h"

#define RESOLV_CONF_SERVERS_MAX 16
#define RESOLV_CONF_FILE_MAX (64u * 1024)

struct resolv_conf {
    struct addr servers[RESOLV_CONF_SERVERS_MAX]; /* no address twice, in the order of the file */
    size_t count;
    struct strbuf ignored; /* a sentence on the first server that is none; empty: all are good */
};

void resolv_conf_parse(struct resolv_conf *conf, const char *text, size_t len); /* adds to what is there */
void resolv_conf_fini(struct resolv_conf *conf);
/* systemd-resolved's stub (127.0.0.53, or 127.0.0.54 as a mere proxy): the real servers are in a file of its own. */
bool resolv_conf_has_stub(const struct resolv_conf *conf);

#endif
