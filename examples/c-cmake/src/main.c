#include <curl/curl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api.h"
#include "checker.h"
#include "settings.h"
#include "store.h"

#define BACKLOG 1024
#define IDLE_TIMEOUT 30                  /* seconds */
#define HEAD_MAX (ev_ssize_t)(16 * 1024) /* bytes, as is the next */
#define BODY_MAX (ev_ssize_t)(16 * 1024)
#define CHECKS_AT_ONCE 5
#define LAST_REQUESTS 2000 /* milliseconds; how long requests may arrive on connections that there are at the end */
#define LAST_ANSWERS 5000

struct program {
    struct settings settings;
    struct event_base *base;
    struct evhttp *http;
    struct evhttp_bound_socket *listener;
    struct event *timer;
    struct api api;
    bool closing;
    int last_answers; /* milliseconds that are left for them */
};

static void call_timer_in(struct program *program, int milliseconds)
{
    struct timeval after = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000L};
    event_add(program->timer, &after);
}

/* After SIGTERM: first the drain delay, then the listener closes and what is in flight gets its answers. libevent does
 * not know whether a request is arriving, so that takes a fixed time; checks that were asked for may take a little
 * longer. */
static void end(struct program *program)
{
    if (!program->closing) {
        program->closing = true;
        program->last_answers = LAST_ANSWERS;
        evhttp_del_accept_socket(program->http, program->listener);
        call_timer_in(program, LAST_REQUESTS);
    } else if (checker_busy(program->api.checker) > 0 && program->last_answers > 0) {
        program->last_answers -= 100;
        call_timer_in(program, 100);
    } else {
        event_base_loopbreak(program->base);
    }
}

struct due {
    struct program *program;
    int64_t id;
};

static void record(void *arg, long status, const char *error)
{
    struct due *due = arg;
    store_record(due->program->api.store, due->id, status, error);
}

static void check_what_is_due(struct program *program)
{
    char *url;
    int64_t id;
    while (checker_busy(program->api.checker) < CHECKS_AT_ONCE &&
           store_next_due(program->api.store, program->settings.check_interval / 1000, &id, &url) == STORE_DONE) {
        struct due *due = malloc(sizeof *due);
        if (due) {
            *due = (struct due){program, id};
            checker_start(program->api.checker, url, record, due);
        }
        free(url);
    }
}

static void on_timer(evutil_socket_t socket, short what, void *arg)
{
    (void)socket;
    (void)what;
    struct program *program = arg;
    if (program->api.draining) {
        end(program);
        return;
    }
    check_what_is_due(program);
    call_timer_in(program, 1000);
}

static void on_signal(evutil_socket_t signal, short what, void *arg)
{
    (void)what;
    struct program *program = arg;
    if (program->api.draining) {
        _Exit(EXIT_FAILURE);
    }
    printf("bookmarks: signal %d: ready no more, taking requests for another %d ms\n", signal,
           program->settings.drain_delay);
    program->api.draining = true;
    call_timer_in(program, program->settings.drain_delay);
}

static bool listen_on(struct program *program)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(program->settings.port)};
    struct evconnlistener *listener = evconnlistener_new_bind(
        program->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
        (struct sockaddr *)&address, sizeof address);
    if (!listener) {
        (void)fprintf(stderr, "bookmarks: listen on port %u: %s: set PORT to a port that is free\n",
                      (unsigned)program->settings.port, evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
        return false;
    }
    program->http = evhttp_new(program->base);
    if (!program->http) {
        return false;
    }
    evhttp_set_timeout(program->http, IDLE_TIMEOUT);
    evhttp_set_max_headers_size(program->http, HEAD_MAX);
    evhttp_set_max_body_size(program->http, BODY_MAX);
    /* All of them, so that a method that a path does not have is answered here, with Allow. */
    evhttp_set_allowed_methods(program->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                                  EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
    evhttp_set_gencb(program->http, api_handle, &program->api);
    program->listener = evhttp_bind_listener(program->http, listener);
    return program->listener;
}

static bool start(struct program *program)
{
    program->base = event_base_new();
    program->api.store = store_open(program->settings.database);
    if (!program->base || !program->api.store) {
        return false;
    }
    program->api.checker = checker_new(program->base, program->settings.private_addresses);
    program->timer = evtimer_new(program->base, on_timer, program);
    return program->api.checker && program->timer && listen_on(program);
}

static int serve(void)
{
    static struct program program;
    if (!settings_read(&program.settings) || !start(&program)) {
        return EXIT_FAILURE;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    struct event *signals[] = {evsignal_new(program.base, SIGTERM, on_signal, &program),
                               evsignal_new(program.base, SIGINT, on_signal, &program)};
    event_add(signals[0], NULL);
    event_add(signals[1], NULL);
    on_timer(-1, 0, &program);
    printf("bookmarks: serving on port %u, %s\n", (unsigned)program.settings.port, curl_version());
    event_base_dispatch(program.base);

    checker_free(program.api.checker);
    evhttp_free(program.http);
    event_free(signals[0]);
    event_free(signals[1]);
    event_free(program.timer);
    event_base_free(program.base);
    store_close(program.api.store);
    printf("bookmarks: ended\n");
    return EXIT_SUCCESS;
}

/* For HEALTHCHECK: 0 if the server on this machine answers with a success. */
static int probe(const char *path)
{
    struct settings settings;
    CURL *easy = curl_easy_init();
    if (!settings_read(&settings) || !easy) {
        return EXIT_FAILURE;
    }
    char url[256];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", (unsigned)settings.port, path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 4L);
    CURLcode result = curl_easy_perform(easy);
    if (result != CURLE_OK) {
        (void)fprintf(stderr, "bookmarks: %s: %s\n", url, curl_easy_strerror(result));
    }
    curl_easy_cleanup(easy);
    return result == CURLE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return EXIT_FAILURE;
    }
    int status;
    if (argc == 3 && strcmp(argv[1], "--probe") == 0) {
        status = probe(argv[2]);
    } else if (argc == 1) {
        status = serve();
    } else {
        (void)fprintf(stderr, "usage: bookmarks [--probe PATH]\n");
        status = EXIT_FAILURE;
    }
    curl_global_cleanup();
    return status;
}
