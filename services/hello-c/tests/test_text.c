#include <string.h>
#include <time.h>

#include "clock.h"
#include "test.h"
#include "text.h"

static void test_numbers(void)
{
    static const struct {
        uint64_t number;
        unsigned width;
        const char *text;
    } cases[] = {
        {0, 1, "0"},
        {7, 2, "07"},
        {10, 2, "10"},
        {123, 2, "123"},
        {UINT64_MAX, 1, "18446744073709551615"},
        {1, 20, "00000000000000000001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buffer[32] = {0};
        struct text text = text_in(buffer, sizeof buffer);
        text_add_padded(&text, cases[i].number, cases[i].width);
        CHECK(strcmp(buffer, cases[i].text) == 0 && text.len == strlen(buffer), "%s", buffer);
    }
}

static void test_truncation(void)
{
    char buffer[5] = "....!";
    struct text text = text_in(buffer, 4);
    text_add(&text, SLICE("abc"));
    CHECK(!text.truncated && text.len == 3, "%zu", text.len);
    text_add(&text, SLICE("def"));
    CHECK(text.truncated && text.len == 4 && memcmp(buffer, "abcd!", 5) == 0, "%.5s", buffer);
}

static void test_cut(void)
{
    struct slice rest = SLICE("a:b:c");
    struct slice before;
    CHECK(slice_cut(&rest, ':', &before), "no colon");
    CHECK(slice_equal(before, SLICE("a")) && slice_equal(rest, SLICE("b:c")), "%.*s", (int)rest.len, rest.at);
    CHECK(!slice_cut(&rest, ';', &before), "a semicolon");
    CHECK(slice_equal(before, SLICE("b:c")) && rest.len == 0, "%.*s", (int)before.len, before.at);
    CHECK(slice_equal(slice_trim(SLICE(" \ta b\t ")), SLICE("a b")) && slice_trim(SLICE(" \t ")).len == 0, "trim");
    CHECK(slice_equal_nocase(SLICE("Host"), SLICE("hOST")) && !slice_equal_nocase(SLICE("Host"), SLICE("Hos")), "case");
}

/* A clock that only the test moves, in place of the C library's. */
static time_t now;

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    (void)clock_id;
    *tp = (struct timespec){now, 12345678};
    return 0;
}

/* Compared with the C library's strftime: each second first, and again. */
static void test_clocks(void)
{
    static const time_t seconds[] = {0, 951782399, 951782400, 1767225599, 1767225600, 0};
    for (size_t i = 0; i < 2 * sizeof seconds / sizeof *seconds; i++) {
        now = seconds[i / 2];
        char expected[64];
        char buffer[64] = {0};
        struct text text = text_in(buffer, sizeof buffer);
        (void)strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
        clock_add_http(&text);
        CHECK(strcmp(buffer, expected) == 0, "%s, not %s", buffer, expected);
        (void)strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.012345Z", gmtime(&now));
        text.len = 0;
        clock_add_iso(&text);
        buffer[text.len] = '\0';
        CHECK(strcmp(buffer, expected) == 0, "%s, not %s", buffer, expected);
    }
    CHECK(clock_now() == 12345, "%lld", (long long)clock_now());
}

int main(void)
{
    test_numbers();
    test_truncation();
    test_cut();
    test_clocks();
    return test_result();
}
