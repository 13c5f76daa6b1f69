#ifndef IDENTITY_H
#define IDENTITY_H

#include "parser.h"

/* What distinguishes a request from others, in logs and across services. */
struct identity {
    struct slice request_id;
    struct slice trace_id, span_id; /* empty without a valid traceparent */
};

/* New request IDs get a random part, the same for all of this process, and a number. False and errno without one. */
bool identity_start(void);

/* Keeps an X-Request-Id that is acceptable: it ends up in logs and in the answer. The slices point into the head, or to
 * a place that the next call overwrites. */
struct identity identity_of(const struct request *request);

#endif
