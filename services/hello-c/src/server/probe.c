#include "probe.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "text.h"

#define TIMEOUT_SECONDS 2

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        return -1;
    }
    return fd;
}

int probe(uint16_t port, const char *path)
{
    static const struct slice good = {"HTTP/1.1 200 ", 13};
    char buffer[512];
    struct text request = text_in(buffer, sizeof buffer);
    text_add(&request, SLICE("GET "));
    text_add_string(&request, path);
    text_add(&request, SLICE(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    int fd = connect_to(port);
    if (request.truncated || fd < 0 || send(fd, request.at, request.len, MSG_NOSIGNAL) != (ssize_t)request.len) {
        return EXIT_FAILURE;
    }
    char answer[sizeof buffer];
    ssize_t got = recv(fd, answer, good.len, MSG_WAITALL);
    return got == (ssize_t)good.len && slice_equal((struct slice){answer, good.len}, good) ? EXIT_SUCCESS
                                                                                           : EXIT_FAILURE;
}
