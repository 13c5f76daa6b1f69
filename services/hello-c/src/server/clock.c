#include "clock.h"

#include <time.h>

int64_t clock_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec / 1000;
}

/* Remembered for a second, in which a server may answer thousands. */
static const struct tm *day_of(time_t second)
{
    static struct tm day;
    static time_t known = -1;
    if (second != known) {
        (void)gmtime_r(&second, &day);
        known = second;
    }
    return &day;
}

static void add_time_of_day(struct text *text, const struct tm *day)
{
    text_add_padded(text, (uint64_t)day->tm_hour, 2);
    text_add(text, SLICE(":"));
    text_add_padded(text, (uint64_t)day->tm_min, 2);
    text_add(text, SLICE(":"));
    text_add_padded(text, (uint64_t)day->tm_sec, 2);
}

void clock_add_iso(struct text *text)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_REALTIME, &time);
    const struct tm *day = day_of(time.tv_sec);
    text_add_padded(text, (uint64_t)day->tm_year + 1900, 4);
    text_add(text, SLICE("-"));
    text_add_padded(text, (uint64_t)day->tm_mon + 1, 2);
    text_add(text, SLICE("-"));
    text_add_padded(text, (uint64_t)day->tm_mday, 2);
    text_add(text, SLICE("T"));
    add_time_of_day(text, day);
    text_add(text, SLICE("."));
    text_add_padded(text, (uint64_t)time.tv_nsec / 1000, 6);
    text_add(text, SLICE("Z"));
}

void clock_add_http(struct text *text)
{
    static const char days[] = "Sun, Mon, Tue, Wed, Thu, Fri, Sat, ";
    static const char months[] = " Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";
    struct timespec time;
    (void)clock_gettime(CLOCK_REALTIME, &time);
    const struct tm *day = day_of(time.tv_sec);
    text_add(text, (struct slice){days + (ptrdiff_t)day->tm_wday * 5, 5});
    text_add_padded(text, (uint64_t)day->tm_mday, 2);
    text_add(text, (struct slice){months + (ptrdiff_t)day->tm_mon * 5, 5});
    text_add_padded(text, (uint64_t)day->tm_year + 1900, 4);
    text_add(text, SLICE(" "));
    add_time_of_day(text, day);
    text_add(text, SLICE(" GMT"));
}
