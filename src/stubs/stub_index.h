/* Finds the stubs that may match a path, so that a request does not meet those that cannot. */
#pragma once

#include "stubs/stub.h"

/* All zero is an index of no stubs. */
struct stub_index {
    struct stub **chains; /* (owned) by hash, each in the order of the list */
    size_t n_chains;      /* a power of two */
    struct stub *others;  /* those that any path may match */
    unsigned depths;      /* bit i: some stubs need a path that begins with certain i segments */
};

/* Indexes a list, whose stubs can be in no other index. The index borrows them, and is of no use
 * once the list changes. Returns 0 or -ENOMEM. */
int stub_index_init(struct stub_index *index, const struct stub_list *list);
void stub_index_deinit(struct stub_index *index);

enum { STUB_INDEX_DEPTH = 8 };

/* A walk through the candidates of a path. */
struct stub_walk {
    struct stub_step {
        struct stub *next; /* or NULL */
        unsigned key;
    } steps[STUB_INDEX_DEPTH + 2]; /* for each depth, the whole path, and any path */
    size_t n_steps;
};

/* `target` is a path, and may have a query. */
void stub_walk_init(struct stub_walk *walk, const struct stub_index *index, const char *target);

/* Returns the candidates one by one, in the order of the list, and then NULL. */
struct stub *stub_walk_next(struct stub_walk *walk);
