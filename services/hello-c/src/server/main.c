#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "probe.h"
#include "server.h"

int main(int argc, char **argv)
{
    struct config config;
    bool serve = argc == 1;
    bool check = argc == 3 && strcmp(argv[1], "--probe") == 0;
    if (!serve && !check) {
        log_fatal(SLICE("unknown arguments: give none to serve, or --probe PATH to check a running server"));
        return EXIT_FAILURE;
    }
    if (!config_load(&config, log_fatal)) {
        return EXIT_FAILURE;
    }
    log_open(STDOUT_FILENO, config.level);
    return serve ? server_run(&config) : probe(config.port, argv[2]);
}
