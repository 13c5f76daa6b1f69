#include "api.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define JSON "application/json"
#define PROBLEM "application/problem+json"

/* What the answer to a request needs while the URL is being checked. */
struct pending {
    struct api *api;
    struct evhttp_request *request;
    int64_t id;
    bool added;
};

static void reply(struct api *api, struct evhttp_request *request, int status, const char *type, const char *body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct evbuffer *buffer = evhttp_request_get_output_buffer(request);
    if (type) {
        evhttp_add_header(headers, "Content-Type", type);
    }
    if (api->draining) {
        evhttp_add_header(headers, "Connection", "close");
    }
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        char length[24];
        (void)snprintf(length, sizeof length, "%zu", strlen(body));
        evhttp_add_header(headers, "Content-Length", length);
    } else {
        evbuffer_add(buffer, body, strlen(body));
    }
    evhttp_send_reply(request, status, NULL, NULL);
}

static void problem(struct api *api, struct evhttp_request *request, int status, const char *title)
{
    char body[256];
    (void)snprintf(body, sizeof body, "{\"title\":\"%s\",\"status\":%d}\n", title, status);
    reply(api, request, status, PROBLEM, body);
}

/* The methods of a path that has no others. */
static void method_not_allowed(struct api *api, struct evhttp_request *request, const char *allow)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", allow);
    problem(api, request, 405, "Method Not Allowed");
}

static bool is_read(struct evhttp_request *request)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    return method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD;
}

static void reply_json(struct api *api, struct evhttp_request *request, enum outcome outcome, int status, char *json)
{
    switch (outcome) {
    case STORE_DONE:
        reply(api, request, status, JSON, json);
        free(json);
        break;
    case STORE_ABSENT:
        problem(api, request, 404, "Not Found");
        break;
    case STORE_FAILED:
        problem(api, request, 500, "Internal Server Error");
        break;
    }
}

static void health(struct api *api, struct evhttp_request *request, bool healthy)
{
    if (is_read(request)) {
        reply(api, request, healthy ? 200 : 503, "text/plain", healthy ? "ok\n" : "not ready\n");
    } else {
        method_not_allowed(api, request, "GET, HEAD");
    }
}

static void checked(void *arg, long status, const char *error)
{
    struct pending *pending = arg;
    char *json = NULL;
    enum outcome outcome = STORE_FAILED;
    if (store_record(pending->api->store, pending->id, status, error)) {
        outcome = store_get(pending->api->store, pending->id, &json);
    }
    char location[64];
    (void)snprintf(location, sizeof location, "/bookmarks/%lld", (long long)pending->id);
    evhttp_add_header(evhttp_request_get_output_headers(pending->request), "Location", location);
    reply_json(pending->api, pending->request, outcome, pending->added ? 201 : 200, json);
}

/* The field url of a form; the caller frees it. */
static char *posted_url(struct evhttp_request *request)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    char *text = evbuffer_add(body, "", 1) == 0 ? (char *)evbuffer_pullup(body, -1) : NULL;
    struct evkeyvalq fields = {0};
    char *url = NULL;
    if (text && evhttp_parse_query_str(text, &fields) == 0) {
        const char *value = evhttp_find_header(&fields, "url");
        url = value ? checker_url(value) : NULL;
        evhttp_clear_headers(&fields);
    }
    return url;
}

static void add(struct api *api, struct evhttp_request *request)
{
    char *url = posted_url(request);
    if (!url) {
        problem(api, request, 422, "url is not an http or https URL");
        return;
    }
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending) {
        *pending = (struct pending){.api = api, .request = request};
        pending->id = store_add(api->store, url, &pending->added);
    }
    if (!pending || pending->id == 0) {
        free(pending);
        problem(api, request, 500, "Internal Server Error");
    } else if (!checker_start(api->checker, url, checked, pending)) {
        problem(api, request, 500, "Internal Server Error");
    }
    free(url);
}

static void bookmarks(struct api *api, struct evhttp_request *request)
{
    char *json = NULL;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_POST) {
        add(api, request);
    } else if (is_read(request)) {
        enum outcome outcome = store_list(api->store, &json);
        reply_json(api, request, outcome, 200, json);
    } else {
        method_not_allowed(api, request, "GET, HEAD, POST");
    }
}

static void bookmark(struct api *api, struct evhttp_request *request, const char *text)
{
    char *end;
    errno = 0;
    long long id = strtoll(text, &end, 10);
    char *json = NULL;
    if (errno || *end || *text < '1' || *text > '9') {
        problem(api, request, 404, "Not Found");
    } else if (is_read(request)) {
        enum outcome outcome = store_get(api->store, id, &json);
        reply_json(api, request, outcome, 200, json);
    } else if (evhttp_request_get_command(request) == EVHTTP_REQ_DELETE) {
        enum outcome outcome = store_remove(api->store, id);
        if (outcome == STORE_DONE) {
            reply(api, request, 204, NULL, "");
        } else {
            reply_json(api, request, outcome, 0, NULL);
        }
    } else {
        method_not_allowed(api, request, "GET, HEAD, DELETE");
    }
}

/* libevent lets requests pass of which two servers might see different ends or different hosts. */
static bool is_ambiguous(struct evhttp_request *request)
{
    unsigned hosts = 0;
    unsigned lengths = 0;
    struct evkeyval *header;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(request), next)
    {
        hosts += strcasecmp(header->key, "Host") == 0;
        lengths += strcasecmp(header->key, "Content-Length") == 0;
        if (!*header->key) {
            return true;
        }
    }
    bool is_1_0 = request->major == 1 && request->minor == 0; /* which needs no Host */
    return hosts > 1 || (hosts == 0 && !is_1_0) || lengths > 1;
}

void api_handle(struct evhttp_request *request, void *arg)
{
    struct api *api = arg;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    if (is_ambiguous(request)) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
        problem(api, request, 400, "Bad Request");
    } else if (strcmp(path, "/bookmarks") == 0) {
        bookmarks(api, request);
    } else if (strncmp(path, "/bookmarks/", 11) == 0) {
        bookmark(api, request, path + 11);
    } else if (strcmp(path, "/healthz") == 0) {
        health(api, request, true);
    } else if (strcmp(path, "/readyz") == 0) {
        health(api, request, !api->draining && store_answers(api->store));
    } else {
        problem(api, request, 404, "Not Found");
    }
}
