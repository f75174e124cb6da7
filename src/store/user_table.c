#include "store/user_table.h"

#include <stdlib.h>

#include "store/user_block.h"

static void note(struct user_table *table) {
    struct user_blocks *taken = table->taken;
    table->changes++;
    table->taken = NULL;
    user_blocks_release(&taken);
}

void user_table_clear(struct user_table *table) {
    note(table);
    for (size_t i = 0; i < table->count; i++)
        user_block_release(table->ranges[i].block);
    free(table->ranges);
    *table = (struct user_table){.changes = table->changes};
}

void user_table_deinit(struct user_table *table) {
    user_table_clear(table);
}

void user_table_note_insert(struct user_table *table) {
    if (table->complete)
        note(table);
    table->complete = false;
}

size_t user_table_find(const struct user_table *table, int64_t pk) {
    size_t low = 0;
    size_t high = table->count;
    if (pk >= table->end)
        return table->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table->ranges[middle].first <= pk)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void user_table_note_change(struct user_table *table, int64_t pk) {
    size_t index = user_table_find(table, pk < INT64_MAX ? pk : pk - 1);
    if (index == table->count || !table->ranges[index].block)
        return;
    note(table);
    user_block_release(table->ranges[index].block);
    table->ranges[index].block = NULL;
    table->n_stale++;
}

int64_t user_table_range_end(const struct user_table *table, size_t index) {
    return index + 1 < table->count ? table->ranges[index + 1].first : table->end;
}
