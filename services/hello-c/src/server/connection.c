#include "connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "identity.h"
#include "log.h"
#include "router.h"

#define LEAVE_TIMEOUT SECOND

void connection_open(struct connection *connection, int fd, const struct context *context)
{
    /* Not the buffers: pages that were never used cost no memory. */
    memset(connection, 0, offsetof(struct connection, out));
    connection->fd = fd;
    connection->phase = PHASE_IDLE;
    connection->keep_alive = true;
    /* Not idle_timeout: a client that connects is expected to send a request. */
    connection->deadline = context->now + context->config->request_timeout;
}

void connection_close(struct connection *connection)
{
    close(connection->fd);
    connection->phase = PHASE_CLOSED;
}

static void log_request(const struct connection *connection, const struct identity *identity, int status)
{
    const struct request *request = &connection->parser.request;
    if (!log_begin(route_is_health_check(request) ? LOG_DEBUG : LOG_INFO, "request")) {
        return;
    }
    log_text("request_id", identity->request_id);
    if (identity->trace_id.len > 0) {
        log_text("trace_id", identity->trace_id);
        log_text("span_id", identity->span_id);
    }
    log_text("method", request->method_name);
    log_text("path", request->path);
    log_number("status", (uint64_t)status);
    log_number("bytes", connection->body.len);
    log_milliseconds("duration_ms", clock_now() - connection->started);
    log_end();
}

static void answer(struct connection *connection, struct context *context, struct response response)
{
    const struct request *request = &connection->parser.request;
    const struct identity identity = identity_of(request);
    struct text head = text_in(connection->out, sizeof connection->out);
    response_head(&response, identity.request_id, connection->keep_alive, &head);
    connection->head = (struct slice){head.at, head.len};
    connection->body = response.body;
    if (request->method == METHOD_HEAD) {
        connection->body.len = 0;
    }
    context->requests++;
    log_request(connection, &identity, response.status);
}

/* Answers the next request if all of its head has come. */
static bool answer_next(struct connection *connection, struct context *context)
{
    struct parser *parser = &connection->parser;
    enum parse_result result =
        parser_run(parser, connection->in + connection->start, connection->end - connection->start);
    if (result == PARSE_MORE) {
        return false;
    }
    if (result == PARSE_FAILED) {
        connection->keep_alive = false;
        answer(connection, context, response_problem(parser->status));
        return true;
    }
    /* A client that held its body back may send it after our answer, or not: only a new connection is clear. */
    bool unsure = parser->request.waits && parser->request.body > 0;
    connection->keep_alive = parser->request.keep_alive && !unsure && !context->stopping;
    answer(connection, context, route(&parser->request, !context->stopping));
    connection->start += parser->length;
    connection->skip = parser->request.body;
    *parser = (struct parser){0};
    return true;
}

static void expect_request(struct connection *connection, const struct context *context)
{
    connection->phase = PHASE_READING;
    connection->started = context->now;
    connection->deadline = context->now + context->config->request_timeout;
}

static void rest(struct connection *connection, const struct context *context)
{
    if (connection->phase != PHASE_IDLE) {
        connection->phase = PHASE_IDLE;
        connection->deadline = context->now + context->config->idle_timeout;
    }
}

/*
 * Closing while bytes of the client are unread makes the kernel send a reset,
 * which can destroy the answer before the client has read it.
 */
static void leave(struct connection *connection, const struct context *context)
{
    shutdown(connection->fd, SHUT_WR);
    connection->phase = PHASE_LEAVING;
    connection->deadline = context->now + LEAVE_TIMEOUT;
}

/* False when the connection has ended. */
static bool receive(struct connection *connection)
{
    if (connection->start > 0) {
        connection->end -= connection->start;
        memmove(connection->in, connection->in + connection->start, connection->end);
        connection->start = 0;
        connection->parser = (struct parser){0}; /* its slices pointed to the old place */
    }
    ssize_t got = recv(connection->fd, connection->in + connection->end, sizeof connection->in - connection->end, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        connection_close(connection);
        return false;
    }
    connection->end += got > 0 ? (size_t)got : 0;
    return true;
}

/* Takes from the front of the slice what was sent. */
static size_t take(struct slice *slice, size_t sent)
{
    size_t taken = sent < slice->len ? sent : slice->len;
    slice->at += taken;
    slice->len -= taken;
    return sent - taken;
}

/* False when the client does not take more now, or has gone. */
static bool flush(struct connection *connection, const struct context *context)
{
    while (connection->head.len + connection->body.len > 0) {
        struct iovec parts[] = {{(void *)connection->head.at, connection->head.len},
                                {(void *)connection->body.at, connection->body.len}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (sent >= 0) {
            take(&connection->body, take(&connection->head, (size_t)sent));
        } else if (errno == EAGAIN) {
            if (connection->phase != PHASE_WRITING) {
                connection->phase = PHASE_WRITING;
                connection->deadline = context->now + context->config->write_timeout;
            }
            return false;
        } else if (errno != EINTR) {
            connection_close(connection);
            return false;
        }
    }
    return true;
}

static void skip_body(struct connection *connection)
{
    size_t there = connection->end - connection->start;
    size_t skipped = connection->skip < there ? (size_t)connection->skip : there;
    connection->start += skipped;
    connection->skip -= skipped;
}

/* Sends what is to be sent, then answers what has come, one by one, in order. */
static void go_on(struct connection *connection, struct context *context)
{
    while (flush(connection, context)) {
        if (!connection->keep_alive) {
            leave(connection, context);
            return;
        }
        if (connection->phase == PHASE_WRITING) {
            expect_request(connection, context);
        }
        skip_body(connection);
        if (connection->start == connection->end && connection->skip == 0) {
            rest(connection, context);
            return;
        }
        if (connection->skip > 0 || !answer_next(connection, context)) {
            return;
        }
        expect_request(connection, context);
    }
}

void connection_serve(struct connection *connection, struct context *context)
{
    switch (connection->phase) {
    case PHASE_CLOSED:
        return;
    case PHASE_LEAVING:
        connection->start = connection->end = 0;
        receive(connection);
        return;
    case PHASE_IDLE:
    case PHASE_READING:
        if (!receive(connection)) {
            return;
        }
        if (connection->phase == PHASE_IDLE && connection->end > 0) {
            expect_request(connection, context);
        }
        break;
    case PHASE_WRITING:
        break;
    }
    go_on(connection, context);
}

void connection_expire(struct connection *connection, struct context *context)
{
    if (connection->phase == PHASE_IDLE) {
        /* On a busy machine, a request may have come in time and not been seen yet. */
        connection_serve(connection, context);
        if (connection->phase != PHASE_IDLE || connection->deadline > context->now) {
            return;
        }
    }
    if (connection->phase != PHASE_READING || connection->skip > 0) {
        log_event(LOG_DEBUG, "connection timed out");
        connection_close(connection);
        return;
    }
    connection->keep_alive = false;
    answer(connection, context, response_problem(408));
    go_on(connection, context);
}
