#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "connection.h"

/* Below the common limit of 1024 descriptors, with room for our own. */
#define CONNECTIONS_MAX 1000

/* All the connections there can be: memory is taken once, as zero pages that cost nothing until used. */
struct table {
    struct connection *slots; /* CONNECTIONS_MAX of them */
    unsigned open;
    unsigned high;                      /* slots from here on were never used */
    unsigned released[CONNECTIONS_MAX]; /* the others that are free */
    unsigned releases;
};

bool table_full(const struct table *table);
/* A free slot, the most recently used first: its memory is warm. Not when full. */
unsigned table_take(struct table *table);
void table_release(struct table *table, unsigned slot);

/* The open connection that is needed least: answered and idle, else one without a request so far; of these the closest
 * to its time-out. False if all are busy. */
bool table_find_spare(const struct table *table, unsigned *slot);

#endif
