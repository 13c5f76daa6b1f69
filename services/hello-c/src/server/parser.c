#include "parser.h"

#include <string.h>

static enum parse_result fail(struct parser *parser, int status)
{
    parser->status = status;
    return parser->result = PARSE_FAILED;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_token(struct slice slice)
{
    return slice.len > 0 && slice_is_word(slice, "!#$%&'*+-.^_`|~");
}

/* A name or an [address], then optionally a colon and a port (RFC 3986, 3.2); name and port may be empty. */
static bool is_host(struct slice host)
{
    struct slice address = SLICE("");
    struct slice name;
    bool bracketed = host.len > 0 && *host.at == '[';
    if (bracketed && (!slice_cut(&host, ']', &address) || address.len == 1)) {
        return false;
    }
    slice_cut(&host, ':', &name);
    while (host.len > 0 && is_digit(*host.at)) {
        host = (struct slice){host.at + 1, host.len - 1};
    }
    bool known = bracketed ? name.len == 0 && slice_is_word(address, "[:.") : slice_is_word(name, "-._~%!$&'()*+,;=");
    return known && host.len == 0;
}

static bool read_method(struct parser *parser, struct slice name)
{
    static const char *const others[] = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"};
    parser->request.method_name = name;
    parser->request.method = METHOD_OTHER;
    parser->known_method = true;
    if (slice_equal(name, SLICE("GET"))) {
        parser->request.method = METHOD_GET;
        return true;
    }
    if (slice_equal(name, SLICE("HEAD"))) {
        parser->request.method = METHOD_HEAD;
        return true;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (slice_equal(name, (struct slice){others[i], strlen(others[i])})) {
            return true;
        }
    }
    parser->known_method = false;
    return is_token(name);
}

static bool is_visible(struct slice slice)
{
    for (size_t i = 0; i < slice.len; i++) {
        if (slice.at[i] <= ' ' || slice.at[i] > '~') {
            return false;
        }
    }
    return slice.len > 0;
}

/* Makes http://host/path a path; false without a host. */
static bool strip_host(struct slice *target)
{
    static const struct slice scheme = {"http://", 7};
    if (target->len < scheme.len || !slice_equal_nocase((struct slice){target->at, scheme.len}, scheme)) {
        return true;
    }
    struct slice host = {target->at + scheme.len, 0};
    const char *end = target->at + target->len;
    const char *root = host.at;
    while (root < end && strchr("/?#", *root) == NULL) {
        root++;
    }
    host.len = (size_t)(root - host.at);
    *target = root < end && *root == '/' ? (struct slice){root, (size_t)(end - root)} : SLICE("/");
    return host.len > 0 && is_host(host);
}

/* The four forms of RFC 9112, 3.2. */
static bool read_target(struct request *request, struct slice target)
{
    if (!is_visible(target)) {
        return false;
    }
    request->path = (struct slice){target.at, 0};
    if (slice_equal(request->method_name, SLICE("CONNECT"))) {
        return true;
    }
    if (slice_equal(target, SLICE("*"))) {
        return slice_equal(request->method_name, SLICE("OPTIONS"));
    }
    if (!strip_host(&target) || *target.at != '/') {
        return false;
    }
    slice_cut(&target, '?', &request->path);
    return true;
}

static enum parse_result read_request_line(struct parser *parser, struct slice line)
{
    struct slice method;
    struct slice target;
    if (!slice_cut(&line, ' ', &method) || !slice_cut(&line, ' ', &target)) {
        return fail(parser, 400);
    }
    struct slice version = line;
    if (version.len != 8 || memcmp(version.at, "HTTP/", 5) != 0 || !is_digit(version.at[5]) || version.at[6] != '.' ||
        !is_digit(version.at[7])) {
        return fail(parser, 400);
    }
    if (version.at[5] != '1') {
        return fail(parser, 505);
    }
    parser->minor = (unsigned)(version.at[7] - '0');
    if (!read_method(parser, method) || !read_target(&parser->request, target)) {
        return fail(parser, 400);
    }
    return PARSE_MORE;
}

static enum parse_result read_host(struct parser *parser, struct slice value)
{
    parser->hosts++;
    return is_host(value) ? PARSE_MORE : fail(parser, 400);
}

static enum parse_result read_length(struct parser *parser, struct slice value)
{
    if (parser->has_length || value.len == 0) {
        return fail(parser, 400);
    }
    parser->has_length = true;
    uint64_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_digit(value.at[i])) {
            return fail(parser, 400);
        }
        if (length <= BODY_MAX) { /* beyond it only "too large" matters */
            length = length * 10 + (uint64_t)(value.at[i] - '0');
        }
    }
    parser->request.body = length;
    return PARSE_MORE;
}

static void read_connection(struct parser *parser, struct slice value)
{
    bool more = true;
    while (more) {
        struct slice option;
        more = slice_cut(&value, ',', &option);
        option = slice_trim(option);
        parser->asks_close |= slice_equal_nocase(option, SLICE("close"));
        parser->asks_keep_alive |= slice_equal_nocase(option, SLICE("keep-alive"));
    }
}

/* Two of one kind are ignored: it is unclear which one counts. */
static void read_identity(struct request *request, struct slice name, struct slice value)
{
    bool is_id = slice_equal_nocase(name, SLICE("x-request-id"));
    if (is_id || slice_equal_nocase(name, SLICE("traceparent"))) {
        struct slice *known = is_id ? &request->request_id : &request->traceparent;
        *known = (struct slice){value.at, known->at == NULL ? value.len : 0};
    }
}

static enum parse_result read_header(struct parser *parser, struct slice line)
{
    struct slice name;
    struct slice value = line;
    if (++parser->headers > HEADERS_MAX) {
        return fail(parser, 431);
    }
    /* A folded line and a blank before the colon fail here: they are no token. */
    if (!slice_cut(&value, ':', &name) || !is_token(name)) {
        return fail(parser, 400);
    }
    value = slice_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return fail(parser, 400);
        }
    }
    if (slice_equal_nocase(name, SLICE("content-length"))) {
        return read_length(parser, value);
    }
    if (slice_equal_nocase(name, SLICE("host"))) {
        return read_host(parser, value);
    }
    if (slice_equal_nocase(name, SLICE("connection"))) {
        read_connection(parser, value);
    } else if (slice_equal_nocase(name, SLICE("transfer-encoding"))) {
        parser->chunked = !parser->has_coding && slice_equal_nocase(value, SLICE("chunked"));
        parser->has_coding = true;
    } else if (slice_equal_nocase(name, SLICE("expect"))) {
        parser->request.waits = true;
    } else {
        read_identity(&parser->request, name, value);
    }
    return PARSE_MORE;
}

/* What can only be judged when all headers are known. */
static enum parse_result finish(struct parser *parser)
{
    bool http10 = parser->minor == 0;
    if (parser->hosts > 1 || (parser->hosts == 0 && !http10)) {
        return fail(parser, 400);
    }
    if (parser->has_coding && (parser->has_length || http10)) {
        return fail(parser, 400); /* request smuggling looks like this */
    }
    if (parser->has_coding) {
        return fail(parser, parser->chunked ? 411 : 501);
    }
    if (parser->request.body > BODY_MAX) {
        return fail(parser, 413);
    }
    if (!parser->known_method) {
        return fail(parser, 501);
    }
    parser->request.keep_alive = !parser->asks_close && (!http10 || parser->asks_keep_alive);
    parser->length = parser->line;
    return parser->result = PARSE_DONE;
}

static enum parse_result read_line(struct parser *parser, struct slice line, bool first)
{
    if (parser->request.method_name.len > 0) {
        return line.len > 0 ? read_header(parser, line) : finish(parser);
    }
    if (first && line.len == 0) {
        return PARSE_MORE; /* some clients end their body with one CRLF too many */
    }
    return read_request_line(parser, line);
}

enum parse_result parser_run(struct parser *parser, const char *head, size_t len)
{
    while (parser->result == PARSE_MORE) {
        bool in_request_line = parser->request.method_name.len == 0;
        const char *end = memchr(head + parser->scanned, '\n', len - parser->scanned);
        size_t stop = end != NULL ? (size_t)(end - head) + 1 : len;
        struct slice line = {head + parser->line, stop - parser->line};
        parser->scanned = stop;
        if (in_request_line && line.len > REQUEST_LINE_MAX) {
            return fail(parser, 414);
        }
        if (stop > HEAD_MAX || (end == NULL && stop == HEAD_MAX)) {
            return fail(parser, 431);
        }
        if (end == NULL) {
            break;
        }
        if (line.len < 2 || line.at[line.len - 2] != '\r') {
            return fail(parser, 400); /* a bare LF */
        }
        line.len -= 2;
        bool first = parser->line == 0;
        parser->line = stop;
        parser->result = read_line(parser, line, first);
    }
    return parser->result;
}
