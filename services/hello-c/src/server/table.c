#include "table.h"

bool table_full(const struct table *table)
{
    return table->open == CONNECTIONS_MAX;
}

unsigned table_take(struct table *table)
{
    table->open++;
    return table->releases > 0 ? table->released[--table->releases] : table->high++;
}

void table_release(struct table *table, unsigned slot)
{
    table->open--;
    table->released[table->releases++] = slot;
}

/* A client without a request so far is about to send one; one that was answered can connect again. */
static bool is_less_needed(const struct connection *a, const struct connection *b)
{
    bool a_asked = a->started > 0;
    bool b_asked = b->started > 0;
    return a_asked == b_asked ? a->deadline < b->deadline : a_asked;
}

bool table_find_spare(const struct table *table, unsigned *slot)
{
    bool found = false;
    for (unsigned i = 0; i < table->high; i++) {
        const struct connection *candidate = &table->slots[i];
        bool spare = candidate->phase == PHASE_IDLE || candidate->phase == PHASE_LEAVING;
        if (spare && (!found || is_less_needed(candidate, &table->slots[*slot]))) {
            *slot = i;
            found = true;
        }
    }
    return found;
}
