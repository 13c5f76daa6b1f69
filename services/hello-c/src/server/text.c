#include "text.h"

#include <string.h>

#define DIGITS_MAX 20 /* of UINT64_MAX */

struct text text_in(char *buffer, size_t size)
{
    return (struct text){.at = buffer, .size = size};
}

void text_add(struct text *text, struct slice slice)
{
    size_t room = text->size - text->len;
    if (slice.len > room) {
        slice.len = room;
        text->truncated = true;
    }
    if (slice.len > 0) {
        memcpy(text->at + text->len, slice.at, slice.len);
        text->len += slice.len;
    }
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, (struct slice){string, strlen(string)});
}

void text_add_number(struct text *text, uint64_t number)
{
    text_add_padded(text, number, 1);
}

void text_add_padded(struct text *text, uint64_t number, unsigned width)
{
    char digits[DIGITS_MAX];
    size_t first = DIGITS_MAX;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (first > 0 && (number > 0 || DIGITS_MAX - first < width));
    text_add(text, (struct slice){digits + first, DIGITS_MAX - first});
}
