#include "router.h"

static struct response alive(const struct request *request)
{
    (void)request;
    return (struct response){200, PLAIN_TEXT, SLICE("ok\n")};
}

static struct response ready_to_serve(const struct request *request)
{
    (void)request;
    return (struct response){200, PLAIN_TEXT, SLICE("ready\n")};
}

static struct response draining(const struct request *request)
{
    (void)request;
    return (struct response){503, PROBLEM_JSON,
                             SLICE("{\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"draining\"}\n")};
}

static const struct route health_checks[] = {ROUTE("/healthz", alive), ROUTE("/readyz", ready_to_serve), ROUTE_END};

static const struct route *find(const struct route *route, struct slice path)
{
    while (route->answer != NULL && !slice_equal(path, route->path)) {
        route++;
    }
    return route;
}

struct response route(const struct request *request, bool ready)
{
    const struct route *found = find(health_checks, request->path);
    if (found->answer == NULL) {
        found = find(routes, request->path);
    }
    if (found->answer == NULL && request->path.len > 0) {
        return response_problem(404);
    }
    if (found->answer == NULL || request->method == METHOD_OTHER) {
        return response_problem(405);
    }
    return found->answer == ready_to_serve && !ready ? draining(request) : found->answer(request);
}

bool route_is_health_check(const struct request *request)
{
    return find(health_checks, request->path)->answer != NULL;
}
