#include "router.h"

static struct response hello(const struct request *request)
{
    (void)request;
    return (struct response){200, PLAIN_TEXT, SLICE("Hello from multi-stage C!\n")};
}

const struct route routes[] = {
    ROUTE("/", hello),
    ROUTE_END,
};
