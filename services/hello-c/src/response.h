#ifndef RESPONSE_H
#define RESPONSE_H

#include <stdbool.h>

#include "text.h"

#define RESPONSE_HEAD_MAX 256

/* The body is not copied: it must outlive the answer. */
struct response {
    int status;
    struct slice body;
};

/* An answer whose body is the status in words. */
struct response response_of_status(int status);

/* Status line and headers, up to the empty line. */
void response_head(const struct response *response, bool keep_alive, struct text *out);

#endif
