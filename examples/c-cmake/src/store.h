#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bookmarks in a SQLite database. What fails is logged here; callers see only that it failed. */
struct store;

enum outcome { STORE_FAILED, STORE_ABSENT, STORE_DONE };

struct store *store_open(const char *path);
void store_close(struct store *store);
bool store_answers(struct store *store);

/* The ID of the bookmark with this URL, which is added if it is not there; 0 after a failure. */
int64_t store_add(struct store *store, const char *url, bool *added);

enum outcome store_remove(struct store *store, int64_t id);

/* A bookmark, or all of them, as JSON; the caller frees it. */
enum outcome store_get(struct store *store, int64_t id, char **json);
enum outcome store_list(struct store *store, char **json);

/* What a check found: the status of HTTP, or 0 and an error. */
bool store_record(struct store *store, int64_t id, long status, const char *error);

/* The bookmark that was not checked for the longest time, if that is at least so many seconds; the caller frees its
 * URL. */
enum outcome store_next_due(struct store *store, int64_t seconds, int64_t *id, char **url);
