#pragma once

#include <stdint.h>

#include "site.h"

/* Serves until SIGTERM or SIGINT, and drain_delay longer. Returns the exit status of the program. */
int server_run(const struct site *site, uint16_t port, int64_t drain_delay);
