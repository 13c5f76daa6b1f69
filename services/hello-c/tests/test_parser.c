#include <string.h>

#include "parser.h"
#include "test.h"

#define HOST "Host: a\r\n"
#define H10 "a:1\r\na:2\r\na:3\r\na:4\r\na:5\r\na:6\r\na:7\r\na:8\r\na:9\r\na:0\r\n"
#define H100 H10 H10 H10 H10 H10 H10 H10 H10 H10 H10

/* What is accepted, and how it is understood. */
static const struct {
    const char *head;
    const char *method;
    const char *path;
    bool keep_alive;
    bool waits;
    uint64_t body;
} good[] = {
    {"GET / HTTP/1.1\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"HEAD /a/b HTTP/1.1\r\n" HOST "\r\n", "HEAD", "/a/b", true, false, 0},
    {"\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"GET /?q=1?2 HTTP/1.1\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"GET http://a/b?c HTTP/1.1\r\n" HOST "\r\n", "GET", "/b", true, false, 0},
    {"GET HTTP://a HTTP/1.1\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"GET http://a?x=/readyz HTTP/1.1\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"GET http://a#/readyz HTTP/1.1\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"GET http://[::1]:80/b HTTP/1.1\r\n" HOST "\r\n", "GET", "/b", true, false, 0},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS", "", true, false, 0},
    {"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", "CONNECT", "", true, false, 0},
    {"GET / HTTP/1.0\r\n\r\n", "GET", "/", false, false, 0},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.9\r\n" HOST "\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", "GET", "/", false, false, 0},
    {"GET / HTTP/1.1\r\n" HOST "connection:keep-alive,\tCLOSE\r\n\r\n", "GET", "/", false, false, 0},
    {"GET / HTTP/1.1\r\n" HOST "Connection: closer, close-not\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\nConnection: x\r\n\r\n", "GET", "/", false, false, 0},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 65536\r\n\r\n", "POST", "/", true, false, 65536},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length:007 \r\nExpect: 100-continue\r\n\r\n", "PUT", "/", true, true, 7},
    {"GET / HTTP/1.1\r\nHost:\r\nX: \t a\t\x80\xff \r\nY:\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.1\r\nHost: a-b.c_d~%41!:8080\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.1\r\nHost: 127.0.0.1:\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.1\r\nHost: [::ffff:127.0.0.1]\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET", "/", true, false, 0},
    {"GET / HTTP/1.0\r\n" H100 "\r\n", "GET", "/", false, false, 0},
};

/* What is refused, and how it is answered. */
static const struct {
    const char *head;
    int status;
} bad[] = {
    {"\r\n\r\n", 400},
    {"GET\r\n", 400},
    {"GET /\r\n", 400},
    {" GET / HTTP/1.1\r\n", 400},
    {"GET  / HTTP/1.1\r\n", 400},
    {"GET / HTTP/1.1 \r\n", 400},
    {"GET / HTTP/1.1\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\n", 400},
    {"GET / HTTP/1.1\r\r\n", 400},
    {"GET / http/1.1\r\n", 400},
    {"GET / HTTP/11.\r\n", 400},
    {"GET / HTTP/1.x\r\n", 400},
    {"GET / HTTP/x.1\r\n", 400},
    {"GET / HTTP/2.0\r\n", 505},
    {"GET / HTTP/0.9\r\n", 505},
    {"PRI * HTTP/2.0\r\n", 505},
    {"G(T / HTTP/1.1\r\n", 400},
    {"GET a HTTP/1.1\r\n", 400},
    {"GET * HTTP/1.1\r\n", 400},
    {"GET /\x01 HTTP/1.1\r\n", 400},
    {"GET /\xc3\xa4 HTTP/1.1\r\n", 400},
    {"GET http:// HTTP/1.1\r\n", 400},
    {"GET http:///a HTTP/1.1\r\n", 400},
    {"GET http://?/a HTTP/1.1\r\n", 400},
    {"GET http://a@b/ HTTP/1.1\r\n", 400},
    {"GET http://a:b/ HTTP/1.1\r\n", 400},
    {"GET https://a/ HTTP/1.1\r\n", 400},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\nHost : a\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a?b\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a@b\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a:b\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a:1:2\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: ::1\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [::1\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [::1]8080\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: []\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST " folded\r\n", 400},
    {"GET / HTTP/1.1\r\n: a\r\n", 400},
    {"GET / HTTP/1.1\r\nHost\r\n", 400},
    {"GET / HTTP/1.1\r\nX: a\rb\r\n", 400},
    {"GET / HTTP/1.1\r\nX: a\x7f\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length:\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: -1\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: +1\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n", 411},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551617\r\n\r\n", 413},
    {"BREW / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"get / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"GET / HTTP/1.0\r\n" H100 "a:1\r\n", 431},
};

/* What is not decided yet. */
static const char *const unfinished[] = {
    "", "\r\n", "GET", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n" HOST, "GET / HTTP/1.1\r\n" HOST "\r",
};

static struct parser parse(const char *head, size_t step)
{
    struct parser parser = {0};
    size_t len = strlen(head);
    for (size_t at = 0; at < len; at += step) {
        parser_run(&parser, head, at + step < len ? at + step : len);
    }
    return parser;
}

static bool is(struct slice slice, const char *text)
{
    return slice_equal(slice, (struct slice){text, strlen(text)});
}

static void test_good(size_t step)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct parser parser = parse(good[i].head, step);
        const struct request *request = &parser.request;
        CHECK(parser.result == PARSE_DONE, "status %d: %s", parser.status, good[i].head);
        CHECK(parser.length == strlen(good[i].head), "%zu: %s", parser.length, good[i].head);
        CHECK(is(request->method_name, good[i].method), "%s", good[i].head);
        CHECK(is(request->path, good[i].path), "%.*s: %s", (int)request->path.len, request->path.at, good[i].head);
        CHECK(request->keep_alive == good[i].keep_alive, "%s", good[i].head);
        CHECK(request->waits == good[i].waits, "%s", good[i].head);
        CHECK(request->body == good[i].body, "%s", good[i].head);
    }
}

static void test_bad(size_t step)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct parser parser = parse(bad[i].head, step);
        CHECK(parser.result == PARSE_FAILED, "%d: %.60s", (int)parser.result, bad[i].head);
        CHECK(parser.status == bad[i].status, "%d, not %d: %.60s", parser.status, bad[i].status, bad[i].head);
    }
}

static void test_unfinished(size_t step)
{
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
        struct parser parser = parse(unfinished[i], step);
        CHECK(parser.result == PARSE_MORE, "status %d: %.60s", parser.status, unfinished[i]);
    }
}

/* A head with a path and a header value of these lengths; whole counts what is sent of it. */
static struct parser parse_sized(size_t path, size_t value, size_t step, bool whole)
{
    static char head[3 * HEAD_MAX];
    struct text text = text_in(head, sizeof head - 1);
    text_add(&text, SLICE("GET /"));
    memset(head + text.len, 'x', path - 1);
    text.len += path - 1;
    text_add(&text, SLICE(" HTTP/1.1\r\nHost:"));
    memset(head + text.len, 'x', value);
    text.len += value;
    text_add(&text, whole ? SLICE("\r\n\r\n") : SLICE(""));
    head[text.len] = '\0';
    return parse(head, step);
}

static void test_limits(size_t step)
{
    const size_t path = REQUEST_LINE_MAX - strlen("GET  HTTP/1.1\r\n");
    const size_t value = HEAD_MAX - strlen("GET / HTTP/1.1\r\nHost:\r\n\r\n");
    CHECK(parse_sized(path, 1, step, true).result == PARSE_DONE, "step %zu", step);
    CHECK(parse_sized(path + 1, 1, step, true).status == 414, "step %zu", step);
    CHECK(parse_sized(HEAD_MAX, 1, step, false).status == 414, "step %zu", step);
    CHECK(parse_sized(1, value, step, true).result == PARSE_DONE, "step %zu", step);
    CHECK(parse_sized(1, value + 1, step, true).status == 431, "step %zu", step);
    CHECK(parse_sized(1, value + 3, step, false).result == PARSE_MORE, "step %zu", step);
    CHECK(parse_sized(1, value + 4, step, false).status == 431, "step %zu", step);
}

static void test_stops_behind_head(void)
{
    static const char two[] = "GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n";
    struct parser parser = parse(two, sizeof two);
    CHECK(parser.result == PARSE_DONE && is(parser.request.path, "/1"), "status %d", parser.status);
    CHECK(parser.length == strlen("GET /1 HTTP/1.1\r\n" HOST "\r\n"), "%zu", parser.length);
}

/* Values as they came; two of one kind are ignored. */
static void test_identity(size_t step)
{
    static const struct {
        const char *headers;
        const char *request_id;
        const char *traceparent;
    } cases[] = {
        {"", "", ""},
        {"X-Request-Id: a b\r\nTraceparent: 00-1\r\n", "a b", "00-1"},
        {"TRACEPARENT:\t1\t\r\nx-request-id:2\r\n", "2", "1"},
        {"X-Request-Id:\r\nX-Request-Ids: a\r\n", "", ""},
        {"X-Request-Id: a\r\nx-request-id: b\r\ntraceparent: c\r\n", "", "c"},
        {"X-Request-Id: a\r\ntraceparent: b\r\ntraceparent: c\r\ntraceparent: d\r\n", "a", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char head[256];
        (void)snprintf(head, sizeof head, "GET / HTTP/1.1\r\n" HOST "%s\r\n", cases[i].headers);
        struct parser parser = parse(head, step);
        const struct request *request = &parser.request;
        CHECK(parser.result == PARSE_DONE, "status %d: %s", parser.status, head);
        CHECK(is(request->request_id, cases[i].request_id), "%s", head);
        CHECK(is(request->traceparent, cases[i].traceparent), "%s", head);
    }
}

int main(void)
{
    static const size_t steps[] = {1, 2, 3, 7, 64, 100000};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        test_good(steps[i]);
        test_bad(steps[i]);
        test_unfinished(steps[i]);
        test_limits(steps[i]);
        test_identity(steps[i]);
    }
    test_stops_behind_head();
    return test_result();
}
