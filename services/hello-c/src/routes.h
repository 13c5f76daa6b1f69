#ifndef ROUTES_H
#define ROUTES_H

#include <stdbool.h>

#include "parser.h"
#include "response.h"

/* What the service answers: the file to change. */
struct response route(const struct request *request, bool ready);

/* Probes ask every few seconds; their lines in the log are for debugging. */
bool route_is_probe(const struct request *request);

#endif
