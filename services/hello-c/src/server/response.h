#ifndef RESPONSE_H
#define RESPONSE_H

#include <stdbool.h>

#include "text.h"

#define PLAIN_TEXT "text/plain; charset=utf-8"
#define PROBLEM_JSON "application/problem+json"

/* Of status line and headers, a request ID of 128 among them. */
#define RESPONSE_HEAD_MAX 512

/* The body is not copied: it must outlive the answer. */
struct response {
    int status;
    const char *type; /* the Content-Type */
    struct slice body;
};

/* An error as RFC 9457 describes it, without details. */
struct response response_problem(int status);

/* Status line and headers, up to the empty line. */
void response_head(const struct response *response, struct slice request_id, bool keep_alive, struct text *out);

#endif
