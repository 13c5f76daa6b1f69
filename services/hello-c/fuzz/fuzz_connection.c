#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "identity.h"

#define ANSWERS_MAX ((size_t)1024 * 1024)

static const struct config config = {.level = LOG_ERROR, .request_timeout = 1, .idle_timeout = 1, .write_timeout = 1};

/* The same new request IDs for each conversation, in place of the C library's. */
ssize_t getrandom(void *buffer, size_t length, unsigned flags)
{
    (void)flags;
    memset(buffer, 0, length);
    return (ssize_t)length;
}

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Every Date becomes the same. */
static void mask_dates(char *answers, size_t len)
{
    static const char header[] = "\r\nDate: ";
    for (char *at = answers; (at = memmem(at, len - (size_t)(at - answers), header, sizeof header - 1)) != NULL;) {
        at += sizeof header - 1;
        memset(at, '-', strlen("Sun, 06 Nov 1994 08:49:37 GMT"));
    }
}

/* What a client gets that sends data in pieces of this size. */
static size_t converse(const uint8_t *data, size_t size, size_t piece, char *answers)
{
    static struct connection connection;
    struct context context = {.config = &config};
    int pair[2];
    size_t len = 0;
    require(identity_start());
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    connection_open(&connection, pair[1], &context);
    for (size_t at = 0; at < size && connection.phase != PHASE_CLOSED; at += piece) {
        size_t count = size - at < piece ? size - at : piece;
        require(send(pair[0], data + at, count, MSG_NOSIGNAL) == (ssize_t)count);
        for (int turns = 0; turns < 64; turns++) {
            connection_serve(&connection, &context);
            ssize_t got = recv(pair[0], answers + len, ANSWERS_MAX - len, 0);
            len += got > 0 ? (size_t)got : 0;
            if (got <= 0 && connection.phase != PHASE_WRITING) {
                break;
            }
        }
    }
    close(pair[0]);
    if (connection.phase != PHASE_CLOSED) {
        connection_close(&connection);
    }
    mask_dates(answers, len);
    return len;
}

/* However the bytes arrive, the answers are the same, and answers they are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char whole[ANSWERS_MAX];
    static char pieces[ANSWERS_MAX];
    if (size > 2 * (size_t)HEAD_MAX) {
        return 0;
    }
    log_open(STDOUT_FILENO, LOG_ERROR);
    size_t whole_len = converse(data, size, size + 1, whole);
    size_t pieces_len = converse(data, size, 1 + size / 16, pieces);
    require(whole_len == pieces_len && memcmp(whole, pieces, whole_len) == 0);
    require(whole_len == 0 || memcmp(whole, "HTTP/1.1 ", strlen("HTTP/1.1 ")) == 0);
    return 0;
}
