#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "settings.h"
#include "site.h"

int main(int argc, char **argv)
{
    struct settings settings;
    struct site site;
    if (argc != 2 || strcmp(argv[1], "--help") == 0) {
        (void)fprintf(stderr, "shelf " VERSION "\nusage: shelf FOLDER\n");
        return EXIT_FAILURE;
    }
    if (!settings_read(&settings) || !site_load(&site, argv[1])) {
        return EXIT_FAILURE;
    }
    int status = server_run(&site, settings.port, settings.drain_delay);
    site_free(&site);
    return status;
}
