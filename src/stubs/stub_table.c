#include "stubs/stub_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"
#include "util/hash.h"

struct stub_table {
    char id[UUID_SIZE]; /* in lower case */
    struct stub *stub;
    bool lost; /* see util/hash.h */
    UT_hash_handle hh;
};

static struct stub_table *find(struct stub_table *table, const char *id) {
    char lower[UUID_SIZE] = "";
    struct stub_table *found;
    for (size_t i = 0; i < UUID_SIZE - 1 && id[i]; i++)
        lower[i] = (char)tolower((unsigned char)id[i]);
    HASH_FIND_STR(table, lower, found);
    return found;
}

int stub_table_put(struct stub_table **table, struct stub *stub) {
    struct stub_table *slot = find(*table, stub->id);
    if (slot) {
        slot->stub = stub;
        return 0;
    }
    slot = calloc(1, sizeof(*slot));
    if (!slot)
        return FATAL(ENOMEM);
    for (size_t i = 0; stub->id[i]; i++)
        slot->id[i] = (char)tolower((unsigned char)stub->id[i]);
    slot->stub = stub;
    HASH_ADD_STR(*table, id, slot);
    if (!slot->lost)
        return 0;
    free(slot);
    return FATAL(ENOMEM);
}

int stub_table_put_all(struct stub_table **table, const struct stub_list *list) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->count; i++)
        r = stub_table_put(table, list->stubs[i]);
    return r;
}

struct stub *stub_table_find(struct stub_table *table, const char *id) {
    const struct stub_table *slot = find(table, id);
    return slot ? slot->stub : NULL;
}

int stub_table_compare(const void *a, const void *b) {
    const struct stub *left = *(struct stub *const *)a;
    const struct stub *right = *(struct stub *const *)b;
    if (left->priority != right->priority)
        return left->priority < right->priority ? -1 : 1;
    return (left->state.number < right->state.number) - (left->state.number > right->state.number);
}

size_t stub_table_sort(struct stub_table *table, struct stub **out) {
    size_t count = 0;
    for (struct stub_table *slot = table; slot; slot = slot->hh.next)
        out[count++] = slot->stub;
    qsort(out, count, sizeof(struct stub *), stub_table_compare);
    return count;
}

void stub_table_clear(struct stub_table **table) {
    struct stub_table *slot;
    struct stub_table *next;
    HASH_ITER (hh, *table, slot, next) {
        HASH_DEL(*table, slot);
        free(slot);
    }
}
