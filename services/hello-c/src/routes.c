#include "routes.h"

static struct response hello(bool ready)
{
    (void)ready;
    return (struct response){200, SLICE("Hello from multi-stage C!\n")};
}

static struct response alive(bool ready)
{
    (void)ready;
    return (struct response){200, SLICE("ok\n")};
}

static struct response readiness(bool ready)
{
    return ready ? (struct response){200, SLICE("ready\n")} : (struct response){503, SLICE("shutting down\n")};
}

static const struct {
    struct slice path;
    bool is_probe;
    struct response (*answer)(bool ready);
} routes[] = {
    {{"/", 1}, false, hello},
    {{"/healthz", 8}, true, alive},
    {{"/readyz", 7}, true, readiness},
};
#define ROUTES (sizeof routes / sizeof *routes)

static size_t find(struct slice path)
{
    size_t i = 0;
    while (i < ROUTES && !slice_equal(path, routes[i].path)) {
        i++;
    }
    return i;
}

struct response route(const struct request *request, bool ready)
{
    size_t i = find(request->path);
    if (i == ROUTES && request->path.len > 0) {
        return response_of_status(404);
    }
    if (i == ROUTES || request->method == METHOD_OTHER) {
        return response_of_status(405);
    }
    return routes[i].answer(ready);
}

bool route_is_probe(const struct request *request)
{
    size_t i = find(request->path);
    return i < ROUTES && routes[i].is_probe;
}
