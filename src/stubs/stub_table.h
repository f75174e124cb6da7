/* A hash table of stubs by id, ignoring case. */
#pragma once

#include "stubs/stub.h"

struct stub_table; /* NULL is an empty table */

/* Borrows the stub. It replaces one with the same id. Returns 0 or -ENOMEM. */
int stub_table_put(struct stub_table **table, struct stub *stub);

/* Puts all stubs of a list into the table. Returns 0 or -ENOMEM. */
int stub_table_put_all(struct stub_table **table, const struct stub_list *list);

/* Returns NULL when there is none. */
struct stub *stub_table_find(struct stub_table *table, const char *id);

/* Compares two `struct stub *const *` for qsort: by priority, then the newest first. */
int stub_table_compare(const void *a, const void *b);

/* Writes all stubs of the table to `out`, in the order in which kestub tries them. `out` must have
 * room for them. Returns their number. */
size_t stub_table_sort(struct stub_table *table, struct stub **out);

/* Frees the table, but not the stubs. Can be used with CLEANUP. */
void stub_table_clear(struct stub_table **table);
