#include <stdlib.h>

#include "parser.h"

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool same(struct slice a, struct slice b)
{
    return a.at == b.at && a.len == b.len;
}

static bool within(struct slice slice, const char *head, size_t len)
{
    return slice.len == 0 || (slice.at >= head && slice.at + slice.len <= head + len) || slice_equal(slice, SLICE("/"));
}

/* However the bytes arrive, they mean the same; what was accepted keeps the limits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *head = (const char *)data;
    struct parser whole = {0};
    struct parser pieces = {0};
    parser_run(&whole, head, size);
    for (size_t len = 0; len <= size && pieces.result == PARSE_MORE; len++) {
        parser_run(&pieces, head, len);
    }

    require(whole.result == pieces.result && whole.status == pieces.status && whole.length == pieces.length);
    const struct request *request = &whole.request;
    require(same(request->method_name, pieces.request.method_name) && same(request->path, pieces.request.path));
    require(same(request->request_id, pieces.request.request_id));
    require(same(request->traceparent, pieces.request.traceparent));
    require(within(request->method_name, head, size) && within(request->path, head, size));
    require(within(request->request_id, head, size) && within(request->traceparent, head, size));
    if (whole.result == PARSE_DONE) {
        require(whole.length <= size && whole.length <= HEAD_MAX && request->body <= BODY_MAX);
        require(request->keep_alive == pieces.request.keep_alive && request->body == pieces.request.body);
        require(slice_equal((struct slice){head + whole.length - 4, 4}, SLICE("\r\n\r\n")));
    }
    if (whole.result == PARSE_FAILED) {
        require(whole.status >= 400 && whole.status <= 505);
    }
    return 0;
}
