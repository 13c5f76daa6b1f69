#include "identity.h"

#include <string.h>
#include <sys/random.h>

#define REQUEST_ID_MAX 128
#define RANDOM_LEN 16 /* letters with 4 bits each */
#define NUMBER_LEN 10 /* digits; more when they are used up */
#define NUMBER_MAX 20

#define TRACE_AT 3 /* 00-TRACE-SPAN-FLAGS, in hex */
#define TRACE_LEN 32
#define SPAN_AT 36
#define SPAN_LEN 16
#define FLAGS_AT 53
#define TRACEPARENT_LEN 55

static char made[RANDOM_LEN + NUMBER_MAX];
static uint64_t count;

bool identity_start(void)
{
    count = 0;
    bool ok = getrandom(made, RANDOM_LEN, 0) == RANDOM_LEN;
    for (size_t i = 0; i < RANDOM_LEN; i++) {
        made[i] = (char)('a' + (made[i] & 15));
    }
    return ok;
}

static struct slice make_request_id(void)
{
    struct text text = {.at = made, .len = RANDOM_LEN, .size = sizeof made};
    text_add_padded(&text, ++count, NUMBER_LEN);
    return (struct slice){text.at, text.len};
}

static bool is_acceptable(struct slice id)
{
    return id.len > 0 && id.len <= REQUEST_ID_MAX && slice_is_word(id, "._:/+=-");
}

static bool is_zero(const char *digits, size_t len)
{
    static const char zeros[] = "00000000000000000000000000000000";
    return memcmp(digits, zeros, len) == 0;
}

/* https://www.w3.org/TR/trace-context/#traceparent-header. Version ff is invalid; others than 00 may add fields. */
static bool is_traceparent(struct slice header)
{
    const char *at = header.at;
    if (header.len < TRACEPARENT_LEN) {
        return false;
    }
    for (size_t i = 0; i < TRACEPARENT_LEN; i++) {
        bool is_hex = (at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f');
        bool is_dash = i == TRACE_AT - 1 || i == SPAN_AT - 1 || i == FLAGS_AT - 1;
        if (is_dash ? at[i] != '-' : !is_hex) {
            return false;
        }
    }
    bool ends = header.len == TRACEPARENT_LEN || (at[TRACEPARENT_LEN] == '-' && !is_zero(at, 2));
    return ends && memcmp(at, "ff", 2) != 0 && !is_zero(at + TRACE_AT, TRACE_LEN) && !is_zero(at + SPAN_AT, SPAN_LEN);
}

struct identity identity_of(const struct request *request)
{
    const char *traceparent = request->traceparent.at;
    struct identity identity = {.request_id =
                                    is_acceptable(request->request_id) ? request->request_id : make_request_id()};
    if (is_traceparent(request->traceparent)) {
        identity.trace_id = (struct slice){traceparent + TRACE_AT, TRACE_LEN};
        identity.span_id = (struct slice){traceparent + SPAN_AT, SPAN_LEN};
    }
    return identity;
}
