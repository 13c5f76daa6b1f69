#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *variable(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

/* A number of at most nine digits at the start of a text, and what follows it. */
static bool number(const char *text, long *value, const char **rest)
{
    size_t digits = strspn(text, "0123456789");
    *value = strtol(text, NULL, 10);
    *rest = text + digits;
    return digits > 0 && digits < 10;
}

static bool duration(const char *text, int64_t *milliseconds)
{
    long count;
    const char *unit;
    if (!number(text, &count, &unit)) {
        return false;
    }
    if (strcmp(unit, "ms") == 0) {
        *milliseconds = count;
    } else if (strcmp(unit, "s") == 0) {
        *milliseconds = count * INT64_C(1000);
    } else if (strcmp(unit, "m") == 0) {
        *milliseconds = count * INT64_C(60000);
    } else {
        return false;
    }
    return true;
}

bool settings_read(struct settings *settings)
{
    const char *port = variable("PORT", "8080");
    const char *delay = variable("DRAIN_DELAY", "0s");
    long value;
    const char *rest;
    if (!number(port, &value, &rest) || *rest || value < 1 || value > UINT16_MAX) {
        (void)fprintf(stderr, "shelf: PORT=%s: not a port from 1 to 65535\n", port);
        return false;
    }
    settings->port = (uint16_t)value;
    if (!duration(delay, &settings->drain_delay)) {
        (void)fprintf(stderr, "shelf: DRAIN_DELAY=%s: not a time such as 500ms, 10s or 1m\n", delay);
        return false;
    }
    return true;
}
