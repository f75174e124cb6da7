#include "store/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/hash.h"

/* There may be thousands of small stores. A name is usually short, but may have 16 KiB. */
enum { FIRST_SLOTS = 1 << 5, MOST_SLOTS = 1 << 17, MOST_BYTES = 16 << 20, WAYS = 4, N_KINDS = 2 };

struct slot {
    int64_t pk;
    uint64_t epoch;
    struct name *name; /* (owned) */
};

struct table {
    size_t n_slots;
    size_t n_used;
    size_t n_bytes;     /* of the texts */
    struct slot *slots; /* (owned) */
};

/* The many users do not take the places of the groups. */
struct names {
    uint64_t epoch; /* a new one makes all that is kept untrue */
    struct table tables[N_KINDS];
};

/* Returns the slot that has the row, or else the one for it: a free one of a few neighbours, or the
 * first, whose row then gives way. */
static struct slot *slot_of(const struct table *table, int64_t pk) {
    size_t first = hash_of_row(pk);
    struct slot *found = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        struct slot *slot = &table->slots[(first + i) & (table->n_slots - 1)];
        if (slot->pk == pk && slot->name)
            return slot;
        if (!found && !slot->name)
            found = slot;
    }
    return found ? found : &table->slots[first & (table->n_slots - 1)];
}

/* Keeps the name in the slot for its row. */
static void keep(struct table *table, const struct slot *kept) {
    struct slot *slot = slot_of(table, kept->pk);
    table->n_used += !slot->name;
    table->n_bytes += kept->name->size - (slot->name ? slot->name->size : 0);
    free(slot->name);
    *slot = *kept;
}

/* Gives the table twice the slots. Without memory it stays as it is, unless it has none yet. */
static int grow(struct table *table) {
    size_t n_slots = table->n_slots > 0 ? 2 * table->n_slots : FIRST_SLOTS;
    struct table larger = {.n_slots = n_slots, .slots = calloc(n_slots, sizeof(struct slot))};
    if (!larger.slots)
        return table->n_slots > 0 ? 0 : FATAL(ENOMEM);
    for (size_t i = 0; i < table->n_slots; i++)
        if (table->slots[i].name)
            keep(&larger, &table->slots[i]);
    free(table->slots);
    *table = larger;
    return 0;
}

static void empty(struct table *table) {
    for (size_t i = 0; i < table->n_slots; i++)
        free(table->slots[i].name);
    free(table->slots);
    *table = (struct table){0};
}

static int read_name(struct store *store, enum name_kind kind, int64_t pk, struct name **ret_name) {
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r = noting_describe(store, kind, pk, &text);
    if (r != 0)
        return r;
    struct name *name = malloc(sizeof(*name) + text.size);
    if (!name)
        return FATAL(ENOMEM);
    *name = (struct name){.size = text.size};
    if (text.size > 0)
        memcpy(name->text, text.bytes, text.size);
    for (size_t i = 0; i < text.size; i++)
        name->printed_size += changes_measure_byte(name->text[i]);
    *ret_name = name;
    return 0;
}

int names_find(struct store *store, enum name_kind kind, int64_t pk, const struct name **ret_name) {
    if (!store->names)
        store->names = calloc(1, sizeof(*store->names));
    if (!store->names)
        return FATAL(ENOMEM);
    struct table *table = &store->names->tables[kind];
    size_t most = store->is_small ? FIRST_SLOTS : MOST_SLOTS;
    if (table->n_bytes > MOST_BYTES)
        empty(table);
    bool is_crowded = 2 * table->n_used >= table->n_slots && table->n_slots < most;
    int r = is_crowded ? grow(table) : 0;
    if (r < 0)
        return r;
    struct slot *slot = slot_of(table, pk);
    if (!slot->name || slot->pk != pk || slot->epoch != store->names->epoch) {
        struct slot read = {.pk = pk, .epoch = store->names->epoch};
        r = read_name(store, kind, pk, &read.name);
        if (r != 0)
            return r;
        keep(table, &read);
    }
    *ret_name = slot->name;
    return 0;
}

void names_clear(struct names *names) {
    if (names)
        names->epoch++;
}

void names_free(struct names *names) {
    for (size_t kind = 0; names && kind < N_KINDS; kind++)
        empty(&names->tables[kind]);
    free(names);
}
