#ifndef SERVER_H
#define SERVER_H

#include "config.h"

/*
 * Serves until SIGTERM or SIGINT, then: not ready, DRAIN_DELAY, no new
 * connections, the last answers, end. The exit status of the process: 0, or 1
 * when it could not start or a second signal cut it short.
 */
int server_run(const struct config *config);

#endif
