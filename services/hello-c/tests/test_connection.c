#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "connection.h"
#include "identity.h"
#include "test.h"

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"
#define HELLO "Hello from multi-stage C!\n"

/* A connection, its client, and a clock that only the test moves. */
static struct connection connection;
static int client;
static const struct config config = {
    .request_timeout = 10 * SECOND, .idle_timeout = 60 * SECOND, .write_timeout = 5 * SECOND};
static struct context context;

/* A kernel that takes so many bytes at once, in place of the C library's. */
static size_t takes = SIZE_MAX;

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    static char bytes[4096];
    size_t len = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        memcpy(bytes + len, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        len += message->msg_iov[i].iov_len;
    }
    return send(fd, bytes, len < takes ? len : takes, flags);
}

static char got[256 * 1024];
static size_t got_len;

static void begin(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0) {
        abort();
    }
    client = pair[0];
    context = (struct context){.config = &config, .now = SECOND};
    connection_open(&connection, pair[1], &context);
    got_len = 0;
}

static void end(void)
{
    close(client);
    if (connection.phase != PHASE_CLOSED) {
        connection_close(&connection);
    }
}

/* Gathers what the server has sent; true when it has ended the connection. */
static bool receive_all(void)
{
    ssize_t count;
    while ((count = recv(client, got + got_len, sizeof got - 1 - got_len, 0)) > 0) {
        got_len += (size_t)count;
    }
    got[got_len] = '\0';
    return count == 0;
}

static bool serve(void)
{
    connection_serve(&connection, &context);
    return receive_all();
}

static bool say(const char *text)
{
    if (send(client, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text)) {
        abort();
    }
    return serve();
}

static unsigned count_of(const char *text)
{
    unsigned count = 0;
    for (const char *at = got; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

static bool starts_with(const char *text)
{
    return strncmp(got, text, strlen(text)) == 0;
}

static bool ends_with(const char *text)
{
    return got_len >= strlen(text) && strcmp(got + got_len - strlen(text), text) == 0;
}

static void test_keep_alive(void)
{
    begin();
    CHECK(!say(GET), "ended");
    CHECK(starts_with("HTTP/1.1 200 OK\r\nDate: ") && ends_with("\r\n\r\n" HELLO), "%s", got);
    CHECK(connection.phase == PHASE_IDLE && connection.deadline == context.now + config.idle_timeout, "%d",
          (int)connection.phase);
    CHECK(!say(GET) && count_of(HELLO) == 2, "%s", got);
    CHECK(strstr(got, "Content-Length: 26\r\n") != NULL && strstr(got, "Content-Type: text/plain") != NULL, "%s", got);
    end();
}

static void test_close(void)
{
    begin();
    CHECK(say("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" GET), "not ended");
    CHECK(count_of("HTTP/1.1 ") == 1 && strstr(got, "Connection: close\r\n") != NULL, "%s", got);
    CHECK(connection.phase == PHASE_LEAVING, "%d", (int)connection.phase);
    shutdown(client, SHUT_WR);
    serve();
    serve();
    CHECK(connection.phase == PHASE_CLOSED, "%d", (int)connection.phase);
    end();
}

static void test_head(void)
{
    begin();
    CHECK(!say("HEAD / HTTP/1.1\r\n" HOST "\r\n"), "ended");
    CHECK(strstr(got, "Content-Length: 26\r\n") != NULL && ends_with("\r\n\r\n"), "%s", got);
    end();
}

static void test_statuses(void)
{
    static const struct {
        const char *request;
        const char *answer;
        bool ends;
    } cases[] = {
        {"GET /healthz HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 200 OK\r\n", false},
        {"GET /readyz?x HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 200 OK\r\n", false},
        {"GET /healthz/ HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404 Not Found\r\n", false},
        {"DELETE /nothing HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404 Not Found\r\n", false},
        {"DELETE / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", false},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", false},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", true},
        {"GET / HTTP/3.0\r\n" HOST "\r\n", "HTTP/1.1 505 HTTP Version Not Supported\r\n", true},
        {"BREW / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 Not Implemented\r\n", true},
        {"PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 411 Length Required\r\n", true},
        {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 99999\r\n\r\n", "HTTP/1.1 413 Content Too Large\r\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        CHECK(say(cases[i].request) == cases[i].ends, "%s", got);
        CHECK(starts_with(cases[i].answer), "%s: %s", cases[i].request, got);
        CHECK((strstr(got, "Allow: GET, HEAD\r\n") != NULL) == (strstr(got, " 405 ") != NULL), "%s", got);
        CHECK(connection.keep_alive == !cases[i].ends, "%s", got);
        end();
    }
}

/* The one error answer that was received, as RFC 9457 describes it: nothing but one JSON object. */
static void check_problem(const char *body)
{
    char length[64];
    (void)snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(body));
    CHECK(count_of("\r\nContent-Type: ") == 1, "%s", got);
    CHECK(strstr(got, "\r\nContent-Type: application/problem+json\r\n") != NULL, "%s", got);
    CHECK(strstr(got, length) != NULL, "%s", got);
    CHECK(strcmp(strstr(got, "\r\n\r\n") + 4, body) == 0, "%s", got);
}

static void test_errors_are_problems(void)
{
    static const struct {
        const char *request;
        const char *body;
    } cases[] = {
        {"GET /nothing HTTP/1.1\r\n" HOST "\r\n", "{\"title\":\"Not Found\",\"status\":404}\n"},
        {"POST / HTTP/1.1\r\n" HOST "\r\n", "{\"title\":\"Method Not Allowed\",\"status\":405}\n"},
        {"nonsense\r\n", "{\"title\":\"Bad Request\",\"status\":400}\n"},
        {"BREW / HTTP/1.1\r\n" HOST "\r\n", "{\"title\":\"Not Implemented\",\"status\":501}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        say(cases[i].request);
        check_problem(cases[i].body);
        end();
    }
    begin();
    CHECK(!say("HEAD /nothing HTTP/1.1\r\n" HOST "\r\n"), "ended");
    CHECK(strstr(got, "Content-Length: 35\r\n") != NULL && ends_with("\r\n\r\n"), "%s", got);
    end();
}

/* The longest head of an answer is sent whole. */
static void test_request_ids_are_sent_back(void)
{
    char request[1024];
    char header[256];
    char id[128 + 1];
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    (void)snprintf(request, sizeof request, "DELETE / HTTP/1.1\r\n" HOST "X-Request-Id: %s\r\n\r\n", id);
    (void)snprintf(header, sizeof header, "\r\nX-Request-Id: %s\r\n", id);
    begin();
    CHECK(!say(request) && strstr(got, header) != NULL, "%s", got);
    check_problem("{\"title\":\"Method Not Allowed\",\"status\":405}\n");
    end();

    id[0] = '"';
    (void)snprintf(request, sizeof request, "GET / HTTP/1.1\r\n" HOST "X-Request-Id: %s\r\n\r\n", id);
    begin();
    CHECK(!say(request) && strstr(got, id) == NULL && count_of("\r\nX-Request-Id: ") == 1, "%s", got);
    end();
}

/* The ID is read where the head stands, which moves with it. */
static void test_request_id_of_each_request(void)
{
    begin();
    CHECK(!say("GET / HTTP/1.1\r\n" HOST "X-Request-Id: first\r\n\r\nGET / HTTP/1.1\r\n" HOST "X-Request-Id: sec"),
          "ended");
    CHECK(!say("ond\r\n\r\n" GET), "ended");
    CHECK(count_of("X-Request-Id: first\r\n") == 1 && count_of("X-Request-Id: second\r\n") == 1, "%s", got);
    CHECK(count_of("\r\nX-Request-Id: ") == 3, "%s", got);
    end();
}

static void test_pipelining(void)
{
    begin();
    CHECK(!say("GET /1 HTTP/1.1\r\n" HOST "\r\n" GET "GET /3 HTTP/1.1\r\n" HOST), "ended");
    CHECK(count_of("HTTP/1.1 404") == 1 && count_of(HELLO) == 1, "%s", got);
    CHECK(connection.phase == PHASE_READING, "%d", (int)connection.phase);
    CHECK(!say("\r\n" GET) && count_of("HTTP/1.1 404") == 2 && count_of(HELLO) == 2, "%s", got);
    CHECK(ends_with(HELLO), "%s", got);
    end();
}

/* The second request begins behind the first, moves to the front of the buffer, and is overwritten where it was. */
static void test_request_that_moves(void)
{
    char padding[512];
    memset(padding, 'x', sizeof padding - 1);
    padding[sizeof padding - 1] = '\0';
    begin();
    CHECK(!say("GET /1 HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "X: "), "ended");
    CHECK(!say(padding) && !say("\r\n\r\n") && ends_with(HELLO), "%s", got);
    end();
}

static void test_body_is_skipped(void)
{
    begin();
    CHECK(!say("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nGE"), "ended");
    CHECK(starts_with("HTTP/1.1 405 ") && connection.phase == PHASE_READING, "%s", got);
    CHECK(!say("T /" GET) && count_of("HTTP/1.1 ") == 2 && ends_with(HELLO), "%s", got);
    CHECK(connection.phase == PHASE_IDLE, "%d", (int)connection.phase);
    end();
}

static void test_client_that_waits_with_its_body(void)
{
    begin();
    CHECK(say("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), "not ended");
    CHECK(starts_with("HTTP/1.1 405 ") && strstr(got, "Connection: close\r\n") != NULL, "%s", got);
    end();
}

/* More than one buffer comes after the refusal; the answer survives it. */
static void test_refusal_reaches_a_client_that_sends_on(void)
{
    static char more[3 * HEAD_MAX];
    memset(more, 'x', sizeof more - 1);
    begin();
    CHECK(say("nonsense\r\n") && starts_with("HTTP/1.1 400 "), "%s", got);
    say(more);
    serve();
    serve();
    CHECK(connection.phase == PHASE_LEAVING, "%d", (int)connection.phase);
    context.now = connection.deadline;
    connection_expire(&connection, &context);
    CHECK(connection.phase == PHASE_CLOSED, "%d", (int)connection.phase);
    end();
}

static void test_slow_request(void)
{
    begin();
    say("GET / HT");
    const int64_t deadline = connection.deadline;
    CHECK(deadline == context.now + config.request_timeout, "%lld", (long long)deadline);
    context.now += 9 * SECOND;
    CHECK(!say("TP/1.1\r\n"), "ended");
    CHECK(connection.deadline == deadline, "a byte more bought time");
    context.now = deadline;
    connection_expire(&connection, &context);
    CHECK(receive_all() && starts_with("HTTP/1.1 408 Request Timeout\r\n"), "%s", got);
    end();
}

static void test_idle_ends_silently(void)
{
    begin();
    say(GET);
    got_len = 0;
    context.now = connection.deadline;
    connection_expire(&connection, &context);
    CHECK(receive_all() && got_len == 0, "%s", got);
    end();
}

static void test_request_in_time_is_answered_though_seen_late(void)
{
    static const char *const requests[] = {GET, "GET / HT"};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        begin();
        send(client, requests[i], strlen(requests[i]), 0);
        context.now = connection.deadline;
        connection_expire(&connection, &context);
        CHECK(!receive_all() && connection.deadline > context.now, "ended");
        CHECK(i > 0 || ends_with(HELLO), "%s", got);
        CHECK(i == 0 || (!say("TP/1.1\r\n" HOST "\r\n") && ends_with(HELLO)), "%s", got);
        end();
    }
}

static void test_slow_body_ends(void)
{
    begin();
    say("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n12");
    const int64_t deadline = connection.deadline;
    got_len = 0;
    context.now += SECOND;
    say("3");
    CHECK(connection.deadline == deadline, "a byte more bought time");
    connection_expire(&connection, &context);
    CHECK(receive_all() && got_len == 0, "%s", got);
    end();
}

static void test_partial_writes(void)
{
    static const size_t sizes[] = {1, 7, 100};
    begin();
    say(GET);
    size_t len = got_len;
    end();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        begin();
        takes = sizes[i];
        say(GET GET);
        for (size_t turns = 0; turns < 2 * len && connection.phase == PHASE_WRITING; turns++) {
            serve();
        }
        takes = SIZE_MAX;
        CHECK(got_len == 2 * len && count_of("\r\n\r\n" HELLO) == 2 && ends_with(HELLO), "%zu: %s", sizes[i], got);
        end();
    }
}

/* Pipelines without reading until the server is stuck in the middle of an answer. */
static unsigned stuff(void)
{
    int size = 1; /* the kernel's least */
    setsockopt(connection.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    unsigned sent = 0;
    while (connection.phase != PHASE_WRITING && send(client, GET, strlen(GET), MSG_NOSIGNAL) == (ssize_t)strlen(GET)) {
        sent++;
        connection_serve(&connection, &context);
    }
    CHECK(connection.phase == PHASE_WRITING, "%d", (int)connection.phase);
    return sent;
}

static void test_client_that_reads_slowly(void)
{
    begin();
    unsigned sent = stuff();
    for (unsigned i = 0; i < 1000 && connection.phase == PHASE_WRITING; i++) {
        ssize_t count = recv(client, got + got_len, 7, 0);
        got_len += count > 0 ? (size_t)count : 0;
        connection_serve(&connection, &context);
    }
    receive_all();
    CHECK(connection.phase == PHASE_IDLE, "%d", (int)connection.phase);
    CHECK(count_of("HTTP/1.1 200 OK\r\n") == sent && count_of("\r\n\r\n" HELLO) == sent, "of %u", sent);
    CHECK(sent > 0 && got_len % sent == 0 && strlen(got) == got_len, "%zu bytes in %u answers", got_len, sent);
    end();
}

static void test_client_that_does_not_read(void)
{
    begin();
    stuff();
    CHECK(connection.deadline == context.now + config.write_timeout, "%lld", (long long)connection.deadline);
    context.now += SECOND;
    connection_serve(&connection, &context);
    CHECK(connection.deadline == context.now - SECOND + config.write_timeout, "trying again bought time");
    connection_expire(&connection, &context);
    CHECK(connection.phase == PHASE_CLOSED, "%d", (int)connection.phase);
    end();
}

static void test_client_that_goes(void)
{
    begin();
    say("GET / HT");
    shutdown(client, SHUT_WR);
    CHECK(serve() && got_len == 0 && connection.phase == PHASE_CLOSED, "%s", got);
    end();

    begin();
    stuff();
    close(client);
    connection_serve(&connection, &context);
    CHECK(connection.phase == PHASE_CLOSED, "%d", (int)connection.phase);
    client = -1;
    end();
}

static void test_half_closed_client_is_answered(void)
{
    begin();
    send(client, GET, strlen(GET), 0);
    shutdown(client, SHUT_WR);
    serve();
    CHECK(ends_with(HELLO), "%s", got);
    CHECK(serve() && connection.phase == PHASE_CLOSED, "%d", (int)connection.phase);
    end();
}

static void test_stopping(void)
{
    begin();
    context.stopping = true;
    CHECK(say("GET /readyz HTTP/1.1\r\n" HOST "\r\n"), "not ended");
    CHECK(starts_with("HTTP/1.1 503 ") && strstr(got, "Connection: close\r\n") != NULL, "%s", got);
    check_problem("{\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"draining\"}\n");
    end();
    begin();
    context.stopping = true;
    CHECK(say(GET) && ends_with(HELLO), "%s", got);
    end();
}

int main(void)
{
    log_open(STDOUT_FILENO, LOG_ERROR);
    CHECK(identity_start(), "no random bytes");
    test_keep_alive();
    test_close();
    test_head();
    test_statuses();
    test_errors_are_problems();
    test_request_ids_are_sent_back();
    test_request_id_of_each_request();
    test_pipelining();
    test_request_that_moves();
    test_body_is_skipped();
    test_client_that_waits_with_its_body();
    test_refusal_reaches_a_client_that_sends_on();
    test_slow_request();
    test_idle_ends_silently();
    test_request_in_time_is_answered_though_seen_late();
    test_slow_body_ends();
    test_partial_writes();
    test_client_that_reads_slowly();
    test_client_that_does_not_read();
    test_client_that_goes();
    test_half_closed_client_is_answered();
    test_stopping();
    return test_result();
}
