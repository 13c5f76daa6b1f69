#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

/*
 * Text in a fixed buffer. What does not fit is left out, and `truncated` is
 * set. printf would be larger than the rest of the server and need the
 * compiler's soft-float library on arm64.
 */
struct text {
    char *at;
    size_t len;
    size_t size;
    bool truncated;
};

struct text text_in(char *buffer, size_t size);
void text_add(struct text *text, struct slice slice);
void text_add_string(struct text *text, const char *string);
void text_add_number(struct text *text, uint64_t number);
/* A decimal number with leading zeros up to width digits. */
void text_add_padded(struct text *text, uint64_t number, unsigned width);

#endif
