#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "settings.h"

static int failures;

static void duration(const char *text, int want)
{
    int got = settings_duration(text);
    if (got != want) {
        printf("duration %s: expected %d, got %d\n", text, want, got);
        failures++;
    }
}

static void setting(const char *name, const char *value, bool want)
{
    struct settings settings;
    setenv(name, value, 1);
    if (settings_read(&settings) != want) {
        printf("%s=%s: expected %s\n", name, value, want ? "a setting" : "an error");
        failures++;
    }
    unsetenv(name);
}

static void url(const char *text, const char *want)
{
    char *got = checker_url(text);
    if ((got && want) ? strcmp(got, want) != 0 : got != want) {
        printf("URL %s: expected %s, got %s\n", text, want ? want : "none", got ? got : "none");
        failures++;
    }
    free(got);
}

int main(void)
{
    duration("0s", 0);
    duration("250ms", 250);
    duration("1.5s", 1500);
    duration("15m", 900000);
    duration("2h", 7200000);
    duration("", -1);
    duration("5", -1);
    duration("s", -1);
    duration("-1s", -1);
    duration("0x1s", -1);
    duration("1e9h", -1);
    duration("1s ", -1);

    setting("PORT", "", true); /* the same as unset */
    setting("PORT", "65535", true);
    setting("PORT", "0", false);
    setting("PORT", "65536", false);
    setting("PORT", "-1", false);
    setting("PORT", "http", false);
    setting("PORT", "99999999999999999999", false);
    setting("CHECK_INTERVAL", "500ms", false);
    setting("DRAIN_DELAY", "2s", true);
    setting("DRAIN_DELAY", "2", false);
    setting("PRIVATE_ADDRESSES", "allow", true);
    setting("PRIVATE_ADDRESSES", "yes", false);

    url("http://example.com", "http://example.com/");
    url("HTTPS://Example.com/a?b#c", "https://Example.com/a?b#c");
    url("example.com", NULL);
    url("ftp://example.com/", NULL);
    url("file:///etc/passwd", NULL);
    url("http://user:secret@example.com/", NULL);
    url("http://exa mple.com/", NULL);
    url("", NULL);
    return failures > 0;
}
