#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* Whether an address is on the public internet. Without this check, a bookmark could read from the network that the
 * service is in: cloud metadata at 169.254.169.254, or servers that trust their neighbours. */
bool address_is_public(const struct sockaddr *address);
