#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../src/site.h"

static int failures;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: expected %s\n", __LINE__, #condition);                                                    \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void test_lookup(void)
{
    struct site site;
    mkdir("top", 0755);
    mkdir("top/a", 0755);
    mkdir("top/.git", 0755);
    mkdir("top/.well-known", 0755);
    write_file("outside", "outside");
    write_file("top/index.html", "top");
    write_file("top/a/index.html", "a");
    write_file("top/a/x.CSS", "same");
    write_file("top/a/y.unknown", "same");
    write_file("top/empty.txt", "");
    write_file("top/.git/config", "secret");
    write_file("top/.well-known/security.txt", "contact");
    if (symlink("../outside", "top/link") != 0 || symlink("..", "top/up") != 0) {
        exit(1);
    }
    EXPECT(site_load(&site, "top"));

    const struct page *page = site_find(&site, "/");
    EXPECT(page && page->size == 3 && memcmp(page->data, "top", 3) == 0 && strncmp(page->type, "text/html", 9) == 0);
    page = site_find(&site, "/a/");
    EXPECT(page && page->size == 1 && *page->data == 'a');
    EXPECT(site_find(&site, "/a/index.html"));
    EXPECT(site_has_folder(&site, "/a") && !site_find(&site, "/a") && !site_has_folder(&site, "/b"));
    const struct page *x = site_find(&site, "/a/x.CSS");
    const struct page *y = site_find(&site, "/a/y.unknown");
    EXPECT(x && y && strcmp(x->etag, y->etag) == 0 && strlen(x->etag) == 18);
    EXPECT(x && strncmp(x->type, "text/css", 8) == 0 && y && strcmp(y->type, "application/octet-stream") == 0);
    page = site_find(&site, "/empty.txt");
    EXPECT(page && page->size == 0 && strcmp(page->etag, x->etag) != 0);
    EXPECT(site_find(&site, "/.well-known/security.txt"));

    EXPECT(!site_find(&site, "/.git/config"));
    EXPECT(!site_find(&site, "/link"));
    EXPECT(!site_find(&site, "/up/outside"));
    EXPECT(!site_find(&site, "/../outside"));
    EXPECT(!site_find(&site, "/a/../index.html"));
    EXPECT(!site_find(&site, "//"));
    EXPECT(!site_find(&site, ""));
    site_free(&site);
}

int main(void)
{
    char folder[] = "/tmp/shelf-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        return 1;
    }
    test_lookup();
    struct site site;
    EXPECT(!site_load(&site, "none"));
    mkdir("nothing", 0755);
    EXPECT(site_load(&site, "nothing") && site.count == 0 && !site_find(&site, "/"));
    site_free(&site);
    return failures > 0;
}
