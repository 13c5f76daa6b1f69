#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "request.h"

#define CONNECTIONS_MAX 1024
#define HEAD_MAX 4096
#define EVENTS_MAX 128

/* Milliseconds, as all times here. */
#define HEAD_TIMEOUT 10000  /* from the first byte of a request to the end of its head */
#define IDLE_TIMEOUT 30000  /* between requests */
#define WRITE_TIMEOUT 30000 /* for a client to take some of an answer */
#define LINGER_TIMEOUT 2000 /* see linger() */
#define LAST_REQUEST 300    /* after the listener is closed, for a request that is on its way */
#define LAST_ANSWER 5000    /* ... and for one that is being received or answered */

enum phase { FREE, READING, WRITING, LINGERING };

struct connection {
    enum phase phase;
    int fd;
    int64_t deadline;
    char client[INET_ADDRSTRLEN];
    char in[HEAD_MAX]; /* what was received and not answered */
    size_t in_length;
    char head[1024];     /* of the answer */
    struct iovec out[2]; /* head and body, as far as they are not sent */
    bool keep_alive;
};

static struct connection connections[CONNECTIONS_MAX];

static struct {
    const struct site *site;
    int epoll, listener, signals;
    unsigned open;
    bool accepting;
    int64_t now;
    int64_t drain_delay;
    int64_t close_at; /* when the listener is closed; 0 before SIGTERM */
    bool closed;
    int64_t sweep_at; /* when to look for deadlines that are over */
} server;

static int64_t milliseconds(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void watch(int operation, int fd, uint32_t events, void *what)
{
    struct epoll_event event = {.events = events, .data.ptr = what};
    epoll_ctl(server.epoll, operation, fd, &event);
}

/* --- connections --- */

static void accept_again(bool accept)
{
    if (server.accepting != accept && !server.closed) {
        server.accepting = accept;
        watch(EPOLL_CTL_MOD, server.listener, accept ? EPOLLIN : 0, &server.listener);
    }
}

static void close_connection(struct connection *c)
{
    close(c->fd);
    c->phase = FREE;
    server.open--;
    accept_again(true);
}

static void enter(struct connection *c, enum phase phase, int64_t timeout)
{
    if ((c->phase == WRITING) != (phase == WRITING)) {
        watch(EPOLL_CTL_MOD, c->fd, phase == WRITING ? EPOLLOUT : EPOLLIN, c);
    }
    c->phase = phase;
    c->deadline = server.now + timeout;
}

static void wait_for_request(struct connection *c)
{
    enter(c, READING, c->in_length > 0 ? HEAD_TIMEOUT : IDLE_TIMEOUT);
}

/* Closing while something is unread resets the connection, and the client may lose the answer: so what it still sends
 * is taken until it closes too, for a while. */
static void linger(struct connection *c)
{
    shutdown(c->fd, SHUT_WR);
    enter(c, LINGERING, LINGER_TIMEOUT);
}

/* --- answers --- */

static const char *reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 304:
        return "Not Modified";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 414:
        return "URI Too Long";
    case 416:
        return "Range Not Satisfiable";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Bad Request";
    }
}

struct answer {
    int status;
    const char *type; /* NULL: no body */
    const char *body;
    size_t size;
    char headers[700]; /* further ones, each with its CRLF */
};

static void add_header(struct answer *answer, const char *name, const char *value)
{
    size_t length = strlen(answer->headers);
    (void)snprintf(answer->headers + length, sizeof answer->headers - length, "%s: %s\r\n", name, value);
}

static struct answer text(int status, const char *body)
{
    return (struct answer){.status = status, .type = "text/plain; charset=utf-8", .body = body, .size = strlen(body)};
}

/* Common Log Format, buffered until the loop has nothing else to do. */
static void log_answer(const struct connection *c, const struct request *request, const struct answer *answer)
{
    char now[32];
    time_t seconds = time(NULL);
    struct tm utc;
    (void)strftime(now, sizeof now, "%d/%b/%Y:%H:%M:%S +0000", gmtime_r(&seconds, &utc));
    bool known = request->method && request->target;
    printf("%s - - [%s] \"%s %s HTTP/1.1\" %d %zu\n", c->client, now, known ? request->method : "-",
           known ? request->target : "-", answer->status, answer->size);
}

static void send_answer(struct connection *c, const struct request *request, const struct answer *answer)
{
    bool is_head = request->method && strcmp(request->method, "HEAD") == 0;
    char content[128] = "";
    if (answer->type) {
        (void)snprintf(content, sizeof content, "Content-Type: %s\r\nContent-Length: %zu\r\n", answer->type,
                       answer->size);
    } else if (answer->status != 304) {
        (void)snprintf(content, sizeof content, "Content-Length: 0\r\n");
    }
    char date[32];
    time_t seconds = time(NULL);
    struct tm utc;
    (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &utc));
    int length =
        snprintf(c->head, sizeof c->head, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s%s\r\n", answer->status,
                 reason(answer->status), date, content, answer->headers, c->keep_alive ? "" : "Connection: close\r\n");
    c->out[0] = (struct iovec){c->head, (size_t)length};
    c->out[1] = (struct iovec){(void *)(answer->body ? answer->body : ""), is_head || !answer->type ? 0 : answer->size};
    enter(c, WRITING, WRITE_TIMEOUT);
}

static struct answer page_answer(const struct request *request, const struct page *page)
{
    struct answer answer = {.status = 200, .type = page->type, .body = page->data, .size = page->size};
    add_header(&answer, "ETag", page->etag);
    add_header(&answer, "Cache-Control", "no-cache"); /* it may be kept, and is asked for again with If-None-Match */
    add_header(&answer, "X-Content-Type-Options", "nosniff");
    if (request_matches(request->if_none_match, page->etag)) {
        answer.status = 304;
        answer.type = NULL;
        return answer;
    }
    size_t first;
    size_t last;
    char range[96];
    add_header(&answer, "Accept-Ranges", "bytes");
    switch (request_range(request->range, page->size, &first, &last)) {
    case RANGE_PART:
        answer.status = 206;
        answer.body += first;
        answer.size = last - first + 1;
        (void)snprintf(range, sizeof range, "bytes %zu-%zu/%zu", first, last, page->size);
        add_header(&answer, "Content-Range", range);
        break;
    case RANGE_OUTSIDE:
        answer = text(416, "There are not so many bytes.\n");
        (void)snprintf(range, sizeof range, "bytes */%zu", page->size);
        add_header(&answer, "Content-Range", range);
        break;
    case RANGE_WHOLE:
        break;
    }
    return answer;
}

static struct answer not_found(void)
{
    const struct page *page = site_find(server.site, "/404.html");
    if (!page) {
        return text(404, "Not found.\n");
    }
    return (struct answer){.status = 404, .type = page->type, .body = page->data, .size = page->size};
}

static struct answer redirect(const struct request *request)
{
    char location[600];
    size_t length = strcspn(request->target, "?");
    if (length > sizeof location - 2) {
        return text(414, "The path is too long.\n");
    }
    (void)snprintf(location, sizeof location, "%.*s/", (int)length, request->target);
    struct answer answer = {.status = 301};
    add_header(&answer, "Location", location);
    return answer;
}

static struct answer answer_to(const struct request *request)
{
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        struct answer answer = text(405, "Only GET and HEAD.\n");
        add_header(&answer, "Allow", "GET, HEAD");
        return answer;
    }
    if (strcmp(request->path, "/-/healthy") == 0) {
        return text(200, "healthy\n");
    }
    if (strcmp(request->path, "/-/ready") == 0) {
        return server.close_at ? text(503, "about to end\n") : text(200, "ready\n");
    }
    const struct page *page = site_find(server.site, request->path);
    if (page) {
        return page_answer(request, page);
    }
    return site_has_folder(server.site, request->path) ? redirect(request) : not_found();
}

static void refuse(struct connection *c, const struct request *request, int status)
{
    struct answer answer = text(status, reason(status));
    c->keep_alive = false;
    log_answer(c, request, &answer);
    send_answer(c, request, &answer);
}

/* Answers the first request that was received, if it is complete. */
static void answer_next(struct connection *c)
{
    struct request request = {0};
    size_t length = request_length(c->in, c->in_length);
    if (length == 0) {
        if (c->in_length == sizeof c->in) {
            refuse(c, &request, memchr(c->in, '\n', c->in_length) ? 431 : 414);
        }
        return;
    }
    int status = request_parse(&request, c->in, length);
    if (status != 0) {
        refuse(c, &request, status);
        return;
    }
    /* No method here has a use for a body: it is not read, so the connection cannot go on. */
    c->keep_alive = request.keep_alive && !request.has_body && !server.close_at;
    struct answer answer = answer_to(&request);
    if (strncmp(request.path, "/-/", 3) != 0) {
        log_answer(c, &request, &answer);
    }
    send_answer(c, &request, &answer);
    memmove(c->in, c->in + length, c->in_length - length);
    c->in_length -= length;
}

/* --- input and output --- */

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Sends until all is sent, or the client takes no more. */
static void write_out(struct connection *c)
{
    while (c->out[0].iov_len + c->out[1].iov_len > 0) {
        struct msghdr message = {.msg_iov = c->out, .msg_iovlen = 2};
        ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
        if (sent < 0) {
            if (!would_block()) {
                close_connection(c);
            }
            return;
        }
        c->deadline = server.now + WRITE_TIMEOUT;
        for (int i = 0; i < 2; i++) {
            size_t part = (size_t)sent < c->out[i].iov_len ? (size_t)sent : c->out[i].iov_len;
            c->out[i].iov_base = (char *)c->out[i].iov_base + part;
            c->out[i].iov_len -= part;
            sent -= (ssize_t)part;
        }
    }
    if (c->keep_alive) {
        wait_for_request(c);
    } else {
        linger(c);
    }
}

static void read_in(struct connection *c)
{
    bool lingering = c->phase == LINGERING;
    char nowhere[4096];
    char *to = lingering ? nowhere : c->in + c->in_length;
    ssize_t got = recv(c->fd, to, lingering ? sizeof nowhere : sizeof c->in - c->in_length, 0);
    if (got <= 0) {
        if (got == 0 || !would_block()) {
            close_connection(c);
        }
        return;
    }
    if (!lingering) {
        if (c->in_length == 0 && !server.closed) {
            c->deadline = server.now + HEAD_TIMEOUT;
        } else if (server.closed) {
            c->deadline = server.close_at + LAST_ANSWER;
        }
        c->in_length += (size_t)got;
    }
}

static void serve(struct connection *c)
{
    if (c->phase == READING || c->phase == LINGERING) {
        read_in(c);
    }
    if (c->phase == WRITING) {
        write_out(c);
    }
    /* Several requests may have come at once. */
    while (c->phase == READING) {
        answer_next(c);
        if (c->phase != WRITING) {
            return;
        }
        write_out(c);
    }
}

static void accept_clients(void)
{
    struct sockaddr_in address;
    for (struct connection *c = connections; c < connections + CONNECTIONS_MAX; c++) {
        if (c->phase != FREE) {
            continue;
        }
        socklen_t length = sizeof address;
        int fd = accept4(server.listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == ECONNABORTED || errno == EINTR) {
                c--;
                continue;
            }
            if (!would_block()) {
                accept_again(false); /* out of descriptors or memory: until one is closed, or for a second */
            }
            return;
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        c->phase = READING;
        c->fd = fd;
        c->in_length = 0;
        inet_ntop(AF_INET, &address.sin_addr, c->client, sizeof c->client);
        server.open++;
        watch(EPOLL_CTL_ADD, fd, EPOLLIN, c);
        wait_for_request(c);
    }
    accept_again(false);
}

/* --- time and end --- */

static void time_out(struct connection *c)
{
    struct request none = {0};
    if (c->phase == READING && c->in_length > 0) {
        refuse(c, &none, 408);
        write_out(c);
    } else {
        close_connection(c);
    }
}

static void close_listener(void)
{
    close(server.listener);
    server.closed = true;
    server.sweep_at = server.now;
    for (struct connection *c = connections; c < connections + CONNECTIONS_MAX; c++) {
        int64_t latest = server.now + (c->phase == READING && c->in_length == 0 ? LAST_REQUEST : LAST_ANSWER);
        c->deadline = c->deadline < latest ? c->deadline : latest;
    }
}

static void look_at_the_clock(void)
{
    if (server.close_at && !server.closed && server.now >= server.close_at) {
        close_listener();
    }
    if (server.now < server.sweep_at) {
        return;
    }
    server.sweep_at = server.now + (server.close_at ? 50 : 1000);
    for (struct connection *c = connections; server.open > 0 && c < connections + CONNECTIONS_MAX; c++) {
        if (c->phase != FREE && server.now >= c->deadline) {
            time_out(c);
        }
    }
    accept_again(server.open < CONNECTIONS_MAX);
}

static void take_signal(void)
{
    struct signalfd_siginfo signal;
    if (read(server.signals, &signal, sizeof signal) != sizeof signal) {
        return;
    }
    if (server.close_at) {
        (void)fflush(stdout);
        _exit(EXIT_FAILURE);
    }
    server.close_at = server.now + server.drain_delay;
    (void)fprintf(stderr, "shelf: signal %u: serving for another %.1f s\n", signal.ssi_signo,
                  (double)server.drain_delay / 1000);
}

static int next_timeout(void)
{
    if (server.close_at) {
        return 20;
    }
    return server.open > 0 || !server.accepting ? 1000 : -1;
}

static int loop(void)
{
    while (!server.closed || server.open > 0) {
        struct epoll_event events[EVENTS_MAX];
        (void)fflush(stdout);
        int count = epoll_wait(server.epoll, events, EVENTS_MAX, next_timeout());
        server.now = milliseconds();
        for (int i = 0; i < count; i++) {
            void *what = events[i].data.ptr;
            if (what == &server.listener) {
                accept_clients();
            } else if (what == &server.signals) {
                take_signal();
            } else {
                serve(what);
            }
        }
        look_at_the_clock();
    }
    (void)fflush(stdout);
    return EXIT_SUCCESS;
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        (void)fprintf(stderr, "shelf: listen on port %u: %s: set PORT to a port that is free\n", (unsigned)port,
                      strerror(errno));
        return -1;
    }
    return fd;
}

int server_run(const struct site *site, uint16_t port, int64_t drain_delay)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    server.site = site;
    server.drain_delay = drain_delay;
    server.now = milliseconds();
    server.listener = listen_on(port);
    server.signals = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server.listener < 0 || server.signals < 0 || server.epoll < 0) {
        return EXIT_FAILURE;
    }
    server.accepting = true;
    watch(EPOLL_CTL_ADD, server.listener, EPOLLIN, &server.listener);
    watch(EPOLL_CTL_ADD, server.signals, EPOLLIN, &server.signals);
    (void)fprintf(stderr, "shelf: %zu paths on port %u\n", site->count, (unsigned)port);
    return loop();
}
