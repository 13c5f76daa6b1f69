#include <string.h>

#include "identity.h"
#include "test.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "00f067aa0ba902b7"
#define ZEROS16 "0000000000000000"

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static struct identity identify(const char *request_id, const char *traceparent)
{
    const struct request request = {.request_id = slice_of(request_id), .traceparent = slice_of(traceparent)};
    return identity_of(&request);
}

static void test_request_ids(void)
{
    static char long_id[129 + 1];
    memset(long_id, 'x', sizeof long_id - 1);
    static const struct {
        const char *id;
        bool kept;
    } cases[] = {
        {"a", true},    {"AZaz09._:/+=-", true}, {long_id + 1, true}, {long_id, false},
        {"", false},    {"a b", false},          {"a\"b", false},     {"a\\b", false},
        {"a,b", false}, {"a\tb", false},         {"\xc3\xa4", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice id = identify(cases[i].id, "").request_id;
        CHECK(slice_equal(id, slice_of(cases[i].id)) == cases[i].kept, "%s: %.*s", cases[i].id, (int)id.len, id.at);
        CHECK(cases[i].kept || (id.len == 26 && slice_is_word(id, "")), "%s: %.*s", cases[i].id, (int)id.len, id.at);
    }
}

static void test_new_request_ids_are_distinct(void)
{
    char ids[3][64];
    for (size_t i = 0; i < 3; i++) {
        if (i == 2) {
            CHECK(identity_start(), "no random bytes"); /* another process */
        }
        struct slice id = identify("", "").request_id;
        memcpy(ids[i], id.at, id.len);
        ids[i][id.len] = '\0';
    }
    CHECK(strcmp(ids[0], ids[1]) != 0, "%s", ids[0]);
    CHECK(strncmp(ids[0], ids[1], 16) == 0, "%s, %s", ids[0], ids[1]);
    CHECK(strncmp(ids[1], ids[2], 16) != 0, "%s, %s", ids[1], ids[2]);
}

static void test_traceparents(void)
{
    static const struct {
        const char *header;
        bool valid;
    } cases[] = {
        {"00-" TRACE "-" SPAN "-01", true},
        {"00-" TRACE "-" SPAN "-ff", true},
        {"01-" TRACE "-" SPAN "-01", true},
        {"01-" TRACE "-" SPAN "-01-more", true},
        {"fe-" TRACE "-" SPAN "-01-", true},
        {"00-" TRACE "-" SPAN "-01-more", false},
        {"00-" TRACE "-" SPAN "-01-", false},
        {"01-" TRACE "-" SPAN "-01.", false},
        {"ff-" TRACE "-" SPAN "-01", false},
        {"00-" ZEROS16 ZEROS16 "-" SPAN "-01", false},
        {"00-" TRACE "-" ZEROS16 "-01", false},
        {"00-" TRACE "-" SPAN "-0", false},
        {"00-" TRACE "-" SPAN, false},
        {"00-" TRACE "-" SPAN "-0g", false},
        {"0g-" TRACE "-" SPAN "-01", false},
        {"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", false},
        {"00-" TRACE "-00F067AA0BA902B7-01", false},
        {"00-" TRACE "0-" SPAN "-01", false},
        {"00_" TRACE "-" SPAN "-01", false},
        {"00-" TRACE "_" SPAN "-01", false},
        {"00-" TRACE "-" SPAN "_01", false},
        {"-00" TRACE "-" SPAN "-01", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct identity identity = identify("a", cases[i].header);
        CHECK(slice_equal(identity.trace_id, cases[i].valid ? SLICE(TRACE) : SLICE("")), "%s", cases[i].header);
        CHECK(slice_equal(identity.span_id, cases[i].valid ? SLICE(SPAN) : SLICE("")), "%s", cases[i].header);
    }
}

int main(void)
{
    CHECK(identity_start(), "no random bytes");
    test_request_ids();
    test_new_request_ids_are_distinct();
    test_traceparents();
    return test_result();
}
