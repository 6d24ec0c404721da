/*
 * Decides how news reaches the supervisor. When there is some, and what it says, is decided elsewhere.
 */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

/* A supervisor that does not read holds us up no longer than this. */
#define SEND_TIMEOUT_S 1

bool notify_parse_socket(const char *text, struct sockaddr_un *address, socklen_t *len)
{
    size_t text_len = strlen(text);
    if ((text[0] != '/' && text[0] != '@') || text_len < 2 || text_len >= sizeof(address->sun_path)) return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, text, text_len);
    /* An abstract name begins with a zero byte and does not end with one. */
    if (text[0] == '@') address->sun_path[0] = '\0';
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + text_len + (text[0] == '/'));
    return true;
}

uint64_t notify_parse_watchdog_ns(const char *usec, const char *pid, pid_t self)
{
    uint64_t value, wanted;
    if (pid && (!text_parse_u64(pid, INT32_MAX, &wanted) || wanted != (uint64_t)self)) return 0;
    return usec && text_parse_u64(usec, UINT64_MAX / NS_PER_US, &value) ? value * NS_PER_US : 0;
}

void notify_init(struct notify *notify, const char *socket_name)
{
    *notify = (struct notify){.fd = -1};
    if (!socket_name || !*socket_name) return;
    if (!notify_parse_socket(socket_name, &notify->address, &notify->address_len)) {
        log_event(LOG_LEVEL_WARN, "NOTIFY_SOCKET is neither a path nor @ and a name; nobody is notified", "value",
                  socket_name, NULL);
        return;
    }
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notify->fd < 0) PANIC("socket: %s", strerror(errno));
    const struct timeval timeout = {.tv_sec = SEND_TIMEOUT_S};
    setsockopt(notify->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

void notify_fini(struct notify *notify)
{
    if (notify->fd >= 0) close(notify->fd);
    notify->fd = -1;
}

static void send_news(struct notify *notify, const void *news, size_t len)
{
    if (notify->fd < 0) return;
    ssize_t sent;
    do {
        sent =
            sendto(notify->fd, news, len, MSG_NOSIGNAL, (const struct sockaddr *)&notify->address, notify->address_len);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && !notify->has_failed)
        log_event(LOG_LEVEL_WARN, "the supervisor that NOTIFY_SOCKET names cannot be told", "reason", strerror(errno),
                  NULL);
    notify->has_failed = sent < 0;
}

static void add_status(struct strbuf *news, const char *status)
{
    size_t begin = news->len;
    text_add_clean(news, status, strlen(status));
    if (news->len - begin <= NOTIFY_STATUS_MAX) return;
    size_t end = begin + NOTIFY_STATUS_MAX;
    while (((uint8_t)news->data[end] & 0xC0) == 0x80) end--;
    news->len = end;
    strbuf_puts(news, "...");
}

void notify_ready(struct notify *notify, const char *status)
{
    AUTO(strbuf_fini) struct strbuf news = {0};
    strbuf_puts(&news, "READY=1\nSTATUS=");
    add_status(&news, status);
    send_news(notify, news.data, news.len);
}

void notify_reloading(struct notify *notify, uint64_t now_mono_ns)
{
    AUTO(strbuf_fini) struct strbuf news = {0};
    strbuf_addf(&news, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reloading the configuration",
                now_mono_ns / NS_PER_US);
    send_news(notify, news.data, news.len);
}

static void send_text(struct notify *notify, const char *news) { send_news(notify, news, strlen(news)); }

void notify_stopping(struct notify *notify) { send_text(notify, "STOPPING=1\nSTATUS=stopping"); }

void notify_watchdog(struct notify *notify) { send_text(notify, "WATCHDOG=1"); }
