#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "test.h"

/* A kernel that takes so many bytes and then fails, in place of the C library's. */
static size_t takes = SIZE_MAX;

ssize_t write(int fd, const void *buf, size_t n)
{
    if (takes == 0) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t count = writev(fd, &(struct iovec){(void *)buf, n < takes ? n : takes}, 1);
    takes -= takes == SIZE_MAX || count < 0 ? 0 : (size_t)count;
    return count;
}

static int reader;
static char got[512 * 1024];

static void begin(enum log_level least)
{
    int pipes[2];
    if (pipe(pipes) < 0 || fcntl(pipes[0], F_SETFL, O_NONBLOCK) < 0) {
        abort();
    }
    reader = pipes[0];
    log_open(pipes[1], least);
    got[0] = '\0';
}

/* So that it takes all that the log can hold. */
static void widen_pipe(void)
{
    if (fcntl(reader, F_SETPIPE_SZ, 1024 * 1024) < 0) {
        abort();
    }
}

static void receive(void)
{
    size_t len = strlen(got);
    ssize_t count;
    while ((count = read(reader, got + len, sizeof got - 1 - len)) > 0) {
        len += (size_t)count;
    }
    got[len] = '\0';
}

/* Flushes at a time when all lines have waited long enough; true if no line is left. */
static bool flush(void)
{
    static int64_t hours;
    return log_flush(clock_now() + ++hours * HOUR) == INT64_MAX;
}

static void test_line(void)
{
    begin(LOG_INFO);
    CHECK(!log_begin(LOG_DEBUG, "quiet"), "a level that is off");
    CHECK(log_begin(LOG_WARN, "hi"), "a level that is on");
    log_text("path", SLICE("/\"\\\n\x1f\x7f\x80~ "));
    log_number("n", UINT64_MAX);
    log_milliseconds("short", 7);
    log_milliseconds("long", 1234567);
    log_end();
    CHECK(flush(), "lines are left");
    receive();
    const char *rest = strchr(got, 'Z');
    CHECK(strncmp(got, "{\"time\":\"20", 11) == 0, "%s", got);
    CHECK(rest != NULL &&
              strcmp(rest, "Z\",\"level\":\"warn\",\"message\":\"hi\",\"service\":\"" SERVICE "\","
                           "\"path\":\"/\\u0022\\u005c\\u000a\\u001f\\u007f\\u0080~ \",\"n\":18446744073709551615,"
                           "\"short\":0.007,\"long\":1234.567}\n") == 0,
          "%s", got);
}

static void test_long_values_are_cut(void)
{
    static char value[8192];
    memset(value, '\n', sizeof value);
    begin(LOG_INFO);
    if (log_begin(LOG_INFO, "long")) {
        log_text("path", (struct slice){value, sizeof value});
        log_end();
    }
    flush();
    receive();
    CHECK(strlen(got) > 512 && strcmp(got + strlen(got) - 3, "\"}\n") == 0, "%s", got);
}

static void test_lines_wait_for_others(void)
{
    begin(LOG_INFO);
    int64_t before = clock_now();
    log_event(LOG_INFO, "first");
    int64_t due = log_flush(0);
    CHECK(due >= before + 100 * MILLISECOND && due <= clock_now() + 100 * MILLISECOND, "%lld", (long long)due);
    log_event(LOG_INFO, "second");
    CHECK(log_flush(due - 1) == due, "waits longer for the second");
    receive();
    CHECK(*got == '\0', "%s", got);
    CHECK(log_flush(due) == INT64_MAX, "lines are left");
    receive();
    CHECK(strstr(got, "first") != NULL && strstr(got, "second") != NULL, "%s", got);
}

static void test_warnings_do_not_wait(void)
{
    static const enum log_level levels[] = {LOG_WARN, LOG_ERROR};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        begin(LOG_INFO);
        log_event(LOG_INFO, "first");
        log_event(levels[i], "second");
        log_event(LOG_INFO, "third");
        CHECK(log_flush(0) == INT64_MAX, "lines are left");
        receive();
        CHECK(strstr(got, "first") != NULL && strstr(got, "second") != NULL && strstr(got, "third") != NULL, "%s", got);
    }
}

/* More than the buffer holds between two flushes. */
static void test_many_lines_at_once(void)
{
    const unsigned lines = 1000;
    unsigned whole = 0;
    begin(LOG_INFO);
    for (unsigned i = 0; i < lines; i++) {
        log_event(LOG_INFO, "line");
        receive();
    }
    CHECK(flush(), "lines are left");
    receive();
    for (const char *at = got; (at = strstr(at, "\"message\":\"line\"")) != NULL; at++) {
        whole++;
    }
    CHECK(whole == lines && strstr(got, "dropped") == NULL, "%u", whole);
}

/* What was dropped is reported, and all other lines are whole. */
static void check_lines(unsigned lines)
{
    unsigned whole = 0;
    unsigned broken = 0;
    unsigned long dropped = 0;
    for (char *line = strtok(got, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *report = strstr(line, "\"message\":\"log lines dropped\"");
        if (strncmp(line, "{\"time\":", 8) != 0 || strstr(line + 1, "{\"time\":") != NULL ||
            line[strlen(line) - 1] != '}') {
            broken++;
        } else if (report != NULL) {
            dropped += strtoul(strrchr(line, ':') + 1, NULL, 10);
        } else {
            whole++;
        }
    }
    CHECK(dropped > 0 && whole > 0 && whole + dropped == lines, "%u and %lu of %u", whole, dropped, lines);
    CHECK(broken == 0, "%u", broken);
}

/* The log never waits for its reader. */
static void test_stuck_reader(void)
{
    const unsigned lines = 10000;
    begin(LOG_INFO);
    for (unsigned i = 0; i < lines; i++) {
        log_event(LOG_INFO, "line");
        flush();
    }
    CHECK(!flush(), "a full pipe took more");
    receive();
    while (!flush()) {
        receive();
    }
    receive();
    check_lines(lines);
}

/* A disk that is full, in the middle of a line, and has room again later. */
static void test_write_errors(void)
{
    const unsigned lines = 1000;
    begin(LOG_INFO);
    takes = 10;
    for (unsigned i = 0; i < lines; i++) {
        log_event(LOG_INFO, "line");
        CHECK(!flush(), "nothing is left");
    }
    receive();
    CHECK(strlen(got) == 10, "%s", got);
    takes = SIZE_MAX;
    widen_pipe();
    CHECK(flush(), "lines are left");
    receive();
    check_lines(lines);
}

static void test_drops_are_reported_at_the_end_too(void)
{
    const unsigned lines = 600;
    begin(LOG_INFO);
    takes = 0;
    for (unsigned i = 0; i < lines; i++) {
        log_event(LOG_INFO, "a line that is long enough for so many of them not to fit");
    }
    takes = SIZE_MAX;
    widen_pipe();
    log_close();
    receive();
    check_lines(lines);
}

static void test_no_reader(void)
{
    begin(LOG_INFO);
    close(reader);
    log_event(LOG_INFO, "nobody reads this yet");
    CHECK(!flush(), "a line is lost");
    begin(LOG_INFO);
    CHECK(flush(), "a line is left");
    receive();
    CHECK(strstr(got, "nobody reads this yet") != NULL, "%s", got);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    test_line();
    test_long_values_are_cut();
    test_lines_wait_for_others();
    test_warnings_do_not_wait();
    test_many_lines_at_once();
    test_stuck_reader();
    test_write_errors();
    test_drops_are_reported_at_the_end_too();
    test_no_reader();
    return test_result();
}
