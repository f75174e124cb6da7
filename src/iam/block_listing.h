/* Runs a listing over blocks of rows in memory, without the store's lock. Without blocks, because
 * their texts would be too long to keep, it reads them one after the other. */
#pragma once

#include "iam/listing.h"
#include "store/row_block.h"

/* Which rows to list, and how to show them. */
struct row_selection {
    struct store *store; /* where the blocks are read when there are none in memory */
    enum row_kind kind;
    int64_t tenant_pk;  /* only groups of this tenant; 0: any */
    uint32_t required;  /* only rows with these flags, */
    uint32_t excluded;  /* and without these */
    const int64_t *pks; /* only these, by ascending keys; NULL: all */
    size_t n_pks;
    void (*read)(const struct row_block *block, const struct row *row, const char **columns);
    /* The columns of the listing are the texts of the block, q searches what the block's search
     * area has, and sort keys are among its sorted texts. Otherwise the listing sees every row. */
    bool has_same_texts;
};

/* Shows the listing the selected rows, and finishes it. Returns as listing_visit. */
int block_listing_run(struct listing *listing, const struct row_blocks *blocks,
                      const struct row_selection *selection, struct listing_result *ret_result);

/* Passes the selected rows to `visit`, by ascending keys. Stops at the first result other than 0
 * and returns it. */
int block_listing_scan(const struct row_blocks *blocks, const struct row_selection *selection,
                       store_visit visit, void *cls);

/* Finds a row by its key. Returns it and its block, or NULL. */
const struct row *block_listing_find(const struct row_blocks *blocks, int64_t pk,
                                     const struct row_block **ret_block);

/* Whether the listing of a kind of row may take longer than a millisecond. Takes the store's
 * lock. */
bool block_listing_is_long(struct store *store, enum row_kind kind,
                           const struct listing_request *request);
