#ifndef LISTENER_H
#define LISTENER_H

#include <stdint.h>

/* A non-blocking socket that listens on all addresses; -1 and errno when it cannot. */
int listener_open(uint16_t port);

/* The next client, non-blocking; -1 and errno. Clients that left while they waited are skipped. */
int listener_accept(int listener);

#endif
