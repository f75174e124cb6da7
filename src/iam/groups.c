#include "iam/groups.h"

#include <errno.h>
#include <string.h>

#include "iam/block_listing.h"
#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/membership.h"
#include "store/row_blocks.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static const struct listing_column columns[GROUP_N_COLUMNS] = {
    [GROUP_COLUMN_NAME] = {"name", true},
    [GROUP_COLUMN_DESCRIPTION] = {"description"},
    [GROUP_COLUMN_ID] = {"id", .no_sort = true},
};

static int add_members(struct iam *iam, int64_t tenant_pk, int64_t group_pk,
                       const struct string_list *members, const char **reterr_unknown) {
    const struct membership_list joined = {&(struct membership){.group_pk = group_pk}, 1};
    for (size_t i = 0; i < members->count; i++) {
        int64_t user_pk;
        int r = store_user_find(iam->store, members->items[i], &user_pk);
        if (r == STORE_NOT_FOUND) {
            *reterr_unknown = members->items[i];
            return IAM_UNKNOWN_USER;
        }
        if (r == 0)
            r = store_access_insert(iam->store, user_pk, tenant_pk, false);
        if (r >= 0)
            r = store_membership_append(iam->store, user_pk, tenant_pk, &joined);
        if (r < 0)
            return r;
    }
    return 0;
}

int iam_create_group(struct iam *iam, int64_t tenant_pk, const char *name, const char *description,
                     const struct string_list *members, struct arena *arena,
                     struct group *ret_group, const char **reterr_unknown) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_group_insert(iam->store, tenant_pk, id, name, description, &pk);
    if (r == STORE_EXISTS)
        return IAM_NAME_TAKEN;
    if (r == 0)
        r = add_members(iam, tenant_pk, pk, members, reterr_unknown);
    if (r == 0)
        r = store_group_find_by_pk(iam->store, pk, arena, ret_group);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

static int find_group(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                      struct group *ret_group) {
    int64_t pk;
    int r = store_group_find(iam->store, tenant_pk, id, &pk);
    if (r == 0)
        r = store_group_find_by_pk(iam->store, pk, arena, ret_group);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_GROUP : r;
}

int iam_get_group(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                  struct group *ret_group) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return find_group(iam, tenant_pk, id, arena, ret_group);
}

int iam_update_group(struct iam *iam, int64_t tenant_pk, const char *id, const char *name,
                     const char *description, struct arena *arena, struct group *ret_group) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct group group;
    int r = find_group(iam, tenant_pk, id, arena, &group);
    if (r != 0)
        return r;
    group.name = name;
    group.description = description;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_group_update(iam->store, &group);
    if (r == STORE_EXISTS)
        return IAM_NAME_TAKEN;
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        *ret_group = group;
    return r;
}

int iam_delete_group(struct iam *iam, int64_t tenant_pk, const char *id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_group_find(iam->store, tenant_pk, id, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_GROUP;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_group_delete(iam->store, tenant_pk, pk);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, 0);
    return r;
}

static void read_columns(const struct row_block *block, const struct row *row, const char **texts) {
    for (size_t i = 0; i < GROUP_N_COLUMNS; i++)
        texts[i] = row_block_text(block, row, i);
}

static int copy(const char *text, struct arena *arena, const char **ret_copy) {
    *ret_copy = text ? arena_copy(arena, text, strlen(text)) : NULL;
    return *ret_copy || !text ? 0 : FATAL(ENOMEM);
}

/* The blocks have all that a page shows. */
static int read_page(const struct row_blocks *blocks, const struct listing_result *result,
                     struct arena *arena, struct group_page *ret_page) {
    struct group *groups = arena_alloc(arena, result->count * sizeof(*groups));
    int r = groups ? 0 : FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < result->count; i++) {
        const struct row_block *block;
        const struct row *row = block_listing_find(blocks, result->pks[i], &block);
        struct group *group = &groups[i];
        *group = (struct group){.pk = row->pk, .tenant_pk = row->tenant_pk};
        r = copy(row_block_text(block, row, GROUP_COLUMN_ID), arena, &group->id);
        if (r == 0)
            r = copy(row_block_text(block, row, GROUP_COLUMN_NAME), arena, &group->name);
        if (r == 0)
            r = copy(row_block_text(block, row, GROUP_COLUMN_DESCRIPTION), arena,
                     &group->description);
    }
    if (r == 0)
        *ret_page = (struct group_page){groups, result->count, result->total};
    return r;
}

/* Reads the page from the store, without groups that were deleted meanwhile. */
static int find_page(struct iam *iam, const struct listing_result *result, struct arena *arena,
                     struct group_page *ret_page) {
    struct group_page page = {arena_alloc(arena, result->count * sizeof(*page.groups)), 0,
                              result->total};
    if (!page.groups)
        return FATAL(ENOMEM);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    for (size_t i = 0; i < result->count; i++) {
        int r = store_group_find_by_pk(iam->store, result->pks[i], arena, &page.groups[page.count]);
        if (r < 0)
            return r;
        page.count += r == 0;
        page.total -= r != 0;
    }
    *ret_page = page;
    return 0;
}

int iam_list_groups(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                    struct arena *arena, struct group_page *ret_page, const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r = listing_init(&listing, request, columns, GROUP_N_COLUMNS, arena, reterr_problem);
    CLEANUP(row_blocks_release) struct row_blocks *blocks = NULL;
    const struct row_selection selection = {.store = iam->store,
                                            .kind = ROWS_GROUPS,
                                            .tenant_pk = tenant_pk,
                                            .read = read_columns,
                                            .has_same_texts = true};
    if (r == 0)
        r = row_blocks_take(iam->store, ROWS_GROUPS, &blocks);
    if (r == 0 || r == ROW_BLOCKS_TOO_LARGE)
        r = block_listing_run(&listing, blocks, &selection, &result);
    if (r != 0)
        return r;
    return blocks ? read_page(blocks, &result, arena, ret_page)
                  : find_page(iam, &result, arena, ret_page);
}

static bool is_listed(const struct group_page *page, int64_t pk) {
    for (size_t i = 0; i < page->count; i++)
        if (page->groups[i].pk == pk)
            return true;
    return false;
}

int iam_find_groups(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                    struct arena *arena, struct group_page *ret_page) {
    struct group_page page = {.groups = arena_alloc(arena, ids->count * sizeof(struct group))};
    if (!page.groups)
        return FATAL(ENOMEM);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    for (size_t i = 0; i < ids->count; i++) {
        struct group *group = &page.groups[page.count];
        int r = find_group(iam, tenant_pk, ids->items[i], arena, group);
        if (r < 0)
            return r;
        if (r == 0 && !is_listed(&page, group->pk))
            page.count++;
    }
    *ret_page = page;
    return 0;
}
