#include "settings.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int milliseconds;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};

int settings_duration(const char *text)
{
    char *unit;
    double number = strtod(text, &unit);
    /* strtod() also reads signs, blanks, exponents, hexadecimal numbers and infinity. */
    if (unit == text || unit != text + strspn(text, "0123456789.")) {
        return -1;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].name) == 0) {
            double milliseconds = number * units[i].milliseconds + 0.5;
            return milliseconds <= INT_MAX ? (int)milliseconds : -1;
        }
    }
    return -1;
}

static const char *variable(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static bool wrong(const char *name, const char *value, const char *want)
{
    (void)fprintf(stderr, "bookmarks: %s=%s: not %s\n", name, value, want);
    return false;
}

static bool read_port(uint16_t *port)
{
    const char *value = variable("PORT", "8080");
    char *end;
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (errno || *end || number == 0 || number > UINT16_MAX) {
        return wrong("PORT", value, "a port from 1 to 65535");
    }
    *port = (uint16_t)number;
    return true;
}

static bool read_duration(const char *name, const char *otherwise, int least, int *duration)
{
    const char *value = variable(name, otherwise);
    *duration = settings_duration(value);
    return *duration >= least ||
           wrong(name, value, least ? "a time of 1s or more, such as 15m" : "a time such as 250ms, 10s or 15m");
}

bool settings_read(struct settings *settings)
{
    settings->database = variable("DATABASE", "/data/bookmarks.db");
    const char *addresses = variable("PRIVATE_ADDRESSES", "refuse");
    settings->private_addresses = strcmp(addresses, "allow") == 0;
    if (!settings->private_addresses && strcmp(addresses, "refuse") != 0) {
        return wrong("PRIVATE_ADDRESSES", addresses, "allow or refuse");
    }
    return read_port(&settings->port) && read_duration("CHECK_INTERVAL", "15m", 1000, &settings->check_interval) &&
           read_duration("DRAIN_DELAY", "0s", 0, &settings->drain_delay);
}
