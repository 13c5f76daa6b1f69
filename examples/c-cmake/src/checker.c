#include "checker.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

#define CONNECTIONS_MAX 20L
#define CHECK_TIMEOUT 8000L /* milliseconds */
#define REDIRECTS_MAX 5L
#define URL_LENGTH_MAX 2000

struct checker {
    struct event_base *base;
    CURLM *multi;
    struct event *timer;
    struct check *checks;
    bool private_addresses;
};

struct check {
    struct checker *checker;
    struct check *next; /* in the list of checks that have not ended */
    CURL *easy;
    checker_done *done;
    void *arg;
    bool private_address; /* it was refused one */
    bool ended;
    CURLcode result;
    char error[CURL_ERROR_SIZE];
};

static char *part(CURLU *url, CURLUPart what)
{
    char *text = NULL;
    return curl_url_get(url, what, &text, 0) == CURLUE_OK ? text : NULL;
}

char *checker_url(const char *text)
{
    CURLU *url = curl_url();
    char *normal = NULL;
    if (url && strlen(text) <= URL_LENGTH_MAX && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
        char *scheme = part(url, CURLUPART_SCHEME);
        char *user = part(url, CURLUPART_USER);
        char *password = part(url, CURLUPART_PASSWORD);
        char *whole = part(url, CURLUPART_URL);
        if (scheme && whole && !user && !password && (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0)) {
            normal = strdup(whole);
        }
        curl_free(scheme);
        curl_free(user);
        curl_free(password);
        curl_free(whole);
    }
    curl_url_cleanup(url);
    return normal;
}

static void free_check(struct check *check)
{
    if (check->easy) {
        curl_multi_remove_handle(check->checker->multi, check->easy);
        curl_easy_cleanup(check->easy);
    }
    free(check->arg);
    free(check);
}

static void report(struct check *check)
{
    long status = 0;
    const char *error = NULL;
    if (check->result == CURLE_OK || check->result == CURLE_WRITE_ERROR) { /* the latter: the body was not wanted */
        curl_easy_getinfo(check->easy, CURLINFO_RESPONSE_CODE, &status);
    } else if (check->private_address) {
        error = "the address is not public";
    } else {
        error = *check->error ? check->error : curl_easy_strerror(check->result);
    }
    check->done(check->arg, status, error);
}

static void finish(struct checker *checker)
{
    const CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(checker->multi, &left))) {
        for (struct check *check = checker->checks; check; check = check->next) {
            if (check->easy == message->easy_handle) {
                check->ended = true;
                check->result = message->data.result;
            }
        }
    }
    for (struct check **link = &checker->checks; *link;) {
        struct check *check = *link;
        if (check->ended) {
            *link = check->next;
            report(check);
            free_check(check);
        } else {
            link = &check->next;
        }
    }
}

static void act(struct checker *checker, curl_socket_t socket, int what)
{
    int running;
    curl_multi_socket_action(checker->multi, socket, what, &running);
    finish(checker);
}

static void on_socket(evutil_socket_t socket, short what, void *arg)
{
    act(arg, socket, (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(evutil_socket_t socket, short what, void *arg)
{
    (void)socket;
    (void)what;
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants to know when a socket can be read or written, or does not want to know any longer. */
static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *assigned)
{
    (void)easy;
    struct checker *checker = arg;
    struct event *event = assigned;
    if (event) {
        event_free(event);
        event = NULL;
    }
    if (what != CURL_POLL_REMOVE) {
        int wanted = (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST;
        event = event_new(checker->base, socket, (short)wanted, on_socket, checker);
        if (!event || event_add(event, NULL) != 0) {
            return -1;
        }
    }
    curl_multi_assign(checker->multi, socket, event);
    return 0;
}

static int watch_time(CURLM *multi, long milliseconds, void *arg)
{
    (void)multi;
    struct checker *checker = arg;
    if (milliseconds < 0) {
        return event_del(checker->timer);
    }
    struct timeval after = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000L};
    return event_add(checker->timer, &after);
}

/* Here the address is known that will be connected to, after DNS and for each redirect. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct check *check = arg;
    if (!check->checker->private_addresses && !address_is_public(&address->addr)) {
        check->private_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The status is known when the body begins: that is enough. */
static size_t no_body(char *data, size_t size, size_t count, void *arg) // NOLINT(readability-non-const-parameter)
{
    (void)data;
    (void)arg;
    return size * count == 0 ? 0 : CURL_WRITEFUNC_ERROR;
}

struct checker *checker_new(struct event_base *base, bool private_addresses)
{
    struct checker *checker = calloc(1, sizeof *checker);
    if (!checker) {
        return NULL;
    }
    checker->base = base;
    checker->private_addresses = private_addresses;
    checker->multi = curl_multi_init();
    checker->timer = evtimer_new(base, on_timer, checker);
    if (!checker->multi || !checker->timer) {
        checker_free(checker);
        return NULL;
    }
    curl_multi_setopt(checker->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(checker->multi, CURLMOPT_SOCKETDATA, checker);
    curl_multi_setopt(checker->multi, CURLMOPT_TIMERFUNCTION, watch_time);
    curl_multi_setopt(checker->multi, CURLMOPT_TIMERDATA, checker);
    curl_multi_setopt(checker->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAX);
    return checker;
}

void checker_free(struct checker *checker)
{
    if (!checker) {
        return;
    }
    struct check *next;
    for (struct check *check = checker->checks; check; check = next) {
        next = check->next;
        free_check(check);
    }
    if (checker->multi) {
        curl_multi_cleanup(checker->multi);
    }
    if (checker->timer) {
        event_free(checker->timer);
    }
    free(checker);
}

unsigned checker_busy(const struct checker *checker)
{
    unsigned count = 0;
    for (const struct check *check = checker->checks; check; check = check->next) {
        count++;
    }
    return count;
}

bool checker_start(struct checker *checker, const char *url, checker_done *done, void *arg)
{
    struct check *check = calloc(1, sizeof *check);
    if (!check) {
        free(arg);
        return false;
    }
    *check = (struct check){.checker = checker, .done = done, .arg = arg};
    CURL *easy = check->easy = curl_easy_init();
    if (!easy) {
        free_check(check);
        return false;
    }
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, CHECK_TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* a proxy would connect where open_socket() would not */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "bookmarks/" VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, check->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, no_body);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, check);
    if (curl_multi_add_handle(checker->multi, easy) != CURLM_OK) {
        free_check(check);
        return false;
    }
    check->next = checker->checks;
    checker->checks = check;
    return true;
}
