#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "text.h"

#define DURATION_MAX HOUR
#define VALUE_END 128 /* long values are cut, so that the remedy fits */

typedef void report_function(struct slice error);

static bool fail(report_function *report, const char *name, const char *value, const char *remedy)
{
    char buffer[256];
    struct text error = text_in(buffer, VALUE_END);
    text_add_string(&error, name);
    text_add(&error, SLICE("="));
    text_add_string(&error, value);
    error.size = sizeof buffer;
    text_add(&error, SLICE(": "));
    text_add_string(&error, remedy);
    report((struct slice){error.at, error.len});
    return false;
}

/* Reads digits up to a limit; moves *text behind them. */
static bool parse_number(const char **text, int64_t max, int64_t *number)
{
    const char *at = *text;
    *number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        *number = *number * 10 + (*at - '0');
        if (*number > max) {
            return false;
        }
    }
    bool any = at != *text;
    *text = at;
    return any;
}

static int64_t parse_unit(const char **text)
{
    static const struct {
        const char *name;
        int64_t size;
    } units[] = {{"ms", MILLISECOND}, {"s", SECOND}, {"m", MINUTE}, {"h", HOUR}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = strlen(units[i].name);
        if (strncmp(*text, units[i].name, len) == 0) {
            *text += len;
            return units[i].size;
        }
    }
    return 0;
}

/* Moves *text behind a fraction, if there is one. False for a point without digits. */
static bool skip_fraction(const char **text)
{
    if (**text != '.') {
        return true;
    }
    size_t digits = strspn(*text + 1, "0123456789");
    *text += 1 + digits;
    return digits > 0;
}

/* The part of a unit that a fraction stands for: ".5s" is half a second. */
static int64_t parse_fraction(const char *text, int64_t unit)
{
    int64_t sum = 0;
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9' && unit > 0; text++) {
            unit /= 10;
            sum += (*text - '0') * unit;
        }
    }
    return sum;
}

bool parse_duration(const char *text, int64_t *duration)
{
    *duration = 0;
    if (strcmp(text, "0") == 0) {
        return true;
    }
    do {
        int64_t number;
        if (!parse_number(&text, DURATION_MAX / MILLISECOND, &number)) {
            return false;
        }
        const char *fraction = text;
        if (!skip_fraction(&text)) {
            return false;
        }
        int64_t unit = parse_unit(&text);
        if (unit == 0 || number > (DURATION_MAX - *duration) / unit) {
            return false;
        }
        *duration += number * unit + parse_fraction(fraction, unit);
    } while (*text != '\0');
    return *duration <= DURATION_MAX;
}

static bool load_port(struct config *config, report_function *report)
{
    const char *value = getenv("PORT");
    if (value == NULL || *value == '\0') {
        return true;
    }
    const char *rest = value;
    int64_t port;
    if (!parse_number(&rest, UINT16_MAX, &port) || *rest != '\0' || port == 0) {
        return fail(report, "PORT", value, "not a port: set a number from 1 to 65535");
    }
    config->port = (uint16_t)port;
    return true;
}

static bool load_level(struct config *config, report_function *report)
{
    const char *value = getenv("LOG_LEVEL");
    if (value == NULL || *value == '\0' || log_level_parse(value, &config->level)) {
        return true;
    }
    return fail(report, "LOG_LEVEL", value, "not a level: set debug, info, warn or error");
}

static bool load_duration(const char *name, int64_t least, int64_t *duration, report_function *report)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0') {
        return true;
    }
    if (!parse_duration(value, duration)) {
        return fail(report, name, value, "not a duration: set such as 2s, 500ms or 1m30s, at most 1h");
    }
    if (*duration < least) {
        return fail(report, name, value, "too short: set 1ms or more");
    }
    return true;
}

bool config_load(struct config *config, report_function *report)
{
    *config = (struct config){
        .port = 8080,
        .level = LOG_INFO,
        .drain_delay = 0,
        .request_timeout = 10 * SECOND,
        .idle_timeout = MINUTE,
        .write_timeout = 10 * SECOND,
    };
    bool ok = load_port(config, report);
    ok &= load_level(config, report);
    ok &= load_duration("DRAIN_DELAY", 0, &config->drain_delay, report);
    ok &= load_duration("REQUEST_TIMEOUT", MILLISECOND, &config->request_timeout, report);
    ok &= load_duration("IDLE_TIMEOUT", MILLISECOND, &config->idle_timeout, report);
    ok &= load_duration("WRITE_TIMEOUT", MILLISECOND, &config->write_timeout, report);
    return ok;
}
