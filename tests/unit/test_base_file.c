/* Files: read no further than allowed, written whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof(directory), "/tmp/test_base_file.XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static int remove_directory(void **state)
{
    (void)state;
    DIR *dir = opendir(directory);
    if (!dir) return -1;
    for (struct dirent *entry; (entry = readdir(dir));) unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    return rmdir(directory);
}

static char *path_of(const char *name) { return mem_printf("%s/%s", directory, name); }

static void write_plainly(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void assert_contains(const char *path, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf buf = {0};
    char *error = NULL;
    assert_true(file_read(path, 1000, &buf, &error));
    assert_string_equal(strbuf_text(&buf), expected);
}

static void assert_unreadable(const char *path, size_t max, const char *expected_error)
{
    AUTO(strbuf_fini) struct strbuf buf = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    strbuf_puts(&buf, "before");
    assert_false(file_read(path, max, &buf, &error));
    assert_string_equal(error, expected_error);
    assert_string_equal(strbuf_text(&buf), "before");
    assert_int_equal(buf.len, 6);
}

static void a_file_is_read_after_what_is_there_already(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *path = path_of("plain");
    AUTO(strbuf_fini) struct strbuf buf = {0};
    char *error = NULL;
    write_plainly(path, "a\0b", 3);
    strbuf_puts(&buf, "x");
    assert_true(file_read(path, 100, &buf, &error));
    assert_null(error);
    assert_int_equal(buf.len, 4);
    assert_memory_equal(buf.data, "xa\0b", 5);
}

static void an_empty_file_is_empty_text(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *path = path_of("empty");
    write_plainly(path, "", 0);
    assert_contains(path, "");
    assert_contains("/dev/null", "");
}

static void a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not(void **state)
{
    (void)state;
    static char bytes[200000];
    memset(bytes, 'x', sizeof(bytes));
    AUTO(mem_free_ptr) char *path = path_of("large");
    AUTO(mem_free_ptr) char *expected = mem_printf("%s is larger than 199999 bytes", path);
    AUTO(strbuf_fini) struct strbuf buf = {0};
    char *error = NULL;
    write_plainly(path, bytes, sizeof(bytes));
    assert_true(file_read(path, sizeof(bytes), &buf, &error));
    assert_int_equal(buf.len, sizeof(bytes));
    assert_memory_equal(buf.data, bytes, sizeof(bytes));
    assert_unreadable(path, sizeof(bytes) - 1, expected);
}

static void an_endless_file_ends_at_the_limit(void **state)
{
    (void)state;
    assert_unreadable("/dev/zero", 1000000, "/dev/zero is larger than 1000000 bytes");
    assert_unreadable("/dev/zero", 0, "/dev/zero is larger than 0 bytes");
}

/* The kernel reports a size of 0 for it. */
static void a_file_that_does_not_know_its_size_is_read(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf buf = {0};
    char *error = NULL;
    assert_true(file_read("/proc/self/status", 100000, &buf, &error));
    assert_non_null(strstr(strbuf_text(&buf), "Name:\ttest_base_file"));
}

static void a_fifo_is_empty_until_somebody_writes_to_it(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *fifo = path_of("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    alarm(10); /* ends the test where it would wait for ever */
    assert_contains(fifo, "");
    alarm(0);
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    AUTO(mem_free_ptr) char *path = mem_printf("/proc/self/fd/%d", ends[0]);
    pid_t writer = fork();
    if (writer == 0) {
        poll(NULL, 0, 20); /* so that the reader finds nothing at first */
        _exit(write(ends[1], "text", 4) != 4);
    }
    assert_true(writer > 0);
    close(ends[1]);
    assert_contains(path, "text");
    int status;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    close(ends[0]);
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *missing = path_of("missing");
    AUTO(mem_free_ptr) char *no_file = mem_printf("cannot open %s: No such file or directory", missing);
    AUTO(mem_free_ptr) char *is_directory = mem_printf("cannot read %s: Is a directory", directory);
    assert_unreadable(missing, 100, no_file);
    assert_unreadable(directory, 100, is_directory);
    assert_unreadable("", 100, "cannot open : No such file or directory");
}

static void a_file_is_written_and_replaced_whole(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *path = path_of("whole");
    char *error = NULL;
    assert_true(file_write_whole(path, "first and long", 14, &error));
    assert_contains(path, "first and long");
    size_t files = count_files();
    assert_true(file_write_whole(path, "second", 6, &error));
    assert_contains(path, "second");
    assert_true(file_write_whole(path, NULL, 0, &error));
    assert_contains(path, "");
    assert_null(error);
    assert_int_equal(count_files(), files);
}

static void a_reader_of_the_old_file_keeps_the_old_content(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *path = path_of("read");
    char *error = NULL;
    assert_true(file_write_whole(path, "old", 3, &error));
    int fd = open(path, O_RDONLY);
    assert_true(file_write_whole(path, "new", 3, &error));
    char bytes[4] = "";
    assert_int_equal(read(fd, bytes, 3), 3);
    assert_string_equal(bytes, "old");
    close(fd);
}

static void a_replaced_file_keeps_its_permissions_and_a_new_one_obeys_the_umask(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *path = path_of("mode");
    char *error = NULL;
    struct stat stat_buf;
    mode_t old_umask = umask(027);
    assert_true(file_write_whole(path, "x", 1, &error));
    umask(old_umask);
    assert_int_equal(stat(path, &stat_buf), 0);
    assert_int_equal(stat_buf.st_mode & 0777, 0640);
    assert_int_equal(chmod(path, 0604), 0);
    assert_true(file_write_whole(path, "y", 1, &error));
    assert_int_equal(stat(path, &stat_buf), 0);
    assert_int_equal(stat_buf.st_mode & 0777, 0604);
}

static void assert_unwritable(const char *path, const char *expected_error)
{
    AUTO(mem_free_ptr) char *error = NULL;
    size_t files = count_files();
    assert_false(file_write_whole(path, "x", 1, &error));
    assert_string_equal(error, expected_error);
    assert_int_equal(count_files(), files);
}

static void only_a_regular_file_is_replaced(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *link_path = path_of("link");
    AUTO(mem_free_ptr) char *link_error = mem_printf("cannot replace %s: it is not a regular file", link_path);
    AUTO(mem_free_ptr) char *directory_error = mem_printf("cannot replace %s: it is not a regular file", directory);
    assert_int_equal(symlink("plain", link_path), 0);
    assert_unwritable(link_path, link_error);
    assert_unwritable(directory, directory_error);
}

static void a_write_that_fails_half_way_leaves_the_old_file_and_no_other(void **state)
{
    (void)state;
    static const char bytes[100];
    AUTO(mem_free_ptr) char *path = path_of("full");
    AUTO(mem_free_ptr) char *expected = mem_printf("cannot write %s: File too large", path);
    AUTO(mem_free_ptr) char *error = NULL;
    struct rlimit before;
    assert_true(file_write_whole(path, "old", 3, &error));
    size_t files = count_files();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 10, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool written = file_write_whole(path, bytes, sizeof(bytes), &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(written);
    assert_string_equal(error, expected);
    assert_contains(path, "old");
    assert_int_equal(count_files(), files);
}

static void a_missing_directory_is_an_error_that_names_the_file(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *path = path_of("missing/file");
    AUTO(mem_free_ptr) char *error = mem_printf("cannot write %s: No such file or directory", path);
    assert_unwritable(path, error);
}

static void assert_beside(const char *base, const char *name, const char *expected)
{
    AUTO(mem_free_ptr) char *path = file_path_beside(base, name);
    assert_string_equal(path, expected);
}

static void an_absolute_path_is_good_in_every_directory(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) char *home = getcwd(NULL, 0);
    AUTO(mem_free_ptr) char *here = path_of("keys/xfr.key");
    assert_int_equal(chdir(directory), 0);
    AUTO(mem_free_ptr) char *relative = file_path_absolute("keys/xfr.key");
    AUTO(mem_free_ptr) char *absolute = file_path_absolute("/etc/xfr.key");
    assert_int_equal(chdir(home), 0);
    assert_string_equal(relative, here);
    assert_string_equal(absolute, "/etc/xfr.key");
}

static void a_name_is_seen_from_the_directory_of_the_other_file(void **state)
{
    (void)state;
    assert_beside("/etc/dnspolicy/config.yml", "keys.yml", "/etc/dnspolicy/keys.yml");
    assert_beside("config.yml", "keys.yml", "keys.yml");
    assert_beside("sub/config.yml", "../keys.yml", "sub/../keys.yml");
    assert_beside("/config.yml", "keys.yml", "/keys.yml");
    assert_beside("/etc/config.yml", "/keys.yml", "/keys.yml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_after_what_is_there_already),
        cmocka_unit_test(an_empty_file_is_empty_text),
        cmocka_unit_test(a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not),
        cmocka_unit_test(an_endless_file_ends_at_the_limit),
        cmocka_unit_test(a_file_that_does_not_know_its_size_is_read),
        cmocka_unit_test(a_fifo_is_empty_until_somebody_writes_to_it),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(a_file_is_written_and_replaced_whole),
        cmocka_unit_test(a_reader_of_the_old_file_keeps_the_old_content),
        cmocka_unit_test(a_replaced_file_keeps_its_permissions_and_a_new_one_obeys_the_umask),
        cmocka_unit_test(only_a_regular_file_is_replaced),
        cmocka_unit_test(a_write_that_fails_half_way_leaves_the_old_file_and_no_other),
        cmocka_unit_test(a_missing_directory_is_an_error_that_names_the_file),
        cmocka_unit_test(an_absolute_path_is_good_in_every_directory),
        cmocka_unit_test(a_name_is_seen_from_the_directory_of_the_other_file),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
