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

bool table_find_spare(const struct table *table, unsigned *slot)
{
    bool found = false;
    for (unsigned i = 0; i < table->high; i++) {
        const struct connection *candidate = &table->slots[i];
        bool spare = candidate->phase == PHASE_IDLE || candidate->phase == PHASE_LEAVING;
        if (spare && (!found || candidate->deadline < table->slots[*slot].deadline)) {
            *slot = i;
            found = true;
        }
    }
    return found;
}
