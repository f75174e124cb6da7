/* What requests and their responses have that the contract does not allow. */
#pragma once

#include "sandbox/journal.h"
#include "util/arena.h"

struct breach {
    const struct journal_entry *entry;
    const char *kind;
    const char *parameter; /* NULL: the breach is not about a parameter */
};

enum { BREACHES_PER_ENTRY = 3 };

/* Returns how many it has found. Their texts live in the arena. */
size_t breaches_find(const struct journal_entry *entry, struct arena *arena,
                     struct breach out[BREACHES_PER_ENTRY]);
