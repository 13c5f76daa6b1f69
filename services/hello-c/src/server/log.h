#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

bool log_level_parse(const char *name, enum log_level *level);

/*
 * One JSON object a line. Lines wait up to 100 ms for others, unless one is a
 * warning or an error; then log_flush writes as much as the reader takes at
 * once. A reader that is stuck, or cannot be written to, costs lines, which are
 * counted and reported later, never an answer.
 */
void log_open(int fd, enum log_level least);

/* False when the level is off: then no field and no log_end. */
bool log_begin(enum log_level level, const char *message);
void log_text(const char *key, struct slice value);
void log_number(const char *key, uint64_t value);
void log_milliseconds(const char *key, int64_t microseconds);
void log_end(void);

/* For what has no fields. */
void log_event(enum log_level level, const char *message);

/* Writes the lines that have waited long enough; returns when to call it again. */
int64_t log_flush(int64_t now);
/* Waits for the reader, but not for long. */
void log_close(void);

/* Why there will be no server, as a line on stderr. */
void log_fatal(struct slice error);

#endif
