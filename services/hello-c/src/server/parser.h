#ifndef PARSER_H
#define PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define REQUEST_LINE_MAX 4096 /* beyond: 414 */
#define HEAD_MAX 8192         /* request line and headers; beyond: 431 */
#define HEADERS_MAX 100       /* beyond: 431 */
#define BODY_MAX 65536        /* beyond: 413 */

enum method { METHOD_GET, METHOD_HEAD, METHOD_OTHER };

/* The slices point into the head that was parsed. */
struct request {
    enum method method;
    struct slice method_name;
    struct slice path;        /* without the query; empty for the targets `*` and `host:port` */
    struct slice request_id;  /* X-Request-Id ... */
    struct slice traceparent; /* ... and traceparent, as they came; empty if there are two of one */
    uint64_t body;            /* bytes that follow the head */
    bool keep_alive;          /* the client means to send more on this connection */
    bool waits;               /* Expect: the client holds its body back */
};

enum parse_result { PARSE_MORE, PARSE_DONE, PARSE_FAILED };

/* Start with {0}. Strict: what two parsers might read in two ways is refused (RFC 9112, 11.2). */
struct parser {
    enum parse_result result;
    int status;             /* PARSE_FAILED: what to answer */
    size_t length;          /* PARSE_DONE: bytes of the head */
    struct request request; /* after a failure: as far as it was read */
    size_t line;            /* where the unfinished line begins */
    size_t scanned;         /* no line end between line and here */
    unsigned headers;
    unsigned hosts;
    unsigned minor; /* of HTTP/1.x */
    bool known_method;
    bool has_length;
    bool has_coding;
    bool chunked;
    bool asks_close;
    bool asks_keep_alive;
};

/* Reads on in a head of which len bytes are there; head neither moves nor changes between calls. */
enum parse_result parser_run(struct parser *parser, const char *head, size_t len);

#endif
