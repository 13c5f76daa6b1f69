#ifndef ROUTER_H
#define ROUTER_H

#include <stdbool.h>

#include "parser.h"
#include "response.h"

/* A path as clients send it, and what answers GET and HEAD. */
struct route {
    struct slice path;
    struct response (*answer)(const struct request *request);
};

#define ROUTE(path, answer) {{(path), sizeof(path) - 1}, (answer)}
#define ROUTE_END {{"", 0}, NULL}

/* What this service answers, up to ROUTE_END: in src/routes.c. */
extern const struct route routes[];

/* The answer: of a health check, which every service has, of a route, or 404 or 405. */
struct response route(const struct request *request, bool ready);

/* Health checks come every few seconds; their lines in the log are for debugging. */
bool route_is_health_check(const struct request *request);

#endif
