#include "site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LENGTH_MAX 4096
#define INDEX "index.html"

static const struct {
    const char *suffix;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".json", "application/json"},
    {".xml", "application/xml"},
    {".pdf", "application/pdf"},
    {".wasm", "application/wasm"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".mp4", "video/mp4"},
};

static const char *type_of(const char *name)
{
    const char *suffix = strrchr(name, '.');
    for (size_t i = 0; suffix && i < sizeof types / sizeof *types; i++) {
        if (strcasecmp(suffix, types[i].suffix) == 0) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

/* FNV-1a. */
static uint64_t hash(const char *data, size_t size)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        value = (value ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
    }
    return value;
}

static bool failed(const char *what, const char *path)
{
    (void)fprintf(stderr, "shelf: %s %s: %s\n", what, path, strerror(errno));
    return false;
}

static struct page *add_page(struct site *site, const char *path)
{
    if ((site->count & (site->count - 1)) == 0) { /* full: capacities are powers of two */
        size_t capacity = site->count ? site->count * 2 : 1;
        struct page *pages = realloc(site->pages, capacity * sizeof *pages);
        if (!pages) {
            return NULL;
        }
        site->pages = pages;
    }
    struct page *page = &site->pages[site->count];
    *page = (struct page){.path = strdup(path)};
    if (!page->path) {
        return NULL;
    }
    site->count++;
    return page;
}

static bool add_file(struct site *site, int fd, const char *path, const char *name)
{
    struct stat status;
    struct page page = {.data = "", .type = type_of(name)};
    if (fstat(fd, &status) != 0) {
        return failed("read", path);
    }
    page.size = (size_t)status.st_size;
    if (page.size > 0) {
        void *data = mmap(NULL, page.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            return failed("read", path);
        }
        page.data = data;
    }
    (void)snprintf(page.etag, sizeof page.etag, "\"%016" PRIx64 "\"", hash(page.data, page.size));

    bool is_index = strcmp(name, INDEX) == 0;
    char folder[PATH_LENGTH_MAX];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strlen(path) - strlen(name)), path);
    for (int i = 0; i < 1 + is_index; i++) {
        struct page *added = add_page(site, i == 0 ? path : folder);
        if (!added) {
            return failed("remember", path);
        }
        page.path = added->path;
        *added = page;
    }
    return true;
}

static bool is_hidden(const char *name)
{
    return name[0] == '.' && strcmp(name, ".well-known") != 0;
}

static bool add_folder(struct site *site, int fd, const char *path);

static bool add_entry(struct site *site, int parent, const char *path, const char *name) // NOLINT(misc-no-recursion)
{
    char own[PATH_LENGTH_MAX];
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return failed("read", name);
    }
    bool is_folder = S_ISDIR(status.st_mode);
    if (!is_folder && !S_ISREG(status.st_mode)) {
        return true;
    }
    if (snprintf(own, sizeof own, "%s%s%s", path, name, is_folder ? "/" : "") >= (int)sizeof own) {
        errno = ENAMETOOLONG;
        return failed("read", name);
    }
    int fd = openat(parent, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return failed("open", own);
    }
    if (is_folder) {
        return add_folder(site, fd, own);
    }
    bool added = add_file(site, fd, own, name);
    close(fd);
    return added;
}

/* Takes over fd. */
static bool add_folder(struct site *site, int fd, const char *path) // NOLINT(misc-no-recursion): folders are in folders
{
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return failed("open", path);
    }
    bool ok = true;
    struct dirent *entry;
    while (ok && (entry = readdir(folder))) {
        ok = is_hidden(entry->d_name) || add_entry(site, fd, path, entry->d_name);
    }
    closedir(folder);
    return ok;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct page *)a)->path, ((const struct page *)b)->path);
}

bool site_load(struct site *site, const char *folder)
{
    *site = (struct site){0};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return failed("open", folder);
    }
    if (!add_folder(site, fd, "/")) {
        site_free(site);
        return false;
    }
    if (site->count > 0) {
        qsort(site->pages, site->count, sizeof *site->pages, by_path);
    }
    return true;
}

void site_free(struct site *site)
{
    for (size_t i = 0; i < site->count; i++) {
        struct page *page = &site->pages[i];
        size_t length = strlen(page->path);
        if (page->size > 0 && page->path[length - 1] != '/') { /* an index is there twice */
            munmap((void *)page->data, page->size);
        }
        free(page->path);
    }
    free(site->pages);
    *site = (struct site){0};
}

const struct page *site_find(const struct site *site, const char *path)
{
    struct page key = {.path = (char *)path};
    return site->count ? bsearch(&key, site->pages, site->count, sizeof key, by_path) : NULL;
}

bool site_has_folder(const struct site *site, const char *path)
{
    char folder[PATH_LENGTH_MAX];
    return snprintf(folder, sizeof folder, "%s/", path) < (int)sizeof folder && site_find(site, folder);
}
