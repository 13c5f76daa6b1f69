#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "connection.h"
#include "drain.h"
#include "identity.h"
#include "listener.h"
#include "log.h"
#include "table.h"

#define EVENTS_MAX 256
#define ACCEPT_PAUSE (100 * MILLISECOND)

/* Once the listener is closed: for a request that may be on its way, and for one that is coming in. */
#define LAST_REQUEST_WAIT (250 * MILLISECOND)
#define LAST_ANSWER_WAIT (8 * SECOND)

/* What an epoll event is about: one of these, or the slot of a connection. */
enum { TAG_LISTENER = CONNECTIONS_MAX, TAG_SIGNALS };

static struct connection slots[CONNECTIONS_MAX];

static struct {
    struct table table;
    struct context context;
    struct drain drain;
    int epoll;
    int listener;
    int64_t sweep_at;  /* no deadline is earlier */
    int64_t accept_at; /* a pause in accepting ends */
    int64_t end_by;    /* no deadline is later */
    uint64_t cut_off;  /* clients that did not take their answer by then */
} server;

static bool watch(int operation, int fd, uint32_t events, unsigned tag)
{
    struct epoll_event event = {.events = events, .data.u32 = tag};
    return epoll_ctl(server.epoll, operation, fd, &event) == 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Follows up on what happened to a connection. */
static void settle(unsigned slot, enum phase before)
{
    struct connection *connection = &slots[slot];
    if (connection->phase == PHASE_CLOSED) {
        table_release(&server.table, slot);
        if (server.accept_at != INT64_MAX) {
            server.accept_at = server.context.now;
        }
        return;
    }
    if ((connection->phase == PHASE_WRITING) != (before == PHASE_WRITING)) {
        uint32_t events = connection->phase == PHASE_WRITING ? EPOLLOUT : EPOLLIN;
        watch(EPOLL_CTL_MOD, connection->fd, events, slot);
    }
    connection->deadline = least(connection->deadline, server.end_by);
    server.sweep_at = least(server.sweep_at, connection->deadline);
}

static void serve(unsigned slot)
{
    enum phase before = slots[slot].phase;
    if (before == PHASE_CLOSED) {
        return; /* evicted by an event of the same batch */
    }
    connection_serve(&slots[slot], &server.context);
    settle(slot, before);
}

static void pause_accepting(void)
{
    watch(EPOLL_CTL_MOD, server.listener, 0, TAG_LISTENER);
    server.accept_at = server.context.now + ACCEPT_PAUSE;
}

static bool make_room(void)
{
    unsigned spare;
    if (table_full(&server.table)) {
        if (!table_find_spare(&server.table, &spare)) {
            return false;
        }
        connection_close(&slots[spare]);
        table_release(&server.table, spare);
    }
    return true;
}

/* Until nobody waits or the table is full: clients that still wait cause the next event. */
static void accept_clients(void)
{
    bool ok = make_room();
    while (ok && !table_full(&server.table)) {
        int fd = listener_accept(server.listener);
        if (fd < 0 && errno == EAGAIN) {
            return;
        }
        ok = fd >= 0;
        if (ok) {
            unsigned slot = table_take(&server.table);
            connection_open(&slots[slot], fd, &server.context);
            watch(EPOLL_CTL_ADD, fd, EPOLLIN, slot);
            settle(slot, PHASE_IDLE);
        } else if (log_begin(LOG_WARN, "accept failed")) {
            log_number("errno", (uint64_t)errno);
            log_end();
        }
    }
    if (!ok) {
        pause_accepting();
    }
}

static void resume_accepting(void)
{
    if (server.context.now >= server.accept_at) {
        server.accept_at = INT64_MAX;
        watch(EPOLL_CTL_MOD, server.listener, EPOLLIN, TAG_LISTENER);
    }
}

/* Clients in the kernel's queue are connected as far as they know: accept all of them, then close. */
static void stop_listening(void)
{
    if (server.context.now < server.drain.until) {
        return;
    }
    accept_clients();
    server.context.now = clock_now(); /* accepting may have taken longer than clients are waited for */
    close(server.listener);
    server.drain.stage = STAGE_ENDING;
    server.drain.until = server.accept_at = INT64_MAX;
    server.end_by = server.context.now + LAST_ANSWER_WAIT;
    server.sweep_at = server.context.now;
    for (unsigned i = 0; i < server.table.high; i++) {
        if (slots[i].phase == PHASE_IDLE) {
            slots[i].deadline = least(slots[i].deadline, server.context.now + LAST_REQUEST_WAIT);
        }
    }
}

static void sweep(void)
{
    if (server.context.now < server.sweep_at) {
        return;
    }
    server.sweep_at = INT64_MAX;
    for (unsigned i = 0; i < server.table.high; i++) {
        enum phase before = slots[i].phase;
        if (before != PHASE_CLOSED) {
            if (slots[i].deadline <= server.context.now) {
                server.cut_off += server.drain.stage == STAGE_ENDING && before == PHASE_WRITING;
                connection_expire(&slots[i], &server.context);
            }
            settle(i, before);
        }
    }
}

/* Milliseconds for epoll_wait: until something is due, rounded up. */
static int wait_time(void)
{
    int64_t now = clock_now();
    int64_t due = least(least(server.sweep_at, server.drain.until), least(server.accept_at, log_flush(now)));
    if (due == INT64_MAX) {
        return -1;
    }
    return due <= now ? 0 : (int)((due - now + MILLISECOND - 1) / MILLISECOND);
}

static bool is_over(void)
{
    return server.drain.stage == STAGE_FORCED || (server.drain.stage == STAGE_ENDING && server.table.open == 0);
}

static void loop(void)
{
    static struct epoll_event events[EVENTS_MAX];
    while (!is_over()) {
        int count = epoll_wait(server.epoll, events, EVENTS_MAX, wait_time());
        server.context.now = clock_now();
        for (int i = 0; i < count; i++) {
            unsigned tag = events[i].data.u32;
            if (tag == TAG_LISTENER) {
                accept_clients();
            } else if (tag == TAG_SIGNALS) {
                drain_take_signal(&server.drain, server.context.config->drain_delay, server.context.now);
                server.context.stopping = true;
            } else {
                serve(tag);
            }
        }
        resume_accepting();
        stop_listening();
        sweep();
    }
}

static bool start(const struct config *config)
{
    (void)signal(SIGPIPE, SIG_IGN); /* of stdout; sockets have MSG_NOSIGNAL */
    server.context = (struct context){.config = config, .now = clock_now()};
    server.table.slots = slots;
    server.sweep_at = server.accept_at = server.end_by = INT64_MAX;
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    server.listener = listener_open(config->port);
    return server.epoll >= 0 && server.listener >= 0 && identity_start() && drain_open(&server.drain) &&
           watch(EPOLL_CTL_ADD, server.drain.signals, EPOLLIN, TAG_SIGNALS) &&
           watch(EPOLL_CTL_ADD, server.listener, EPOLLIN, TAG_LISTENER);
}

/* In words where there is a remedy: strerror would bring 2 KB of others. */
static void report_start_failure(int error_number)
{
    char buffer[128];
    struct text error = text_in(buffer, sizeof buffer);
    text_add(&error, SLICE("listen on port "));
    text_add_number(&error, server.context.config->port);
    if (error_number == EADDRINUSE) {
        text_add(&error, SLICE(": in use: set PORT to one that is free"));
    } else if (error_number == EACCES) {
        text_add(&error, SLICE(": not allowed: set PORT to 1024 or more"));
    } else {
        text_add(&error, SLICE(": errno "));
        text_add_number(&error, (uint64_t)error_number);
    }
    log_fatal((struct slice){error.at, error.len});
}

int server_run(const struct config *config)
{
    if (!start(config)) {
        report_start_failure(errno);
        return EXIT_FAILURE;
    }
    if (log_begin(LOG_INFO, "listening")) {
        log_number("port", config->port);
        log_end();
    }
    loop();
    if (log_begin(server.cut_off > 0 ? LOG_WARN : LOG_INFO, "stopped")) {
        log_number("requests", server.context.requests);
        log_number("cut_off", server.cut_off);
        log_end();
    }
    log_close();
    return server.drain.stage == STAGE_FORCED || server.cut_off > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
