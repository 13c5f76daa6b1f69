#ifndef SLICE_H
#define SLICE_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that are stored elsewhere; not terminated by NUL. */
struct slice {
    const char *at;
    size_t len;
};

/* The slice of a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b);

/* Only letters, digits and the characters in marks. */
bool slice_is_word(struct slice slice, const char *marks);

/* Cuts off what comes before the first c; without a c that is all of it, and false. */
bool slice_cut(struct slice *rest, char c, struct slice *before);
/* Without the blanks and tabs at its ends. */
struct slice slice_trim(struct slice slice);

#endif
