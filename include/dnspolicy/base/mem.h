/*
 * Memory and broken invariants.
 *
 * Running out of memory and a broken invariant cannot be handled in a way that anyone would test, so both end the
 * process at once with file and line, and the supervisor restarts it. Everything else is a documented outcome.
 *
 * The one cleanup idiom of the tree: a local that owns something is declared with AUTO(function), where the function
 * takes a pointer to the local and accepts an empty one:
 *
 *     AUTO(mem_free_ptr) char *text = mem_strdup("x");
 *
 * Ownership is handed on with MEM_STEAL(text), which leaves the local empty.
 */
#ifndef DNSPOLICY_BASE_MEM_H
#define DNSPOLICY_BASE_MEM_H

#include <stddef.h>

#define AUTO(fn) __attribute__((cleanup(fn)))
#define MEM_STEAL(p)                                                                                                   \
    __extension__({                                                                                                    \
        __typeof__(p) stolen_ = (p);                                                                                   \
        (p) = NULL;                                                                                                    \
        stolen_;                                                                                                       \
    })
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Ends the process: prints "file:line: message" on stderr and aborts. */
#define PANIC(...) mem_panic(__FILE__, __LINE__, __VA_ARGS__)
/* Always checked, in release builds too. */
#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) mem_panic(__FILE__, __LINE__, "broken invariant: %s", #condition);                           \
    } while (0)

_Noreturn void mem_panic(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

void *mem_alloc(size_t size);                           /* zeroed; never NULL */
void *mem_array(size_t count, size_t size);             /* zeroed; overflow panics */
void *mem_resize(void *old, size_t count, size_t size); /* new bytes are not zeroed */
/* Room for one more element in a doubling array; returns the (moved) array. */
void *mem_grow(void *array, size_t used, size_t *capacity, size_t size);
void *mem_copy(const void *bytes, size_t size);
char *mem_strdup(const char *text); /* NULL stays NULL */
char *mem_strndup(const char *text, size_t len);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For AUTO: frees *(void **)pointer. */
void mem_free_ptr(void *pointer);

#endif
