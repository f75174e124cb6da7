/* A hash table of stubs by id, ignoring case. */
#pragma once

#include "stubs/stub.h"

struct stub_table; /* NULL is an empty table */

/* Borrows the stub. It replaces one with the same id. Returns 0 or -ENOMEM. */
int stub_table_put(struct stub_table **table, struct stub *stub);

/* Puts all stubs of a list into the table. Returns 0 or -ENOMEM. */
int stub_table_put_all(struct stub_table **table, const struct stub_list *list);

bool stub_table_has(struct stub_table *table, const char *id);

/* Writes all stubs of the table to `out`, in the order in which kestub tries them: by priority,
 * then newest first. `out` must have room for them. Returns their number. */
size_t stub_table_sort(struct stub_table *table, struct stub **out);

/* Frees the table, but not the stubs. Can be used with CLEANUP. */
void stub_table_clear(struct stub_table **table);
