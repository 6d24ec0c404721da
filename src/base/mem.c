/*
 * Decides what running out of memory and a broken invariant mean: the end of the process, with file and line.
 * Knows nothing of logging: at that point nothing may be trusted to work but write(2).
 */
#include "dnspolicy/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mem_panic(const char *file, int line, const char *format, ...)
{
    char message[512];
    char text[768];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    snprintf(text, sizeof(text), "%.200s:%d: %s\n", file, line, message);
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
    abort();
}

void *mem_alloc(size_t size) { return mem_array(1, size); }

void *mem_array(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory) PANIC("out of memory: %zu elements of %zu bytes", count, size);
    return memory;
}

void *mem_resize(void *old, size_t count, size_t size)
{
    void *memory = reallocarray(old, count ? count : 1, size ? size : 1);
    if (!memory) PANIC("out of memory: %zu elements of %zu bytes", count, size);
    return memory;
}

void *mem_grow(void *array, size_t used, size_t *capacity, size_t size)
{
    if (used < *capacity) return array;
    REQUIRE(used == *capacity && used <= SIZE_MAX / 2);
    *capacity = used ? used * 2 : 8;
    return mem_resize(array, *capacity, size);
}

void *mem_copy(const void *bytes, size_t size)
{
    void *copy = mem_alloc(size);
    if (size) memcpy(copy, bytes, size);
    return copy;
}

char *mem_strdup(const char *text) { return text ? mem_copy(text, strlen(text) + 1) : NULL; }

char *mem_strndup(const char *text, size_t len)
{
    len = strnlen(text, len);
    REQUIRE(len < SIZE_MAX);
    char *copy = mem_alloc(len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) PANIC("cannot format text: %s", format);
    return text;
}

void mem_free_ptr(void *pointer)
{
    /* Copied, because the local is a `char *` or a `struct x *` and may not be read as a `void *`. */
    void *memory;
    memcpy(&memory, pointer, sizeof(memory));
    free(memory);
    memory = NULL;
    memcpy(pointer, &memory, sizeof(memory));
}
