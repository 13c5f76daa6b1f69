#pragma once

#include <stdbool.h>
#include <stddef.h>

struct page {
    char *path; /* /a/b.html; /a/ for /a/index.html too */
    const char *type;
    const char *data;
    size_t size;
    char etag[19]; /* of the content: in images, all files have the same time */
};

struct site {
    struct page *pages; /* by path */
    size_t count;
};

/* Reads a folder. What is requested is looked up among the files that were found: no request can reach another file. */
bool site_load(struct site *site, const char *folder);
void site_free(struct site *site);

const struct page *site_find(const struct site *site, const char *path);

/* Whether a path is that of a folder that has an index, but for a slash at its end. */
bool site_has_folder(const struct site *site, const char *path);
