#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "test.h"

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

static void receive(void)
{
    size_t len = strlen(got);
    ssize_t count;
    while ((count = read(reader, got + len, sizeof got - 1 - len)) > 0) {
        len += (size_t)count;
    }
    got[len] = '\0';
}

static void test_line(void)
{
    begin(LOG_INFO);
    CHECK(!log_begin(LOG_DEBUG, "quiet"), "a level that is off");
    CHECK(log_begin(LOG_WARN, "hi"), "a level that is on");
    log_text("path", SLICE("/\"\\\n\x80"));
    log_number("n", UINT64_MAX);
    log_end();
    CHECK(log_flush(), "lines are left");
    receive();
    const char *rest = strchr(got, 'Z');
    CHECK(strncmp(got, "{\"time\":\"20", 11) == 0, "%s", got);
    CHECK(rest != NULL && strcmp(rest, "Z\",\"level\":\"warn\",\"msg\":\"hi\","
                                       "\"path\":\"/\\\"\\\\\\u000a\\u0080\",\"n\":18446744073709551615}\n") == 0,
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
    log_flush();
    receive();
    CHECK(strlen(got) > 512 && strcmp(got + strlen(got) - 3, "\"}\n") == 0, "%s", got);
}

/* What does not fit is dropped in whole lines and counted; the log never waits for its reader. */
static void test_stuck_reader(void)
{
    const unsigned lines = 10000;
    begin(LOG_INFO);
    for (unsigned i = 0; i < lines; i++) {
        log_event(LOG_INFO, "line");
        log_flush();
    }
    CHECK(!log_flush(), "a full pipe took more");
    receive();
    while (!log_flush()) {
        receive();
    }
    log_flush();
    receive();

    unsigned whole = 0;
    unsigned long dropped = 0;
    for (char *line = strtok(got, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *report = strstr(line, "\"msg\":\"log lines dropped\",\"count\":");
        if (report != NULL) {
            dropped += strtoul(strrchr(line, ':') + 1, NULL, 10);
        } else {
            whole += strncmp(line, "{\"time\":", 8) == 0 && strstr(line, "\"msg\":\"line\"}") != NULL;
        }
    }
    CHECK(dropped > 0 && whole > 0 && whole + dropped == lines, "%u and %lu", whole, dropped);
}

static void test_no_reader(void)
{
    begin(LOG_INFO);
    close(reader);
    log_event(LOG_INFO, "nobody reads this");
    CHECK(log_flush(), "lines are kept for nobody");
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    test_line();
    test_long_values_are_cut();
    test_stuck_reader();
    test_no_reader();
    return test_result();
}
