#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "slice.h"

/* What the environment may set; times in microseconds. */
struct config {
    uint16_t port;           /* PORT */
    enum log_level level;    /* LOG_LEVEL: debug, info, warn, error */
    int64_t drain_delay;     /* DRAIN_DELAY: not ready, but serving, after SIGTERM */
    int64_t request_timeout; /* REQUEST_TIMEOUT: to send one request, head and body */
    int64_t idle_timeout;    /* IDLE_TIMEOUT: between two requests of a connection */
    int64_t write_timeout;   /* WRITE_TIMEOUT: to take one answer */
};

/* Defaults, then the environment. Reports each setting that is wrong, with the remedy; false if there was one. */
bool config_load(struct config *config, void (*report)(struct slice error));

/* Reads durations of at most 1h as Go writes them: 2s, 500ms, 1m30s, 2.5s, 0. */
bool parse_duration(const char *text, int64_t *duration);

#endif
