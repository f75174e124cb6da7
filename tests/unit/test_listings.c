/* Listings of users and groups, which read blocks in memory, compared with a plain look at every
 * row of the store: random rows, random requests, and random writes in between. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "contract/contract.h"
#include "iam/groups.h"
#include "iam/user_listing.h"
#include "store/access.h"
#include "store/copy.h"
#include "store/row_blocks.h"
#include "suite.h"
#include "util/cleanup.h"
#include "util/random.h"
#include "util/text_search.h"

enum { N_USERS = 1300, N_GROUPS = 700, N_TENANTS = 3, MAX_ROWS = 4000, N_ROUNDS = 400 };

static struct iam iam;
static uint64_t seed;
static int64_t tenants[N_TENANTS];
static unsigned n_names; /* makes ids and usernames unique */

static size_t below(size_t limit) {
    return (size_t)random_below(&seed, limit);
}

/* Short, so that many are equal, contain each other, or differ in case only. */
static const char *word(void) {
    static const char *const words[] = {"a",     "A",  "ab", "Ab",   "aB",       "b",
                                        "ba",    "",   "Zz", "[\\]", "\xc3\xa4", "\xc3\x84",
                                        "x y z", "a1", "A1", "0"};
    return words[below(sizeof(words) / sizeof(words[0]))];
}

static const char *word_or_null(void) {
    return below(4) == 0 ? NULL : word();
}

struct details {
    char id[40], username[40], email[40];
    struct user user;
};

static void draw_user(struct details *details, int64_t pk) {
    unsigned number = n_names++;
    bool is_account = below(8) == 0;
    snprintf(details->id, sizeof(details->id), "%s.%u", word(), number);
    snprintf(details->username, sizeof(details->username), "%s%s.%u", word(), word(), number);
    snprintf(details->email, sizeof(details->email), "%s.%u@%s", word(), number, word());
    details->user = (struct user){
        .pk = pk,
        .id = details->id,
        .username = details->username,
        .email = below(2) ? details->email : details->username,
        .first_name = word_or_null(),
        .last_name = word_or_null(),
        .name = is_account ? word() : NULL,
        .is_service_account = is_account,
        .super_admin = below(5) == 0,
    };
}

static int64_t last_user(void) {
    int64_t pk = 0;
    store_user_find_last(iam.store, &pk);
    return pk;
}

static void insert_user(void) {
    struct details details;
    int64_t pk;
    draw_user(&details, 0);
    ck_assert_int_eq(store_user_insert(iam.store, &details.user, &pk), 0);
    for (size_t i = 0; i < N_TENANTS; i++)
        if (below(i == 2 ? 10 : 4) == 0 || (i < 2 && below(2)))
            ck_assert_int_ge(store_access_insert(iam.store, pk, tenants[i], true), 0);
}

static void insert_group(int64_t tenant) {
    char id[40], name[40];
    int64_t pk;
    unsigned number = n_names++;
    snprintf(id, sizeof(id), "%s.%u", word(), number);
    snprintf(name, sizeof(name), "%s%s.%u", word(), word(), number);
    ck_assert_int_eq(store_group_insert(iam.store, tenant, id, name, word_or_null(), &pk), 0);
}

static void update_group(void) {
    char name[40];
    int64_t last = 0;
    store_group_find_last(iam.store, &last);
    struct group group = {
        .pk = 1 + (int64_t)below((size_t)last + 1), .name = name, .description = word_or_null()};
    snprintf(name, sizeof(name), "%s.%u", word(), n_names++);
    if (below(3) == 0)
        /* It has no members, so that the tenant does not matter. */
        ck_assert_int_eq(store_group_delete(iam.store, tenants[0], group.pk), 0);
    else
        ck_assert_int_eq(store_group_update(iam.store, &group), 0);
}

/* Writes something, and may take it back. */
static void write_something(void) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam.store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    for (size_t n = 1 + below(4); n > 0; n--) {
        int64_t pk = 1 + (int64_t)below((size_t)last_user() + 1);
        int64_t tenant = tenants[below(N_TENANTS)];
        struct details details;
        switch (below(8)) {
        case 0:
        case 1:
            insert_user();
            break;
        case 2:
            draw_user(&details, pk);
            details.user.is_service_account = false;
            ck_assert_int_eq(store_user_update(iam.store, &details.user), 0);
            break;
        case 3:
            ck_assert_int_eq(store_user_delete(iam.store, pk), 0);
            break;
        case 4:
            ck_assert_int_ge(store_access_delete(iam.store, pk, tenant), 0);
            break;
        case 5:
            insert_group(tenant);
            break;
        default:
            update_group();
        }
    }
    if (below(4) != 0)
        ck_assert_int_eq(store_commit(&transaction), 0);
}

static void fill(void) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam.store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(store_tenant_insert(iam.store, "one", "One", &tenants[0]), 0);
    ck_assert_int_eq(store_tenant_insert(iam.store, "two", "Two", &tenants[1]), 0);
    ck_assert_int_eq(store_tenant_insert(iam.store, "few", "Few users", &tenants[2]), 0);
    for (size_t i = 0; i < N_USERS; i++)
        insert_user();
    for (size_t i = 0; i < N_GROUPS; i++) /* those of the first block are of one tenant */
        insert_group(i <= ROW_BLOCK_SIZE ? tenants[1] : tenants[below(N_TENANTS)]);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

static void setup(void) {
    char error[STORE_ERROR_SIZE];
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(store_open(NULL, &iam.store, error), 0);
    iam.version = version_find("2.0");
    seed = 42;
    n_names = 0;
    fill();
}

static void teardown(void) {
    store_free(iam.store);
}

/* ---- The plain look at every row */

struct plain_row {
    int64_t pk;
    const char *columns[ACCESS_N_COLUMNS];
};

struct plain {
    struct arena *arena;
    struct listing *listing; /* has the columns, the order and the filter */
    size_t n_columns;
    int64_t tenant_pk; /* for rows that the scan does not choose by tenant */
    size_t count;
    struct plain_row rows[MAX_ROWS];
};

static bool occurs(const char *text, const char *q, size_t length) {
    for (; *text; text++)
        if (strncasecmp(text, q, length) == 0)
            return true;
    return false;
}

static bool matches_q(const struct plain *plain, const char *q, const char *const *columns) {
    bool any = false;
    if (!q || !*q || strcmp(q, "*") == 0)
        return true;
    while (*q) {
        size_t length = 0;
        while ((q[length] >= '0' && q[length] <= '9') || (unsigned char)q[length] >= 0x80 ||
               ((q[length] | 32) >= 'a' && (q[length] | 32) <= 'z'))
            length++;
        bool found = length == 0;
        for (size_t i = 0; i < plain->n_columns; i++)
            found |= plain->listing->rows.columns[i].searched && columns[i] && length > 0 &&
                     occurs(columns[i], q, length);
        if (!found)
            return false;
        any |= length > 0;
        q += length > 0 ? length : 1;
    }
    return any;
}

static int visit(void *cls, int64_t pk, const char *const *columns) {
    struct plain *plain = cls;
    bool holds = matches_q(plain, plain->listing->request->q, columns);
    if (holds && plain->listing->filter)
        ck_assert_int_eq(
            filter_test(plain->listing->filter, &plain->listing->rows, columns, &holds), 0);
    if (!holds)
        return 0;
    ck_assert_uint_lt(plain->count, MAX_ROWS);
    struct plain_row *row = &plain->rows[plain->count++];
    row->pk = pk;
    for (size_t i = 0; i < plain->n_columns; i++)
        row->columns[i] =
            columns[i] ? arena_copy(plain->arena, columns[i], strlen(columns[i])) : NULL;
    return 0;
}

/* Gives service accounts their columns. */
static int visit_account(void *cls, int64_t pk, const char *const *columns) {
    struct plain *plain = cls;
    const char *const account[ACCOUNT_N_COLUMNS] = {
        columns[USER_COLUMN_USERNAME], columns[USER_COLUMN_ID], columns[USER_COLUMN_SUPER_ADMIN]};
    return plain->tenant_pk == 0 || store_access_find(iam.store, pk, plain->tenant_pk) == 0
               ? visit(cls, pk, account)
               : 0;
}

static int visit_access(void *cls, int64_t pk, const char *const *columns) {
    const struct plain *plain = cls;
    return store_access_find(iam.store, pk, plain->tenant_pk) == 0 ? visit(cls, pk, columns) : 0;
}

static int compare_plain(const void *a, const void *b, void *cls) {
    const struct listing *listing = cls;
    const struct plain_row *left = a;
    const struct plain_row *right = b;
    for (size_t i = 0; i < listing->n_sorts; i++) {
        const char *x = left->columns[listing->sorts[i].column];
        const char *y = right->columns[listing->sorts[i].column];
        int order = !x || !y ? (x != NULL) - (y != NULL) : strcasecmp(x, y);
        if (order == 0 && x && y)
            order = strcmp(x, y);
        if (order != 0)
            return (listing->sorts[i].descending ? -1 : 1) * (order > 0 ? 1 : -1);
    }
    return (left->pk > right->pk) - (left->pk < right->pk);
}

/* ---- Random requests */

static const char *draw_q(void) {
    static const char *const queries[] = {NULL, NULL,       NULL,  "",    "*",   "a",
                                          "AB", "ab a",     "1 2", "-",   "x y", "13@",
                                          "zz", "\xc3\xa4", "b1 ", "?a?1"};
    static char number[8];
    snprintf(number, sizeof(number), "%u", (unsigned)below(n_names));
    return below(5) == 0 ? number : queries[below(sizeof(queries) / sizeof(queries[0]))];
}

static void draw_request(const char *const *sorts, size_t n_sorts, const char *filter,
                         struct arena *arena, struct listing_request *request) {
    static const char *const ops[] = {"EQUALS",  "NOT_EQUALS", "CONTAINS", "IN",
                                      "IS_NULL", "LESS_THAN",  "REGEX",    "STARTS_WITH"};
    *request = (struct listing_request){.page = 1, .size = 1 + (int64_t)below(30), .q = draw_q()};
    if (below(2))
        request->page = 1 + (int64_t)below(below(4) ? 20 : 2000);
    if (below(20) == 0)
        request->page = INT64_MAX - (int64_t)below(2);
    if (below(20) == 0)
        request->size = below(2) ? INT64_MAX : 3000;
    const char **keys = arena_alloc(arena, LISTING_MAX_SORTS * sizeof(*keys));
    for (size_t n = below(4); n > 0; n--)
        keys[request->sort.count++] =
            arena_format(arena, "%s:%s", sorts[below(n_sorts)], below(2) ? "asc" : "desc");
    request->sort.items = keys;
    if (below(3) != 0)
        return;
    struct name_value *pair = arena_alloc(arena, sizeof(*pair));
    const char *op = ops[below(sizeof(ops) / sizeof(ops[0]))];
    const char *value = word();
    pair->name = arena_format(arena, "filters[%s][%s]", filter, op);
    pair->value = strcmp(op, "IS_NULL") == 0 || value[0] == '[' ? "" : value;
    request->filters = (struct name_value_list){1, pair};
}

static void compare(const struct plain *plain, const struct listing_result *result) {
    const struct listing_request *request = plain->listing->request;
    uint64_t start = (uint64_t)request->page - 1;
    start = start > plain->count / (uint64_t)request->size ? plain->count
                                                           : start * (uint64_t)request->size;
    start = start > plain->count ? plain->count : start;
    uint64_t count = plain->count - start;
    count = count > (uint64_t)request->size ? (uint64_t)request->size : count;
    ck_assert_msg((uint64_t)result->total == plain->count && result->count == count,
                  "page %" PRId64 " of %" PRId64 ", q %s: %zu of %" PRId64 ", and not %zu of %zu",
                  request->page, request->size, request->q, result->count, result->total,
                  (size_t)count, plain->count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(result->pks[i] == plain->rows[start + i].pk,
                      "page %" PRId64 " of %" PRId64 ", q %s, %zu sorts: place %zu has %" PRId64
                      " and not %" PRId64,
                      request->page, request->size, request->q, request->sort.count, i,
                      result->pks[i], plain->rows[start + i].pk);
}

static void sort(struct plain *plain) {
    qsort_r(plain->rows, plain->count, sizeof(plain->rows[0]), compare_plain, plain->listing);
}

static void list_users(struct plain *plain, enum iam_kind kind, int64_t tenant_pk) {
    static const char *const user_sorts[] = {"username", "email", "firstName", "lastName"};
    static const char *const account_sorts[] = {"name", "id"};
    static const char *const flags[] = {"true", "false", NULL};
    static const struct listing_column account_columns[ACCOUNT_N_COLUMNS] = {
        {.name = "name", .searched = true}, {.name = "id"}, {.name = "flag", .values = flags}};
    bool accounts = kind == IAM_SERVICE_ACCOUNT;
    const char *problem;
    struct listing listing;
    struct listing plain_listing;
    struct listing_request request;
    struct listing_result result;
    draw_request(accounts ? account_sorts : user_sorts, accounts ? 2 : 4,
                 accounts ? account_sorts[below(2)] : user_sorts[below(4)], plain->arena, &request);
    plain->listing = &plain_listing;
    plain->tenant_pk = tenant_pk;
    plain->n_columns = accounts ? ACCOUNT_N_COLUMNS : tenant_pk ? ACCESS_N_COLUMNS : USER_N_COLUMNS;
    struct listing *listings[] = {&listing, &plain_listing};
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(accounts ? listing_init(listings[i], &request, account_columns,
                                                 ACCOUNT_N_COLUMNS, plain->arena, &problem)
                                  : user_listing_init(&iam, listings[i], &request, plain->n_columns,
                                                      plain->arena, &problem),
                         0);
    ck_assert_int_eq(tenant_pk ? user_listing_run_tenant(&iam, kind, tenant_pk, &listing, &result)
                               : user_listing_run(&iam, kind, NULL, &listing, &result),
                     0);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam.store, &transaction);
    int r = accounts ? store_user_scan(iam.store, true, USER_N_COLUMNS, visit_account, plain)
            : tenant_pk
                ? store_user_scan_range(iam.store, 0, INT64_MAX, MAX_ROWS, visit_access, plain)
                : store_user_scan(iam.store, false, USER_N_COLUMNS, visit, plain);
    ck_assert_int_eq(r, 0);
    sort(plain);
    compare(plain, &result);
}

static void check_group(const struct group *group, const struct plain_row *row) {
    const char *description = row->columns[GROUP_COLUMN_DESCRIPTION];
    ck_assert_str_eq(group->id, row->columns[GROUP_COLUMN_ID]);
    ck_assert_str_eq(group->name, row->columns[GROUP_COLUMN_NAME]);
    ck_assert_int_eq(group->description != NULL, description != NULL);
    if (description)
        ck_assert_str_eq(group->description, description);
}

static void list_groups(struct plain *plain, int64_t tenant_pk) {
    static const char *const sorts[] = {"name", "description"};
    static const struct listing_column columns[GROUP_N_COLUMNS] = {
        {.name = "name", .searched = true},
        {.name = "description"},
        {.name = "id", .no_sort = true}};
    const char *problem;
    struct listing plain_listing;
    struct listing_request request;
    struct group_page page;
    draw_request(sorts, 2, sorts[below(2)], plain->arena, &request);
    plain->listing = &plain_listing;
    plain->n_columns = GROUP_N_COLUMNS;
    ck_assert_int_eq(
        listing_init(&plain_listing, &request, columns, GROUP_N_COLUMNS, plain->arena, &problem),
        0);
    ck_assert_int_eq(iam_list_groups(&iam, tenant_pk, &request, plain->arena, &page, &problem), 0);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam.store, &transaction);
    ck_assert_int_eq(store_group_scan(iam.store, tenant_pk, GROUP_N_COLUMNS, visit, plain), 0);
    sort(plain);
    int64_t *pks = arena_alloc(plain->arena, page.count * sizeof(*pks));
    for (size_t i = 0; i < page.count; i++)
        pks[i] = page.groups[i].pk;
    compare(plain, &(struct listing_result){pks, page.count, page.total});
    for (size_t i = 0; i < page.count; i++)
        for (size_t j = 0; j < plain->count; j++)
            if (plain->rows[j].pk == pks[i])
                check_group(&page.groups[i], &plain->rows[j]);
}

static void list_something(struct plain *plain) {
    int64_t tenant = tenants[below(N_TENANTS)];
    switch (below(6)) {
    case 0:
    case 1:
        list_users(plain, IAM_USER, 0);
        break;
    case 2:
        list_users(plain, IAM_ANYBODY, tenant);
        break;
    case 3:
        list_users(plain, IAM_SERVICE_ACCOUNT, below(2) ? tenant : 0);
        break;
    default:
        list_groups(plain, tenant);
    }
}

/* So long that no blocks are kept. */
static void insert_long_rows(void) {
    static char text[300 * 1024];
    CLEANUP(store_transaction_end) struct transaction transaction;
    struct details details;
    int64_t pk;
    memset(text, 'l', sizeof(text) - 1);
    store_begin(iam.store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    draw_user(&details, 0);
    details.user.last_name = text;
    ck_assert_int_eq(store_user_insert(iam.store, &details.user, &pk), 0);
    ck_assert_int_eq(store_group_insert(iam.store, tenants[0], "long", "long", text, &pk), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

START_TEST(listings_show_what_every_row_shows) {
    static struct plain plain;
    struct store_copy *copy;
    seed = (uint64_t)_i + 1;
    if (_i % 3 == 2)
        insert_long_rows();
    ck_assert_int_eq(store_copy_take(iam.store, &copy), 0);
    for (int i = 0; i < N_ROUNDS; i++) {
        struct arena arena;
        arena_init(&arena);
        plain.arena = &arena;
        plain.count = 0;
        if (below(3) == 0)
            write_something();
        if (below(100) == 0)
            ck_assert_int_eq(store_copy_restore(iam.store, copy), 0);
        list_something(&plain);
        arena_deinit(&arena);
    }
    store_copy_free(copy);
}
END_TEST

/* ---- Listings beside writes */

static atomic_bool stops;
static atomic_int n_writes;
static atomic_int n_failures; /* the macros of Check are too slow */

static void *write_users(void *cls) {
    (void)cls;
    while (!atomic_load(&stops)) {
        CLEANUP(store_transaction_end) struct transaction transaction;
        struct details details;
        int64_t pk;
        store_begin(iam.store, &transaction);
        n_failures += store_start_writing(&transaction) != 0;
        draw_user(&details, 0);
        n_failures += store_user_insert(iam.store, &details.user, &pk) != 0;
        if (below(2))
            n_failures += store_user_delete(iam.store, pk) != 0;
        draw_user(&details, 1 + (int64_t)below(N_USERS));
        n_failures += store_user_update(iam.store, &details.user) != 0;
        n_failures += store_commit(&transaction) != 0;
        n_writes++;
    }
    return NULL;
}

static bool are_sound(const struct row_blocks *blocks, int64_t last) {
    int64_t before = INT64_MIN;
    size_t n_old = 0;
    bool ascends = true;
    for (size_t i = 0; i < blocks->count; i++) {
        for (size_t j = 0; j < blocks->items[i]->count; j++) {
            int64_t pk = blocks->items[i]->rows[j].pk;
            ascends &= pk > before;
            n_old += pk <= last;
            before = pk;
        }
    }
    return ascends && n_old == N_USERS;
}

START_TEST(listings_beside_writes_see_each_row_once) {
    pthread_t writer;
    int64_t last = last_user();
    atomic_store(&stops, false);
    atomic_store(&n_writes, 0);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_users, NULL), 0);
    for (int i = 0; i < 300 || atomic_load(&n_writes) < 500; i++) {
        struct row_blocks *blocks;
        ck_assert_int_eq(row_blocks_take(iam.store, ROWS_USERS, &blocks), 0);
        ck_assert(are_sound(blocks, last));
        row_blocks_release(&blocks);
    }
    atomic_store(&stops, true);
    pthread_join(writer, NULL);
    ck_assert_int_eq(atomic_load(&n_failures), 0);
}
END_TEST

/* ---- Searches in text */

START_TEST(a_search_finds_what_a_plain_search_finds) {
    static const char letters[] = "aAbB[{@`1";
    char text[128];
    char wanted[8];
    for (int round = 0; round < 20000; round++) {
        size_t size = below(sizeof(text));
        size_t length = 1 + below(sizeof(wanted) - 1);
        for (size_t i = 0; i < size; i++)
            text[i] = letters[below(sizeof(letters))];
        for (size_t i = 0; i < length; i++)
            wanted[i] = letters[below(sizeof(letters) - 1)];
        const char *expected = NULL;
        for (size_t i = 0; !expected && i + length <= size; i++)
            if (!memchr(text + i, '\0', length) && strncasecmp(text + i, wanted, length) == 0)
                expected = text + i;
        if (text_search(text, size, wanted, length) != expected)
            ck_abort_msg("%.*s in %.*s", (int)length, wanted, (int)size, text);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("listings");
    TCase *tcase = suite_add(suite, "listings");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, listings_show_what_every_row_shows, 0, 6);
    tcase_add_test(tcase, listings_beside_writes_see_each_row_once);
    tcase_add_test(tcase, a_search_finds_what_a_plain_search_finds);
    return suite_run(suite);
}
