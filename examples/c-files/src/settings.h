#pragma once

#include <stdbool.h>
#include <stdint.h>

struct settings {
    uint16_t port;
    int64_t drain_delay; /* milliseconds */
};

/* From the environment. False after a line on stderr about the first value that is wrong. */
bool settings_read(struct settings *settings);
