/* Stubs by their ids, in whatever case those are written. */
#pragma once

#include "stubs/stub.h"

struct stub_table; /* NULL: an empty one */

/* Borrows the stub, in place of one with the same id. 0 or -ENOMEM. */
int stub_table_put(struct stub_table **table, struct stub *stub);

/* Puts all of a list. 0 or -ENOMEM. */
int stub_table_put_all(struct stub_table **table, const struct stub_list *list);

bool stub_table_has(struct stub_table *table, const char *id);

/* Writes the stubs of the table into `out`, which has room for them, in the order in which stubs
 * are tried: by priority, and the newest first. How many there are. */
size_t stub_table_sort(struct stub_table *table, struct stub **out);

/* A CLEANUP, too. */
void stub_table_clear(struct stub_table **table);
