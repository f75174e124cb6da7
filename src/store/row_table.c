#include "store/row_table.h"

#include <stdlib.h>

#include "store/row_block.h"

static void note(struct row_table *table) {
    struct row_blocks *taken = table->taken;
    table->changes++;
    table->taken = NULL;
    row_blocks_release(&taken);
}

void row_table_clear(struct row_table *table) {
    note(table);
    for (size_t i = 0; i < table->count; i++)
        row_block_release(table->ranges[i].block);
    free(table->ranges);
    *table = (struct row_table){.changes = table->changes};
}

void row_table_note_insert(struct row_table *table) {
    if (table->complete)
        note(table);
    table->complete = false;
}

size_t row_table_find(const struct row_table *table, int64_t pk) {
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

void row_table_note_change(struct row_table *table, int64_t pk) {
    size_t index = row_table_find(table, pk < INT64_MAX ? pk : pk - 1);
    if (index == table->count || !table->ranges[index].block)
        return;
    note(table);
    row_block_release(table->ranges[index].block);
    table->ranges[index].block = NULL;
    table->n_stale++;
}

int64_t row_table_range_end(const struct row_table *table, size_t index) {
    return index + 1 < table->count ? table->ranges[index + 1].first : table->end;
}
