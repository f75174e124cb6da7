#include "iam/user_listing.h"

#include <errno.h>
#include <string.h>

#include "iam/block_listing.h"
#include "store/row_blocks.h"
#include "store/tenant_users.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* How many users are viewed, or read for a search, before others may have the lock, and up to how
 * many a listing reads instead of making blocks of all users. */
enum { VIEWED_AT_ONCE = 32, READ_AT_ONCE = 128, FEW = 512 };

static const char *const flags[] = {"true", "false", NULL};
static const char *const types[] = {"STANDARD", "SERVICE_ACCOUNT", NULL};

/* The version gives the privilege its name. */
static const struct listing_column user_columns[ACCESS_N_COLUMNS] = {
    [USER_COLUMN_USERNAME] = {"username", true, .any_case = true},
    [USER_COLUMN_EMAIL] = {"email", true, .any_case = true},
    [USER_COLUMN_FIRST_NAME] = {"firstName", true},
    [USER_COLUMN_LAST_NAME] = {"lastName", true},
    [USER_COLUMN_ID] = {"id", .no_sort = true},
    [USER_COLUMN_SUPER_ADMIN] = {.any_case = true, .no_sort = true, .values = flags},
    [USER_COLUMN_TYPE] = {"type", .no_sort = true, .values = types},
};

int user_listing_init(const struct iam *iam, struct listing *listing,
                      const struct listing_request *request, size_t n_columns, struct arena *arena,
                      const char **reterr_problem) {
    struct listing_column *named = arena_alloc(arena, sizeof(user_columns));
    if (!named)
        return FATAL(ENOMEM);
    memcpy(named, user_columns, sizeof(user_columns));
    named[USER_COLUMN_SUPER_ADMIN].name = iam->version->privilege;
    return listing_init(listing, request, named, n_columns, arena, reterr_problem);
}

static void read_user(const struct row_block *block, const struct row *row, const char **columns) {
    for (size_t i = 0; i < USER_COLUMN_SUPER_ADMIN; i++)
        columns[i] = row_block_text(block, row, i);
    columns[USER_COLUMN_SUPER_ADMIN] = flags[(row->flags & ROW_IS_SUPER_ADMIN) == 0];
    columns[USER_COLUMN_TYPE] = types[(row->flags & ROW_IS_SERVICE_ACCOUNT) != 0];
}

static void read_account(const struct row_block *block, const struct row *row,
                         const char **columns) {
    columns[ACCOUNT_COLUMN_NAME] = row_block_text(block, row, USER_COLUMN_USERNAME);
    columns[ACCOUNT_COLUMN_ID] = row_block_text(block, row, USER_COLUMN_ID);
    columns[ACCOUNT_COLUMN_SUPER_ADMIN] = flags[(row->flags & ROW_IS_SUPER_ADMIN) == 0];
}

/* A listing without search, filter or order needs no columns. */
static int take_page(const struct key_list *users, struct listing *listing,
                     struct listing_result *ret_result) {
    size_t next = listing->start < users->count ? listing->start : users->count;
    int r = 0;
    listing_count(listing, next);
    for (; r == 0 && next < users->count && next < listing->end; next++)
        r = listing_take(listing, users->pks[next], NULL);
    listing_count(listing, users->count - next);
    return r == 0 ? listing_finish(listing, ret_result) : r;
}

static int read_few(struct iam *iam, const struct key_list *users, struct listing *listing,
                    struct listing_result *ret_result) {
    int r = 0;
    for (size_t next = 0; r == 0 && next < users->count;) {
        struct transaction transaction;
        store_give_way(iam->store);
        store_begin(iam->store, &transaction);
        for (size_t i = 0; r == 0 && i < READ_AT_ONCE && next < users->count; i++) {
            int64_t pk = users->pks[next++];
            r = store_user_scan_range(iam->store, pk, pk + 1, 1, listing_visit, listing);
        }
        store_transaction_end(&transaction);
    }
    return r == 0 ? listing_finish(listing, ret_result) : r;
}

static struct row_selection select_users(struct iam *iam, enum iam_kind kind,
                                         const struct key_list *users) {
    return (struct row_selection){
        .store = iam->store,
        .kind = ROWS_USERS,
        .required = kind == IAM_SERVICE_ACCOUNT ? ROW_IS_SERVICE_ACCOUNT : 0,
        .excluded = kind == IAM_USER ? ROW_IS_SERVICE_ACCOUNT : 0,
        .pks = users ? users->pks : NULL,
        .n_pks = users ? users->count : 0,
        .read = kind == IAM_SERVICE_ACCOUNT ? read_account : read_user,
        .has_same_texts = kind != IAM_SERVICE_ACCOUNT,
    };
}

int user_listing_run(struct iam *iam, enum iam_kind kind, const struct key_list *users,
                     struct listing *listing, struct listing_result *ret_result) {
    CLEANUP(row_blocks_release) struct row_blocks *blocks = NULL;
    const struct row_selection selection = select_users(iam, kind, users);
    if (users && kind == IAM_ANYBODY && listing->n_used == 0)
        return take_page(users, listing, ret_result);
    if (users && kind == IAM_ANYBODY && users->count <= FEW)
        return read_few(iam, users, listing, ret_result);
    int r = row_blocks_take(iam->store, ROWS_USERS, &blocks);
    return r == 0 || r == ROW_BLOCKS_TOO_LARGE
               ? block_listing_run(listing, blocks, &selection, ret_result)
               : r;
}

int user_listing_run_tenant(struct iam *iam, enum iam_kind kind, int64_t tenant_pk,
                            struct listing *listing, struct listing_result *ret_result) {
    CLEANUP(key_list_release) struct key_list *users = NULL;
    int r = tenant_users_take(iam->store, tenant_pk, &users);
    return r == 0 ? user_listing_run(iam, kind, users, listing, ret_result) : r;
}

int user_listing_scan_tenant(struct iam *iam, enum iam_kind kind, int64_t tenant_pk,
                             store_visit visit, void *cls) {
    CLEANUP(row_blocks_release) struct row_blocks *blocks = NULL;
    CLEANUP(key_list_release) struct key_list *users = NULL;
    int r = row_blocks_take(iam->store, ROWS_USERS, &blocks);
    if (r == 0 || r == ROW_BLOCKS_TOO_LARGE)
        r = tenant_users_take(iam->store, tenant_pk, &users);
    if (r != 0)
        return r;
    const struct row_selection selection = select_users(iam, kind, users);
    return block_listing_scan(blocks, &selection, visit, cls);
}

/* Views the next users of the page. */
static int view_some(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                     size_t *next, struct arena *arena, struct user_page *page) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_give_way(iam->store);
    store_begin(iam->store, &transaction);
    for (size_t i = 0; i < VIEWED_AT_ONCE && *next < result->count; i++) {
        int r =
            iam_view_user(iam, result->pks[(*next)++], tenant_pk, arena, &page->users[page->count]);
        if (r < 0)
            return r;
        if (r == 0)
            page->count++;
        else
            page->total--;
    }
    return 0;
}

int user_listing_view(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                      struct arena *arena, struct user_page *ret_page) {
    struct user_view *users = arena_alloc(arena, result->count * sizeof(*users));
    struct user_page page = {.users = users, .total = result->total};
    int r = users ? 0 : FATAL(ENOMEM);
    for (size_t next = 0; r == 0 && next < result->count;)
        r = view_some(iam, result, tenant_pk, &next, arena, &page);
    if (r == 0)
        *ret_page = page;
    return r;
}

int iam_list_users(struct iam *iam, const struct listing_request *request, struct arena *arena,
                   struct user_page *ret_page, const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r = user_listing_init(iam, &listing, request, USER_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = user_listing_run(iam, IAM_USER, NULL, &listing, &result);
    return r == 0 ? user_listing_view(iam, &result, 0, arena, ret_page) : r;
}
