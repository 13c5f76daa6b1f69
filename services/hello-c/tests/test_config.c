#include <string.h>

#include "clock.h"
#include "config.h"
#include "test.h"

static const char *const names[] = {"PORT",         "LOG_LEVEL",    "DRAIN_DELAY", "REQUEST_TIMEOUT",
                                    "IDLE_TIMEOUT", "WRITE_TIMEOUT"};

static bool load_with(const char *name, const char *value, struct config *config, char *error, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
    if (name != NULL) {
        setenv(name, value, 1);
    }
    struct text text = text_in(error, size - 1);
    bool ok = config_load(config, &text);
    error[text.len] = '\0';
    return ok;
}

static void test_durations(void)
{
    static const struct {
        const char *text;
        int64_t duration; /* -1: refused */
    } cases[] = {
        {"0", 0},
        {"0s", 0},
        {"2s", 2 * SECOND},
        {"500ms", 500 * MILLISECOND},
        {"1m30s", 90 * SECOND},
        {"1h", HOUR},
        {"2.5s", 2500 * MILLISECOND},
        {"0.25ms", MILLISECOND / 4},
        {"1.5m0.5s", 90500 * MILLISECOND},
        {"0.000000000000000000001s", 0},
        {"1h1ms", -1},
        {"1.01h", -1},
        {"61m", -1},
        {"99999999999999999999s", -1},
        {"", -1},
        {"5", -1},
        {"s", -1},
        {"-1s", -1},
        {".5s", -1},
        {"1.s", -1},
        {"1.5", -1},
        {"1.2.3s", -1},
        {"5us", -1},
        {"1d", -1},
        {"1s ", -1},
        {" 1s", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t duration;
        bool ok = parse_duration(cases[i].text, &duration);
        CHECK(ok == (cases[i].duration >= 0), "%s", cases[i].text);
        CHECK(!ok || duration == cases[i].duration, "%s: %lld", cases[i].text, (long long)duration);
    }
}

static void test_defaults(void)
{
    struct config config;
    char error[256];
    CHECK(load_with(NULL, NULL, &config, error, sizeof error), "%s", error);
    CHECK(config.port == 8080 && config.drain_delay == 0 && config.level == LOG_INFO, "%d", config.port);
    CHECK(load_with("PORT", "", &config, error, sizeof error) && config.port == 8080, "%s", error);
}

static void test_good(void)
{
    struct config config;
    char error[256];
    CHECK(load_with("PORT", "65535", &config, error, sizeof error) && config.port == 65535, "%s", error);
    CHECK(load_with("LOG_LEVEL", "warn", &config, error, sizeof error) && config.level == LOG_WARN, "%s", error);
    CHECK(load_with("DRAIN_DELAY", "2s", &config, error, sizeof error) && config.drain_delay == 2 * SECOND, "%s",
          error);
    CHECK(load_with("IDLE_TIMEOUT", "1ms", &config, error, sizeof error) && config.idle_timeout == MILLISECOND, "%s",
          error);
}

static void test_bad(void)
{
    static const struct {
        const char *name;
        const char *value;
        const char *error;
    } cases[] = {
        {"PORT", "0", "PORT=0: not a port: set a number from 1 to 65535"},
        {"PORT", "65536", "PORT=65536: not a port: set a number from 1 to 65535"},
        {"PORT", "80x", "PORT=80x: not a port: set a number from 1 to 65535"},
        {"PORT", "-1", "PORT=-1: not a port: set a number from 1 to 65535"},
        {"LOG_LEVEL", "loud", "LOG_LEVEL=loud: not a level: set debug, info, warn or error"},
        {"DRAIN_DELAY", "2", "DRAIN_DELAY=2: not a duration: set such as 2s, 500ms or 1m30s, at most 1h"},
        {"WRITE_TIMEOUT", "0s", "WRITE_TIMEOUT=0s: too short: set 1ms or more"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config;
        char error[256];
        CHECK(!load_with(cases[i].name, cases[i].value, &config, error, sizeof error), "%s", cases[i].value);
        CHECK(strcmp(error, cases[i].error) == 0, "%s", error);
    }
}

int main(void)
{
    test_durations();
    test_defaults();
    test_good();
    test_bad();
    return test_result();
}
