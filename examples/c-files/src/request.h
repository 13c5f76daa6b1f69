#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A request's head. Texts are in the buffer that was parsed. */
struct request {
    const char *method;
    const char *path;          /* decoded, without the query */
    const char *target;        /* as it was sent, for logs and redirects */
    const char *if_none_match; /* this and the next are NULL where there is no such header */
    const char *range;
    bool keep_alive;
    bool has_body;
};

/* How many bytes the first head in a buffer has, up to and with its empty line; 0 if it is not complete. */
size_t request_length(const char *text, size_t length);

/* Takes a complete head apart, in place. Returns 0, or the status to refuse the request with. */
int request_parse(struct request *request, char *text, size_t length);

enum range { RANGE_WHOLE, RANGE_PART, RANGE_OUTSIDE };

/* Which bytes of a body a Range header asks for. What is no single range of bytes is ignored, as RFC 9110 allows. */
enum range request_range(const char *range, size_t size, size_t *first, size_t *last);

/* Whether an If-None-Match header names an entity tag. */
bool request_matches(const char *if_none_match, const char *etag);
