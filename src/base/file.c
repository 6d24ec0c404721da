/*
 * Decides how a file is read without trusting its size and replaced without a moment in which it is half there.
 * Knows nothing of what is in it.
 */
#include "dnspolicy/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/random.h"

#define READ_CHUNK ((size_t)65536)

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static bool fail(char **error, const char *action, const char *path)
{
    *error = mem_printf("cannot %s %s: %s", action, path, strerror(errno));
    return false;
}

static ssize_t read_some(int fd, void *out, size_t len)
{
    ssize_t got;
    do got = read(fd, out, len);
    while (got < 0 && errno == EINTR);
    return got;
}

/* At most max bytes are kept; one byte more is asked for, to tell a file of max bytes from a larger one. */
static bool read_bounded(int fd, const char *path, size_t max, struct strbuf *out, char **error)
{
    for (size_t left = max;;) {
        char surplus;
        size_t want = left < READ_CHUNK ? left : READ_CHUNK;
        strbuf_reserve(out, want);
        ssize_t got = left ? read_some(fd, out->data + out->len, want) : read_some(fd, &surplus, 1);
        if (got < 0) return fail(error, "read", path);
        if (got == 0) return true;
        if (!left) {
            *error = mem_printf("%s is larger than %zu bytes", path, max);
            return false;
        }
        out->len += (size_t)got;
        out->data[out->len] = '\0';
        left -= (size_t)got;
    }
}

/* A FIFO that nobody writes to would hold up open() for ever: it reads as empty. One that is written to is waited for,
 * such as <(command) of a shell. */
static int open_to_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

bool file_read(const char *path, size_t max, struct strbuf *out, char **error)
{
    AUTO(close_fd) int fd = open_to_read(path);
    if (fd < 0) return fail(error, "open", path);
    size_t before = out->len;
    if (read_bounded(fd, path, max, out, error)) return true;
    out->len = before;
    out->data[before] = '\0';
    return false;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        at += written;
        len -= (size_t)written;
    }
    return true;
}

/* A rename is lasting only once the directory is. Some filesystems cannot sync one; the file is whole regardless. */
static void sync_directory_of(const char *path)
{
    AUTO(mem_free_ptr) char *directory = file_path_beside(path, ".");
    AUTO(close_fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) (void)fsync(fd);
}

/* Whoever could read the old file can read the new one. */
static bool write_temporary(int fd, const struct stat *old, const void *bytes, size_t len)
{
    if (old && fchmod(fd, old->st_mode & 07777) != 0) return false;
    return write_all(fd, bytes, len) && fsync(fd) == 0;
}

bool file_write_whole(const char *path, const void *bytes, size_t len, char **error)
{
    struct stat old;
    bool replaces = lstat(path, &old) == 0;
    if (replaces && !S_ISREG(old.st_mode)) {
        /* A rename over a link or a device, such as /dev/stdout, would destroy it. */
        *error = mem_printf("cannot replace %s: it is not a regular file", path);
        return false;
    }
    uint64_t unique;
    random_bytes(&unique, sizeof(unique));
    AUTO(mem_free_ptr) char *temporary = mem_printf("%s.%016llx.tmp", path, (unsigned long long)unique);
    AUTO(close_fd) int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return fail(error, "write", path);
    if (!write_temporary(fd, replaces ? &old : NULL, bytes, len) || rename(temporary, path) != 0) {
        fail(error, "write", path);
        (void)unlink(temporary);
        return false;
    }
    sync_directory_of(path);
    return true;
}

char *file_path_beside(const char *base, const char *name)
{
    const char *slash = strrchr(base, '/');
    if (name[0] == '/' || !slash) return mem_strdup(name);
    struct strbuf path = {0};
    strbuf_add(&path, base, (size_t)(slash - base) + 1);
    strbuf_puts(&path, name);
    return strbuf_steal(&path);
}

char *file_path_absolute(const char *path)
{
    AUTO(mem_free_ptr) char *directory = path[0] == '/' ? NULL : getcwd(NULL, 0);
    return directory ? mem_printf("%s/%s", directory, path) : mem_strdup(path);
}
