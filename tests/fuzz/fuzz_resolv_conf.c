/* The host's resolv.conf: any bytes give a bounded list of addresses, none twice. */
#include <stddef.h>
#include <stdint.h>

#include "config/resolv_conf.h"
#include "dnspolicy/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > RESOLV_CONF_FILE_MAX) return -1;
    AUTO(resolv_conf_fini) struct resolv_conf conf = {0};
    AUTO(mem_free_ptr) char *text = mem_copy(data, size);
    resolv_conf_parse(&conf, text, size);
    REQUIRE(conf.count <= RESOLV_CONF_SERVERS_MAX);
    for (size_t i = 0; i < conf.count; i++)
        for (size_t k = 0; k < i; k++) REQUIRE(!addr_equal(&conf.servers[i], &conf.servers[k]));
    resolv_conf_has_stub(&conf);
    return 0;
}
