/* The tables that go into the manual and the shells' completions. */
#ifndef DNSPOLICY_PACKAGING_TABLES_H
#define DNSPOLICY_PACKAGING_TABLES_H

/* Prints to standard output. A name of NULL ends an array of them. */
struct table {
    const char *name;
    void (*print)(void);
};

extern const struct table manual_tables[];
extern const struct table completion_tables[];

#endif
