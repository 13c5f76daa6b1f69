#ifndef SLICE_H
#define SLICE_H

#include <stdbool.h>
#include <stddef.h>

/* A run of bytes that belongs to somebody else; not terminated by NUL. */
struct slice {
    const char *at;
    size_t len;
};

/* The slice of a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b);

/* Cuts off what stands before the first c; false, and all of it, when there is no c. */
bool slice_cut(struct slice *rest, char c, struct slice *before);
/* Without the blanks and tabs around it. */
struct slice slice_trim(struct slice slice);

#endif
