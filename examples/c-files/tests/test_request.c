#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/request.h"

static int failures;

#define EXPECT(condition, name)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("%s: expected %s\n", name, #condition);                                                             \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

#define HOST "Host: a\r\n"

static const struct {
    const char *text;
    int status;
    const char *path;
    bool keep_alive;
    bool has_body;
} heads[] = {
    {"GET / HTTP/1.1\r\n" HOST "\r\n", 0, "/", true, false},
    {"GET / HTTP/1.0\r\n\r\n", 0, "/", false, false},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 0, "/", true, false},
    {"GET / HTTP/1.1\r\n" HOST "connection: x, Close\r\n\r\n", 0, "/", false, false},
    {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", 0, "/", true, false},
    {"GET /a%20b%2Fc HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET /a%20b?c%zz HTTP/1.1\r\n" HOST "\r\n", 0, "/a b", true, false},
    {"GET /%2e%2E/%C3%BC HTTP/1.1\r\n" HOST "\r\n", 0, "/../\xc3\xbc", true, false},
    {"GET http://a:80/b?c HTTP/1.1\r\n" HOST "\r\n", 0, "/b", true, false},
    {"GET http://a HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET /%00 HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET /% HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET /%2 HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET /\" HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET a HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 405, NULL, false, false},
    {"GET / HTTP/2.0\r\n" HOST "\r\n", 505, NULL, false, false},
    {"GET / HTTX/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"GET /\r\n" HOST "\r\n", 400, NULL, false, false},
    {"G(T / HTTP/1.1\r\n" HOST "\r\n", 400, NULL, false, false},
    {"\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST ": no name\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n", 400, NULL, false, false},
    {"GET / HTTP/1.1\r\n" HOST "A: \x7f\r\n\r\n", 400, NULL, false, false},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 0, "/", true, false},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n", 0, "/", true, true},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400, NULL, false, false},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400, NULL, false, false},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, NULL, false, false},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 0, "/", true, true},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, NULL, false, false},
};

static void test_heads(void)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct request request;
        /* In memory of its own, so that the sanitizer sees what is read after its end. */
        size_t length = strlen(heads[i].text);
        char *text = malloc(length);
        if (!text) {
            abort();
        }
        memcpy(text, heads[i].text, length);
        EXPECT(request_length(text, length) == length, heads[i].text);
        EXPECT(request_length(text, length - 1) == 0, heads[i].text);
        EXPECT(request_parse(&request, text, length) == heads[i].status, heads[i].text);
        if (heads[i].status == 0) {
            EXPECT(strcmp(request.path, heads[i].path) == 0, heads[i].text);
            EXPECT(request.keep_alive == heads[i].keep_alive, heads[i].text);
            EXPECT(request.has_body == heads[i].has_body, heads[i].text);
        }
        free(text);
    }
    char nul[] = "GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n";
    struct request request;
    EXPECT(request_parse(&request, nul, sizeof nul - 1) == 400, "a NUL in a header");
}

static const struct {
    const char *range;
    size_t size;
    enum range want;
    size_t first, last;
} ranges[] = {
    {NULL, 10, RANGE_WHOLE, 0, 0},
    {"bytes=0-3", 10, RANGE_PART, 0, 3},
    {"bytes=9-", 10, RANGE_PART, 9, 9},
    {"bytes=5-99999999999999999999999", 10, RANGE_PART, 5, 9},
    {"bytes=-3", 10, RANGE_PART, 7, 9},
    {"bytes=-30", 10, RANGE_PART, 0, 9},
    {"bytes=-0", 10, RANGE_OUTSIDE, 0, 0},
    {"bytes=10-", 10, RANGE_OUTSIDE, 0, 0},
    {"bytes=99999999999999999999999-", 10, RANGE_OUTSIDE, 0, 0},
    {"bytes=0-", 0, RANGE_OUTSIDE, 0, 0},
    {"bytes=4-3", 10, RANGE_WHOLE, 0, 0},
    {"bytes=-", 10, RANGE_WHOLE, 0, 0},
    {"bytes=0-1,3-4", 10, RANGE_WHOLE, 0, 0},
    {"bytes=", 10, RANGE_WHOLE, 0, 0},
    {"lines=0-1", 10, RANGE_WHOLE, 0, 0},
};

static void test_ranges(void)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const char *name = ranges[i].range ? ranges[i].range : "no range";
        size_t first = 0;
        size_t last = 0;
        EXPECT(request_range(ranges[i].range, ranges[i].size, &first, &last) == ranges[i].want, name);
        if (ranges[i].want == RANGE_PART) {
            EXPECT(first == ranges[i].first && last == ranges[i].last, name);
        }
    }
}

static void test_tags(void)
{
    EXPECT(request_matches("\"ab\"", "\"ab\""), "the tag");
    EXPECT(request_matches("\"x\", W/\"ab\"", "\"ab\""), "one of two tags");
    EXPECT(request_matches("*", "\"ab\""), "any tag");
    EXPECT(!request_matches("\"abc\"", "\"ab\""), "another tag");
    EXPECT(!request_matches(NULL, "\"ab\""), "no tag");
}

int main(void)
{
    test_heads();
    test_ranges();
    test_tags();
    return failures > 0;
}
