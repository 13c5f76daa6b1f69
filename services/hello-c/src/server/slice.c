#include "slice.h"

#include <string.h>
#include <strings.h>

bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

bool slice_is_word(struct slice slice, const char *marks)
{
    for (size_t i = 0; i < slice.len; i++) {
        char c = slice.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!plain && (c == '\0' || strchr(marks, c) == NULL)) {
            return false;
        }
    }
    return true;
}

bool slice_cut(struct slice *rest, char c, struct slice *before)
{
    const char *found = rest->len > 0 ? memchr(rest->at, c, rest->len) : NULL;
    *before = *rest;
    if (found == NULL) {
        *rest = (struct slice){rest->at + rest->len, 0};
        return false;
    }
    before->len = (size_t)(found - rest->at);
    *rest = (struct slice){found + 1, rest->len - before->len - 1};
    return true;
}

struct slice slice_trim(struct slice slice)
{
    while (slice.len > 0 && (*slice.at == ' ' || *slice.at == '\t')) {
        slice.at++;
        slice.len--;
    }
    while (slice.len > 0 && (slice.at[slice.len - 1] == ' ' || slice.at[slice.len - 1] == '\t')) {
        slice.len--;
    }
    return slice;
}
