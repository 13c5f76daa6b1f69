#include <string.h>

#include "clock.h"
#include "config.h"
#include "test.h"
#include "text.h"

static const char *const names[] = {"PORT",         "LOG_LEVEL",    "DRAIN_DELAY", "REQUEST_TIMEOUT",
                                    "IDLE_TIMEOUT", "WRITE_TIMEOUT"};

/* The errors, each with a line end. */
static char errors[1024];

static void report(struct slice error)
{
    struct text text = {.at = errors, .len = strlen(errors), .size = sizeof errors - 1};
    text_add(&text, error);
    text_add(&text, SLICE("\n"));
    errors[text.len] = '\0';
}

static bool load(struct config *config)
{
    errors[0] = '\0';
    return config_load(config, report);
}

static bool load_with(const char *name, const char *value, struct config *config)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
    if (name != NULL) {
        setenv(name, value, 1);
    }
    return load(config);
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
    CHECK(load_with(NULL, NULL, &config), "%s", errors);
    CHECK(config.port == 8080 && config.drain_delay == 0 && config.level == LOG_INFO, "%d", config.port);
    CHECK(load_with("PORT", "", &config) && config.port == 8080, "%s", errors);
}

static void test_good(void)
{
    struct config config;
    CHECK(load_with("PORT", "65535", &config) && config.port == 65535, "%s", errors);
    CHECK(load_with("LOG_LEVEL", "warn", &config) && config.level == LOG_WARN, "%s", errors);
    CHECK(load_with("DRAIN_DELAY", "2s", &config) && config.drain_delay == 2 * SECOND, "%s", errors);
    CHECK(load_with("IDLE_TIMEOUT", "1ms", &config) && config.idle_timeout == MILLISECOND, "%s", errors);
}

static void test_bad(void)
{
    static const struct {
        const char *name;
        const char *value;
        const char *error;
    } cases[] = {
        {"PORT", "0", "PORT=0: not a port: set a number from 1 to 65535\n"},
        {"PORT", "65536", "PORT=65536: not a port: set a number from 1 to 65535\n"},
        {"PORT", "80x", "PORT=80x: not a port: set a number from 1 to 65535\n"},
        {"PORT", "-1", "PORT=-1: not a port: set a number from 1 to 65535\n"},
        {"LOG_LEVEL", "loud", "LOG_LEVEL=loud: not a level: set debug, info, warn or error\n"},
        {"DRAIN_DELAY", "2", "DRAIN_DELAY=2: not a duration: set such as 2s, 500ms or 1m30s, at most 1h\n"},
        {"WRITE_TIMEOUT", "0s", "WRITE_TIMEOUT=0s: too short: set 1ms or more\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config;
        CHECK(!load_with(cases[i].name, cases[i].value, &config), "%s", cases[i].value);
        CHECK(strcmp(errors, cases[i].error) == 0, "%s", errors);
    }
}

static void test_every_wrong_setting_is_reported(void)
{
    struct config config;
    load_with("PORT", "0", &config);
    setenv("LOG_LEVEL", "loud", 1);
    setenv("DRAIN_DELAY", "1s", 1);
    setenv("WRITE_TIMEOUT", "2", 1);
    CHECK(!load(&config), "%s", errors);
    CHECK(strcmp(errors, "PORT=0: not a port: set a number from 1 to 65535\n"
                         "LOG_LEVEL=loud: not a level: set debug, info, warn or error\n"
                         "WRITE_TIMEOUT=2: not a duration: set such as 2s, 500ms or 1m30s, at most 1h\n") == 0,
          "%s", errors);
}

static void test_long_values_leave_room_for_the_remedy(void)
{
    static const char remedy[] = ": not a duration: set such as 2s, 500ms or 1m30s, at most 1h\n";
    struct config config;
    char value[1000];
    memset(value, '1', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    CHECK(!load_with("REQUEST_TIMEOUT", value, &config), "%s", errors);
    CHECK(strncmp(errors, "REQUEST_TIMEOUT=11111", 21) == 0, "%s", errors);
    CHECK(strstr(errors, remedy) != NULL && strlen(errors) < 256, "%s", errors);
}

int main(void)
{
    test_durations();
    test_defaults();
    test_good();
    test_bad();
    test_every_wrong_setting_is_reported();
    test_long_values_leave_room_for_the_remedy();
    return test_result();
}
