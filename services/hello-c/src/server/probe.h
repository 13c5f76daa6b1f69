#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

/* Requests path from the server on this machine. Returns the exit status: 0 if it answers 200. For HEALTHCHECK. */
int probe(uint16_t port, const char *path);

#endif
