#include "store/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Of each kind. There may be thousands of small stores. */
enum { SLOTS = 1 << 11, FEW_SLOTS = 1 << 5, N_KINDS = 2 };

struct slot {
    int64_t pk;        /* 0: empty */
    struct name *name; /* (owned) */
};

/* The many users do not take the places of the groups, which are fewer and come up more often. */
struct names {
    size_t n_slots; /* of each kind */
    size_t n_used;
    struct slot slots[];
};

static struct names *new_names(size_t n_slots) {
    struct names *names = calloc(1, sizeof(*names) + N_KINDS * n_slots * sizeof(struct slot));
    if (names)
        names->n_slots = n_slots;
    return names;
}

static struct slot *slot_of(struct names *names, enum name_kind kind, int64_t pk) {
    const uint64_t golden = 0x9e3779b97f4a7c15;
    size_t hash = ((uint64_t)pk * golden >> 32) & (names->n_slots - 1);
    return &names->slots[kind * names->n_slots + hash];
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
        store->names = new_names(store->is_small ? FEW_SLOTS : SLOTS);
    if (!store->names)
        return FATAL(ENOMEM);
    struct slot *slot = slot_of(store->names, kind, pk);
    if (slot->pk != pk) {
        struct name *name;
        int r = read_name(store, kind, pk, &name);
        if (r != 0)
            return r;
        free(slot->name);
        store->names->n_used += slot->pk == 0;
        *slot = (struct slot){.pk = pk, .name = name};
    }
    *ret_name = slot->name;
    return 0;
}

void names_clear(struct names *names) {
    if (!names || names->n_used == 0)
        return;
    for (size_t i = 0; i < N_KINDS * names->n_slots; i++) {
        free(names->slots[i].name);
        names->slots[i] = (struct slot){0};
    }
    names->n_used = 0;
}

void names_free(struct names *names) {
    names_clear(names);
    free(names);
}
