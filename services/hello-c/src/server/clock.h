#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "text.h"

/* All times inside the server are microseconds of the monotonic clock. */
#define MILLISECOND INT64_C(1000)
#define SECOND (1000 * MILLISECOND)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

int64_t clock_now(void);

/* The wall clock: 2026-01-31T23:59:59.123456Z, for logs. */
void clock_add_iso(struct text *text);
/* The wall clock: Sat, 31 Jan 2026 23:59:59 GMT, for the Date header. */
void clock_add_http(struct text *text);

#endif
