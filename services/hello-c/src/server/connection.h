#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "parser.h"
#include "response.h"

/* What all connections see of the server. */
struct context {
    const struct config *config;
    int64_t now;
    bool stopping; /* since the first SIGTERM */
    uint64_t requests;
};

enum phase {
    PHASE_CLOSED,
    PHASE_IDLE,    /* no byte of the next request yet */
    PHASE_READING, /* a request is coming in */
    PHASE_WRITING, /* the client takes its answer slowly */
    PHASE_LEAVING  /* answered for the last time; what still comes in is discarded */
};

struct connection {
    int fd;
    enum phase phase;
    int64_t deadline;
    int64_t started; /* when the first byte of the current request was seen; 0: before the first request */
    bool keep_alive;
    struct parser parser;
    uint64_t skip;     /* bytes of a body to discard */
    size_t start, end; /* the bytes of `in` that are not used up */
    struct slice body; /* of the answer: what is not yet sent of it ... */
    struct slice head; /* ... and of its headers, which stand in `out` */
    char out[RESPONSE_HEAD_MAX];
    char in[HEAD_MAX];
};

void connection_open(struct connection *connection, int fd, const struct context *context);

/* The socket can be read or written, or has failed: goes as far as it can without waiting. */
void connection_serve(struct connection *connection, struct context *context);

/* The deadline has passed: 408 for a request that began, else the end. */
void connection_expire(struct connection *connection, struct context *context);

void connection_close(struct connection *connection);

#endif
