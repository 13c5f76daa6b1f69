#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "probe.h"
#include "server.h"

int main(int argc, char **argv)
{
    char buffer[256];
    struct text error = text_in(buffer, sizeof buffer);
    struct config config;
    bool serve = argc == 1;
    bool ask = argc == 3 && strcmp(argv[1], "--probe") == 0;
    if (!serve && !ask) {
        log_fatal(SLICE("unknown arguments: give none to serve, or --probe PATH to ask"));
        return EXIT_FAILURE;
    }
    if (!config_load(&config, &error)) {
        log_fatal((struct slice){error.at, error.len});
        return EXIT_FAILURE;
    }
    log_open(STDOUT_FILENO, config.level);
    return serve ? server_run(&config) : probe(config.port, argv[2]);
}
