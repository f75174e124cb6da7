#include "store/tenant_users.h"

#include <errno.h>
#include <stdlib.h>

#include "store/access.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum { KEYS_AT_ONCE = 2048 };

struct reading {
    struct key_list *users; /* (owned) */
    size_t capacity;
};

static void reading_deinit(struct reading *reading) {
    key_list_release(&reading->users);
}

static int add(void *cls, int64_t pk, const char *const *columns) {
    struct reading *reading = cls;
    struct key_list *users = reading->users;
    (void)columns;
    if (users->count == reading->capacity) {
        size_t capacity = 2 * reading->capacity;
        struct key_list *grown = realloc(users, sizeof(*users) + capacity * sizeof(users->pks[0]));
        if (!grown)
            return FATAL(ENOMEM);
        reading->users = users = grown;
        reading->capacity = capacity;
    }
    users->pks[users->count++] = pk;
    return 0;
}

static int start(struct reading *reading) {
    enum { FIRST_CAPACITY = 16 };
    reading->users = key_list_new(FIRST_CAPACITY);
    reading->capacity = FIRST_CAPACITY;
    return reading->users ? 0 : FATAL(ENOMEM);
}

static int read_some(struct store *store, int64_t tenant_pk, struct reading *reading,
                     bool *ret_done) {
    const struct key_list *users = reading->users;
    size_t before = users->count;
    int64_t after = before > 0 ? users->pks[before - 1] : INT64_MIN;
    int r = store_access_scan_users(store, tenant_pk, after, KEYS_AT_ONCE, add, reading);
    *ret_done = r == 0 && reading->users->count - before < KEYS_AT_ONCE;
    return r;
}

int tenant_users_take(struct store *store, int64_t tenant_pk, struct key_list **ret_users) {
    CLEANUP(reading_deinit) struct reading reading = {0};
    uint64_t changes = 0;
    int r = start(&reading);
    for (bool done = false, started = false; r == 0 && !done; started = true) {
        if (started)
            store_give_way(store);
        CLEANUP(store_transaction_end) struct transaction transaction;
        store_begin(store, &transaction);
        if (!started && store->tenant_users && store->tenant_users_of == tenant_pk) {
            *ret_users = key_list_share(store->tenant_users);
            return 0;
        }
        changes = started ? changes : store->access_changes;
        r = read_some(store, tenant_pk, &reading, &done);
        if (!done || changes != store->access_changes)
            continue;
        key_list_release(&store->tenant_users);
        store->tenant_users = key_list_share(reading.users);
        store->tenant_users_of = tenant_pk;
    }
    if (r == 0)
        *ret_users = TAKE(reading.users);
    return r;
}
