#include "store/names.h"

#include <errno.h>
#include <stdlib.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/fatal.h"

/* Of each kind. There may be thousands of small stores. */
enum { SLOTS = 1 << 11, FEW_SLOTS = 1 << 5, N_KINDS = 2 };

struct slot {
    int64_t pk; /* 0: empty */
    char *text; /* (owned) */
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

int names_find(struct store *store, enum name_kind kind, int64_t pk, const char **ret_text) {
    struct buffer text = {0};
    if (!store->names)
        store->names = new_names(store->is_small ? FEW_SLOTS : SLOTS);
    if (!store->names)
        return FATAL(ENOMEM);
    struct slot *slot = slot_of(store->names, kind, pk);
    if (slot->pk != pk) {
        int r =
            noting_describe(store, kind == NAME_OF_GROUP ? CHANGE_GROUP : CHANGE_USER, pk, &text);
        if (r < 0) {
            buffer_deinit(&text);
            return r;
        }
        free(slot->text);
        store->names->n_used += slot->pk == 0;
        *slot = (struct slot){.pk = pk, .text = text.bytes};
    }
    *ret_text = slot->text ? slot->text : "";
    return 0;
}

void names_clear(struct names *names) {
    if (!names || names->n_used == 0)
        return;
    for (size_t i = 0; i < N_KINDS * names->n_slots; i++) {
        free(names->slots[i].text);
        names->slots[i] = (struct slot){0};
    }
    names->n_used = 0;
}

void names_free(struct names *names) {
    names_clear(names);
    free(names);
}
