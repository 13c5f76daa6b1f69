#include "response.h"

#include "clock.h"

#define LAST_STATUS 500 /* also what a status becomes that the table lacks */

static const struct {
    int status;
    struct slice line; /* as it is sent, and as a body */
} statuses[] = {
#define STATUS(number, words)                                                                                          \
    {                                                                                                                  \
        number,                                                                                                        \
        {                                                                                                              \
            #number " " words "\n", sizeof(#number " " words)                                                          \
        }                                                                                                              \
    }
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

struct response response_of_status(int status)
{
    size_t i = 0;
    while (statuses[i].status != status && statuses[i].status != LAST_STATUS) {
        i++;
    }
    return (struct response){statuses[i].status, statuses[i].line};
}

void response_head(const struct response *response, bool keep_alive, struct text *out)
{
    struct slice words = response_of_status(response->status).body;
    words.len--; /* its line feed */
    text_add(out, SLICE("HTTP/1.1 "));
    text_add(out, words);
    text_add(out, SLICE("\r\nDate: "));
    clock_add_http(out);
    text_add(out, SLICE("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "));
    text_add_number(out, response->body.len);
    if (response->status == 405) {
        text_add(out, SLICE("\r\nAllow: GET, HEAD"));
    }
    text_add(out, SLICE("\r\nConnection: "));
    text_add(out, keep_alive ? SLICE("keep-alive\r\n\r\n") : SLICE("close\r\n\r\n"));
}
