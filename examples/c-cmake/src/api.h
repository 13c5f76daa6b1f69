#pragma once

#include <event2/http.h>
#include <stdbool.h>

#include "checker.h"
#include "store.h"

struct api {
    struct store *store;
    struct checker *checker;
    bool draining; /* not ready, and every answer ends its connection */
};

/* Answers requests with an api as arg. */
void api_handle(struct evhttp_request *request, void *arg);
