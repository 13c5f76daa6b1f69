#include "store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION 1

static const char schema[] = "CREATE TABLE bookmark ("
                             "  id INTEGER PRIMARY KEY,"
                             "  url TEXT NOT NULL UNIQUE,"
                             "  added INTEGER NOT NULL DEFAULT (unixepoch()),"
                             "  started INTEGER NOT NULL DEFAULT 0," /* when the last check began */
                             "  checked INTEGER,"
                             "  status INTEGER,"
                             "  error TEXT"
                             ") STRICT;"
                             "CREATE INDEX bookmark_started ON bookmark (started);"
                             "PRAGMA user_version = 1;";

#define JSON                                                                                                           \
    "json_object('id', id, 'url', url, 'added', strftime('%Y-%m-%dT%H:%M:%SZ', added, 'unixepoch'),"                   \
    " 'checked', strftime('%Y-%m-%dT%H:%M:%SZ', checked, 'unixepoch'), 'status', status, 'error', error)"

#define NEXT_DUE_SQL                                                                                                   \
    "UPDATE bookmark SET started = unixepoch() WHERE id ="                                                             \
    " (SELECT id FROM bookmark WHERE started <= unixepoch() - ?1 ORDER BY started LIMIT 1) RETURNING id, url"

enum statement { ADD, FIND, REMOVE, GET, LIST, RECORD, NEXT_DUE, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [ADD] = "INSERT INTO bookmark (url, started) VALUES (?1, unixepoch()) ON CONFLICT DO NOTHING RETURNING id",
    [FIND] = "SELECT id FROM bookmark WHERE url = ?1",
    [REMOVE] = "DELETE FROM bookmark WHERE id = ?1 RETURNING id",
    [GET] = "SELECT " JSON " FROM bookmark WHERE id = ?1",
    [LIST] = "SELECT json_group_array(json(one)) FROM (SELECT " JSON " AS one FROM bookmark ORDER BY id)",
    [RECORD] = "UPDATE bookmark SET started = unixepoch(), checked = unixepoch(), status = nullif(?2, 0), error = ?3 "
               "WHERE id = ?1",
    [NEXT_DUE] = NEXT_DUE_SQL,
};

struct store {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
};

static bool failed(struct store *store, const char *what)
{
    (void)fprintf(stderr, "bookmarks: %s: %s\n", what, sqlite3_errmsg(store->database));
    return false;
}

static bool migrate(struct store *store)
{
    sqlite3_stmt *query;
    if (sqlite3_prepare_v2(store->database, "PRAGMA user_version", -1, &query, NULL) != SQLITE_OK) {
        return failed(store, "read the version of the database");
    }
    int version = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int(query, 0) : -1;
    sqlite3_finalize(query);
    if (version > SCHEMA_VERSION || version < 0) {
        (void)fprintf(stderr, "bookmarks: the database has version %d, this program knows %d: start a newer program\n",
                      version, SCHEMA_VERSION);
        return false;
    }
    return version == SCHEMA_VERSION || sqlite3_exec(store->database, schema, NULL, NULL, NULL) == SQLITE_OK ||
           failed(store, "create the tables");
}

static bool prepare(struct store *store)
{
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->database, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL) !=
            SQLITE_OK) {
            return failed(store, sql[i]);
        }
    }
    return true;
}

struct store *store_open(const char *path)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        return NULL;
    }
    static const char pragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;";
    if (sqlite3_open(path, &store->database) != SQLITE_OK ||
        sqlite3_exec(store->database, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
        failed(store, path);
    } else if (migrate(store) && prepare(store)) {
        return store;
    }
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store) {
        return;
    }
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(store->statements[i]);
    }
    sqlite3_close(store->database);
    free(store);
}

static void reset(sqlite3_stmt **statement)
{
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
}

/* A statement that is ready for other values at the end of its scope. */
#define SCOPED __attribute__((cleanup(reset))) sqlite3_stmt *

static enum outcome step(struct store *store, sqlite3_stmt *statement)
{
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
        return STORE_DONE;
    case SQLITE_DONE:
        return STORE_ABSENT;
    default:
        failed(store, sqlite3_sql(statement));
        return STORE_FAILED;
    }
}

static enum outcome copy_text(sqlite3_stmt *statement, int column, char **copy)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    *copy = text ? strdup((const char *)text) : NULL;
    return *copy ? STORE_DONE : STORE_FAILED;
}

bool store_answers(struct store *store)
{
    SCOPED find = store->statements[FIND];
    sqlite3_bind_text(find, 1, "", -1, SQLITE_STATIC);
    return step(store, find) != STORE_FAILED;
}

int64_t store_add(struct store *store, const char *url, bool *added)
{
    SCOPED add = store->statements[ADD];
    SCOPED find = store->statements[FIND];
    sqlite3_bind_text(add, 1, url, -1, SQLITE_STATIC);
    enum outcome outcome = step(store, add);
    *added = outcome == STORE_DONE;
    if (*added) {
        int64_t id = sqlite3_column_int64(add, 0);
        return step(store, add) == STORE_ABSENT ? id : 0; /* committed when there is no other row */
    }
    sqlite3_bind_text(find, 1, url, -1, SQLITE_STATIC);
    return outcome == STORE_ABSENT && step(store, find) == STORE_DONE ? sqlite3_column_int64(find, 0) : 0;
}

enum outcome store_remove(struct store *store, int64_t id)
{
    SCOPED remove = store->statements[REMOVE];
    sqlite3_bind_int64(remove, 1, id);
    enum outcome outcome = step(store, remove);
    return outcome == STORE_DONE && step(store, remove) == STORE_FAILED ? STORE_FAILED : outcome;
}

enum outcome store_get(struct store *store, int64_t id, char **json)
{
    SCOPED get = store->statements[GET];
    sqlite3_bind_int64(get, 1, id);
    enum outcome outcome = step(store, get);
    return outcome == STORE_DONE ? copy_text(get, 0, json) : outcome;
}

enum outcome store_list(struct store *store, char **json)
{
    SCOPED list = store->statements[LIST];
    enum outcome outcome = step(store, list);
    return outcome == STORE_DONE ? copy_text(list, 0, json) : outcome;
}

bool store_record(struct store *store, int64_t id, long status, const char *error)
{
    SCOPED record = store->statements[RECORD];
    sqlite3_bind_int64(record, 1, id);
    sqlite3_bind_int64(record, 2, status);
    sqlite3_bind_text(record, 3, error, -1, SQLITE_STATIC);
    return step(store, record) == STORE_ABSENT;
}

enum outcome store_next_due(struct store *store, int64_t seconds, int64_t *id, char **url)
{
    SCOPED next = store->statements[NEXT_DUE];
    sqlite3_bind_int64(next, 1, seconds);
    enum outcome outcome = step(store, next);
    if (outcome != STORE_DONE) {
        return outcome;
    }
    *id = sqlite3_column_int64(next, 0);
    outcome = copy_text(next, 1, url);
    return step(store, next) == STORE_ABSENT ? outcome : STORE_FAILED;
}
