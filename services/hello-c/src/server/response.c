#include "response.h"

#include "clock.h"

#define LAST_STATUS 500 /* also what a status becomes that the table lacks */

#define BEFORE_TITLE "{\"title\":\""
#define AFTER_TITLE(status) "\",\"status\":" #status "}\n"

static const struct {
    int status;
    struct slice problem; /* as a body; its title is in the status line too */
} statuses[] = {
#define STATUS(status, title)                                                                                          \
    {status, {BEFORE_TITLE title AFTER_TITLE(status), sizeof BEFORE_TITLE title AFTER_TITLE(status) - 1}}
    STATUS(200, "OK"),
    STATUS(400, "Bad Request"),
    STATUS(404, "Not Found"),
    STATUS(405, "Method Not Allowed"),
    STATUS(408, "Request Timeout"),
    STATUS(411, "Length Required"),
    STATUS(413, "Content Too Large"),
    STATUS(414, "URI Too Long"),
    STATUS(431, "Request Header Fields Too Large"),
    STATUS(501, "Not Implemented"),
    STATUS(503, "Service Unavailable"),
    STATUS(505, "HTTP Version Not Supported"),
    STATUS(500, "Internal Server Error"),
#undef STATUS
};

struct response response_problem(int status)
{
    size_t i = 0;
    while (statuses[i].status != status && statuses[i].status != LAST_STATUS) {
        i++;
    }
    return (struct response){statuses[i].status, PROBLEM_JSON, statuses[i].problem};
}

static struct slice title_of(struct slice problem)
{
    const size_t before = sizeof BEFORE_TITLE - 1;
    const size_t after = sizeof AFTER_TITLE(500) - 1;
    return (struct slice){problem.at + before, problem.len - before - after};
}

void response_head(const struct response *response, struct slice request_id, bool keep_alive, struct text *out)
{
    const struct response known = response_problem(response->status);
    text_add(out, SLICE("HTTP/1.1 "));
    text_add_number(out, (uint64_t)known.status);
    text_add(out, SLICE(" "));
    text_add(out, title_of(known.body));
    text_add(out, SLICE("\r\nDate: "));
    clock_add_http(out);
    text_add(out, SLICE("\r\nContent-Type: "));
    text_add_string(out, response->type);
    text_add(out, SLICE("\r\nContent-Length: "));
    text_add_number(out, response->body.len);
    text_add(out, SLICE("\r\nX-Request-Id: "));
    text_add(out, request_id);
    if (response->status == 405) {
        text_add(out, SLICE("\r\nAllow: GET, HEAD"));
    }
    text_add(out, SLICE("\r\nConnection: "));
    text_add(out, keep_alive ? SLICE("keep-alive\r\n\r\n") : SLICE("close\r\n\r\n"));
}
