#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store.h"

static int failures;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: expected %s\n", __LINE__, #condition);                                                    \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

static bool contains(struct store *store, int64_t id, const char *part)
{
    char *json = NULL;
    bool found = store_get(store, id, &json) == STORE_DONE && strstr(json, part);
    free(json);
    return found;
}

static void test_bookmarks(struct store *store)
{
    bool added;
    int64_t first = store_add(store, "https://example.com/", &added);
    EXPECT(first > 0 && added);
    EXPECT(store_add(store, "https://example.com/", &added) == first && !added);
    int64_t second = store_add(store, "https://example.org/\"quoted\"", &added);
    EXPECT(second > first && added);

    EXPECT(contains(store, first, "\"status\":null"));
    EXPECT(store_record(store, first, 200, NULL));
    EXPECT(contains(store, first, "\"status\":200,\"error\":null"));
    EXPECT(store_record(store, first, 0, "no route"));
    EXPECT(contains(store, first, "\"status\":null,\"error\":\"no route\""));
    EXPECT(contains(store, second, "https://example.org/\\\"quoted\\\""));

    char *json = NULL;
    EXPECT(store_list(store, &json) == STORE_DONE && strncmp(json, "[{\"id\":1,", 9) == 0);
    free(json);
    EXPECT(store_remove(store, second) == STORE_DONE);
    EXPECT(store_remove(store, second) == STORE_ABSENT);
    EXPECT(store_get(store, second, &json) == STORE_ABSENT);
}

static void test_due(struct store *store)
{
    int64_t id;
    char *url = NULL;
    EXPECT(store_next_due(store, 60, &id, &url) == STORE_ABSENT);
    EXPECT(store_next_due(store, 0, &id, &url) == STORE_DONE && strcmp(url, "https://example.com/") == 0);
    free(url);
}

static void test_newer_database(const char *path)
{
    sqlite3 *database;
    EXPECT(sqlite3_open(path, &database) == SQLITE_OK);
    EXPECT(sqlite3_exec(database, "PRAGMA user_version = 99", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(database);
    EXPECT(!store_open(path));
}

int main(void)
{
    char folder[] = "/tmp/bookmarks-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        return 1;
    }
    struct store *store = store_open("test.db");
    if (!store) {
        return 1;
    }
    char *json = NULL;
    EXPECT(store_list(store, &json) == STORE_DONE && strcmp(json, "[]") == 0);
    free(json);
    test_bookmarks(store);
    test_due(store);
    EXPECT(store_answers(store));
    store_close(store);

    store = store_open("test.db"); /* what was stored is still there */
    EXPECT(store && contains(store, 1, "https://example.com/"));
    store_close(store);
    test_newer_database("test.db");
    EXPECT(!store_open("/nonexistent/test.db"));
    unlink("test.db");
    rmdir(folder);
    return failures > 0;
}
