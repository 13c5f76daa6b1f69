#include "request.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Counts of what may appear once. */
struct seen {
    unsigned hosts;
    unsigned lengths;
    bool length_is_zero;
    bool coded;
    bool version_1_0; /* which needs no Host */
};

size_t request_length(const char *text, size_t length)
{
    const char *end = memmem(text, length, "\r\n\r\n", 4);
    return end ? (size_t)(end - text) + 4 : 0;
}

/* The next line, which ends in NUL afterwards. */
static char *next_line(char **rest)
{
    char *line = *rest;
    char *end = strstr(line, "\r\n");
    *end = '\0';
    *rest = end + 2;
    return line;
}

/* RFC 9110, 5.6.2. */
static bool is_token(const char *text)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t length = strspn(text, token);
    return length > 0 && text[length] == '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes percent signs. A NUL that comes out cannot be part of a name, nor can a slash that was hidden. */
static bool decode(char *path)
{
    char *out = path;
    for (const char *in = path; *in; in++) {
        char c = *in;
        if (c == '%') {
            int high = hex_digit(in[1]);
            int low = high < 0 ? -1 : hex_digit(in[2]);
            if (low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            in += 2;
            if (c == '\0' || c == '/') {
                return false;
            }
        }
        *out++ = c;
    }
    *out = '\0';
    return true;
}

/* The path of a target: of "/a?b", and of "http://host/a", which a server must accept too. */
static int parse_target(struct request *request, char *target, char *copy)
{
    if (target[strcspn(target, "\"\\")]) {
        return 400;
    }
    if (strncasecmp(target, "http://", 7) == 0) {
        target += 7 + strcspn(target + 7, "/");
    }
    if (*target != '/') {
        return strcmp(request->method, "OPTIONS") == 0 && strcmp(target, "*") == 0 ? 405 : 400;
    }
    size_t length = strcspn(target, "?");
    memcpy(copy, target, length);
    copy[length] = '\0';
    request->target = target;
    request->path = copy;
    return decode(copy) ? 0 : 400;
}

static int parse_request_line(struct request *request, struct seen *seen, char *line, char *copy)
{
    char *target = strchr(line, ' ');
    char *version = target ? strchr(target + 1, ' ') : NULL;
    if (!version) {
        return 400;
    }
    *target++ = '\0';
    *version++ = '\0';
    if (!is_token(line) || strncmp(version, "HTTP/", 5) != 0 || strlen(version) != 8 || version[6] != '.') {
        return 400;
    }
    if (version[5] != '1') {
        return 505;
    }
    request->method = line;
    seen->version_1_0 = version[7] == '0';
    request->keep_alive = !seen->version_1_0;
    return parse_target(request, target, copy);
}

static bool has_item(const char *list, const char *item)
{
    size_t length = strlen(item);
    while (*list) {
        list += strspn(list, ", \t");
        size_t own = strcspn(list, ", \t");
        if (own == length && strncasecmp(list, item, length) == 0) {
            return true;
        }
        list += own;
    }
    return false;
}

static bool take_header(struct request *request, struct seen *seen, const char *name, const char *value)
{
    if (strcasecmp(name, "Host") == 0) {
        seen->hosts++;
    } else if (strcasecmp(name, "Content-Length") == 0) {
        seen->lengths++;
        seen->length_is_zero = value[strspn(value, "0")] == '\0';
        return *value && value[strspn(value, "0123456789")] == '\0';
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        seen->coded = true;
    } else if (strcasecmp(name, "Connection") == 0) {
        request->keep_alive = (request->keep_alive || has_item(value, "keep-alive")) && !has_item(value, "close");
    } else if (strcasecmp(name, "If-None-Match") == 0) {
        request->if_none_match = value;
    } else if (strcasecmp(name, "Range") == 0) {
        request->range = value;
    }
    return true;
}

static bool parse_header(struct request *request, struct seen *seen, char *line)
{
    char *value = strchr(line, ':');
    if (!value) {
        return false;
    }
    *value++ = '\0';
    value += strspn(value, " \t");
    for (char *end = value + strlen(value); end > value && (end[-1] == ' ' || end[-1] == '\t');) {
        *--end = '\0';
    }
    return is_token(line) && take_header(request, seen, line, value);
}

static bool has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool line_end =
            (c == '\r' && i + 1 < length && text[i + 1] == '\n') || (c == '\n' && i > 0 && text[i - 1] == '\r');
        if ((c < 0x20 && c != '\t' && !line_end) || c == 0x7f) {
            return true;
        }
    }
    return false;
}

int request_parse(struct request *request, char *text, size_t length)
{
    *request = (struct request){0};
    if (has_control(text, length)) {
        return 400;
    }
    text[length - 1] = '\0'; /* of the last CRLF: texts end there */
    text[length - 2] = '\0';
    char *rest = text;
    char *line = next_line(&rest);
    /* The decoded path is not longer than what follows the method, nor needed after it: it gets a place of its own, so
     * that the target stays as it was sent. */
    static char path[8192];
    if (strlen(line) >= sizeof path) {
        return 414;
    }
    struct seen seen = {0};
    int status = parse_request_line(request, &seen, line, path);
    while (*rest) {
        if (!parse_header(request, &seen, next_line(&rest))) {
            return 400;
        }
    }
    bool hosts_are_wrong = seen.hosts > 1 || (seen.hosts == 0 && !seen.version_1_0);
    bool end_is_ambiguous = seen.lengths > 1 || (seen.coded && seen.lengths > 0);
    if (status == 0 && (hosts_are_wrong || end_is_ambiguous)) {
        status = 400;
    }
    request->has_body = seen.coded || (seen.lengths > 0 && !seen.length_is_zero);
    return status;
}

static bool parse_number(const char **text, size_t *value)
{
    size_t digits = strspn(*text, "0123456789");
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        size_t digit = (size_t)((*text)[i] - '0');
        *value = *value > (SIZE_MAX - digit) / 10 ? SIZE_MAX : *value * 10 + digit;
    }
    *text += digits;
    return digits > 0;
}

enum range request_range(const char *range, size_t size, size_t *first, size_t *last)
{
    if (!range || strncasecmp(range, "bytes=", 6) != 0) {
        return RANGE_WHOLE;
    }
    range += 6;
    bool has_first = parse_number(&range, first);
    if (*range++ != '-') {
        return RANGE_WHOLE;
    }
    bool has_last = parse_number(&range, last);
    if (*range || (!has_first && !has_last) || (has_first && has_last && *first > *last)) {
        return RANGE_WHOLE;
    }
    if (!has_first) { /* the last so many bytes */
        if (*last == 0 || size == 0) {
            return RANGE_OUTSIDE;
        }
        *first = *last < size ? size - *last : 0;
        *last = size - 1;
        return RANGE_PART;
    }
    if (*first >= size) {
        return RANGE_OUTSIDE;
    }
    if (!has_last || *last >= size) {
        *last = size - 1;
    }
    return RANGE_PART;
}

bool request_matches(const char *if_none_match, const char *etag)
{
    if (!if_none_match) {
        return false;
    }
    /* W/ is for tags that are not the same byte for byte: here it does not matter. */
    return strcmp(if_none_match, "*") == 0 || strstr(if_none_match, etag);
}
