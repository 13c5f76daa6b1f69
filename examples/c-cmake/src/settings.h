#pragma once

#include <stdbool.h>
#include <stdint.h>

struct settings {
    uint16_t port;
    const char *database;
    int check_interval; /* milliseconds, as all times here */
    int drain_delay;
    bool private_addresses; /* bookmarks may lead to this machine and its network */
};

/* From the environment. False after a line on stderr about the first value that is wrong. */
bool settings_read(struct settings *settings);

/* A time such as 250ms, 1.5s, 15m or 2h; -1 for anything else. */
int settings_duration(const char *text);
