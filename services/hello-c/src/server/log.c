#include "log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define BUFFER_SIZE (64 * 1024)
#define LINE_SIZE (4 * 1024)
#define VALUE_MAX 512 /* cut there: escaped, it still fits a line */
#define BATCH_TIME (100 * MILLISECOND)
#define CLOSE_WAIT_MS 500

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static char buffer[BUFFER_SIZE];
static char line_buffer[LINE_SIZE];
static struct text line;
static enum log_level line_level;
static size_t pending;
static int64_t flush_at = INT64_MAX; /* never without lines */
static uint64_t dropped;
static int out = STDOUT_FILENO;
static enum log_level least_level = LOG_INFO;

bool log_level_parse(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_open(int fd, enum log_level least)
{
    out = fd;
    least_level = least;
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void add_escaped(struct slice value)
{
    static const char hex[] = "0123456789abcdef";
    const size_t end = value.len < VALUE_MAX ? value.len : VALUE_MAX;
    size_t i = 0;
    while (i < end) {
        const size_t start = i;
        while (i < end && is_plain(value.at[i])) {
            i++;
        }
        text_add(&line, (struct slice){value.at + start, i - start});
        if (i < end) {
            unsigned char c = (unsigned char)value.at[i++];
            text_add(&line, SLICE("\\u00"));
            text_add(&line, (struct slice){(char[]){hex[c >> 4], hex[c & 15]}, 2});
        }
    }
}

static void add_key(const char *key)
{
    text_add(&line, SLICE(",\""));
    text_add_string(&line, key);
    text_add(&line, SLICE("\":"));
}

bool log_begin(enum log_level level, const char *message)
{
    if (level < least_level) {
        return false;
    }
    line = text_in(line_buffer, sizeof line_buffer);
    line_level = level;
    text_add(&line, SLICE("{\"time\":\""));
    clock_add_iso(&line);
    text_add(&line, SLICE("\""));
    log_text("level", (struct slice){level_names[level], strlen(level_names[level])});
    log_text("message", (struct slice){message, strlen(message)});
    log_text("service", SLICE(SERVICE));
    return true;
}

void log_text(const char *key, struct slice value)
{
    add_key(key);
    text_add(&line, SLICE("\""));
    add_escaped(value);
    text_add(&line, SLICE("\""));
}

void log_number(const char *key, uint64_t value)
{
    add_key(key);
    text_add_number(&line, value);
}

void log_milliseconds(const char *key, int64_t microseconds)
{
    add_key(key);
    text_add_number(&line, (uint64_t)microseconds / 1000);
    text_add(&line, SLICE("."));
    text_add_padded(&line, (uint64_t)microseconds % 1000, 3);
}

/*
 * poll and a write of at most PIPE_BUF cannot block on a pipe. O_NONBLOCK could
 * do the same, but it would leak to everybody who shares this terminal or pipe.
 */
static void flush(int wait_ms)
{
    size_t done = 0;
    while (done < pending) {
        struct pollfd ready = {.fd = out, .events = POLLOUT};
        if (poll(&ready, 1, wait_ms) != 1) {
            break;
        }
        size_t rest = pending - done;
        ssize_t count = write(out, buffer + done, rest < PIPE_BUF ? rest : PIPE_BUF);
        if (count >= 0) {
            done += (size_t)count;
        } else if (errno != EINTR) {
            break; /* a full disk may have room again: what has not been written waits */
        }
    }
    pending -= done;
    memmove(buffer, buffer + done, pending);
}

void log_end(void)
{
    text_add(&line, SLICE("}\n"));
    if (line.len > sizeof buffer - pending) {
        flush(0);
    }
    if (line.truncated || line.len > sizeof buffer - pending) {
        dropped++;
        return;
    }
    if (line_level >= LOG_WARN) {
        flush_at = INT64_MIN;
    } else if (pending == 0) {
        flush_at = clock_now() + BATCH_TIME;
    }
    memcpy(buffer + pending, line.at, line.len);
    pending += line.len;
}

void log_event(enum log_level level, const char *message)
{
    if (log_begin(level, message)) {
        log_end();
    }
}

static void report_dropped(void)
{
    uint64_t count = dropped;
    if (count == 0 || sizeof buffer - pending < sizeof line_buffer) {
        return;
    }
    dropped = 0;
    if (log_begin(LOG_WARN, "log lines dropped")) {
        log_number("count", count);
        log_end();
    }
}

int64_t log_flush(int64_t now)
{
    if (now >= flush_at) {
        flush(0);
        report_dropped();
        flush(0);
        flush_at = pending > 0 ? now + BATCH_TIME : INT64_MAX;
    }
    return flush_at;
}

void log_close(void)
{
    flush(CLOSE_WAIT_MS);
    report_dropped();
    flush(CLOSE_WAIT_MS);
}

void log_fatal(struct slice error)
{
    log_open(STDERR_FILENO, LOG_ERROR);
    if (log_begin(LOG_ERROR, "cannot start")) {
        log_text("error", error);
        log_end();
    }
    log_close();
}
