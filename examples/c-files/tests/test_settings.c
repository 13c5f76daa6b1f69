#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../src/settings.h"

static int failures;

/* What DRAIN_DELAY means in milliseconds; -1 for an error. */
static void delay(const char *value, int64_t want)
{
    struct settings settings;
    setenv("DRAIN_DELAY", value, 1);
    int64_t got = settings_read(&settings) ? settings.drain_delay : -1;
    if (got != want) {
        printf("DRAIN_DELAY=%s: expected %" PRId64 ", got %" PRId64 "\n", value, want, got);
        failures++;
    }
    unsetenv("DRAIN_DELAY");
}

static void port(const char *value, int want)
{
    struct settings settings;
    setenv("PORT", value, 1);
    int got = settings_read(&settings) ? settings.port : -1;
    if (got != want) {
        printf("PORT=%s: expected %d, got %d\n", value, want, got);
        failures++;
    }
    unsetenv("PORT");
}

int main(void)
{
    port("", 8080); /* the same as unset */
    port("1", 1);
    port("65535", 65535);
    port("0", -1);
    port("65536", -1);
    port("-1", -1);
    port("80a", -1);
    port("http", -1);
    port("99999999999999999999", -1);
    delay("", 0);
    delay("0s", 0);
    delay("250ms", 250);
    delay("2s", 2000);
    delay("3m", 180000);
    delay("2", -1);
    delay("s", -1);
    delay("-1s", -1);
    delay("1 s", -1);
    delay("9999999999s", -1);
    return failures > 0;
}
