/* Violations with their own memory, and access to the first one. */
#pragma once

#include "json/violations.h"
#include "util/cleanup.h"

struct refusal {
    struct arena arena;
    struct violations violations;
};

static inline void refusal_init(struct refusal *refusal) {
    arena_init(&refusal->arena);
    refusal->violations = (struct violations){.arena = &refusal->arena};
}

static inline void refusal_deinit(struct refusal *refusal) {
    arena_deinit(&refusal->arena);
}

/* Returns "" when nothing was refused. */
static inline const char *refusal_pointer(struct refusal *refusal) {
    return refusal->violations.count > 0
               ? json_place_pointer(refusal->violations.items[0].place, &refusal->arena)
               : "";
}

static inline const char *refusal_message(const struct refusal *refusal) {
    return refusal->violations.count > 0 ? refusal->violations.items[0].message : "";
}
