/* Copies of a store share its content until one of them writes. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/copy.h"
#include "store/statement.h"
#include "store/tenant.h"
#include "suite.h"
#include "util/random.h"

enum { MANY = 40000 }; /* tenants of a database that is more than a MiB */

static struct store *store;
static char error[STORE_ERROR_SIZE];

static void setup(void) {
    ck_assert_int_eq(store_open(NULL, &store, error), 0);
}

static void teardown(void) {
    store_free(store);
}

/* Adds the tenants t<first> up to t<last>. */
static void add(struct store *to, int first, int last) {
    struct transaction transaction;
    store_begin(to, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    for (int i = first; i <= last; i++) {
        char id[16];
        int64_t pk;
        snprintf(id, sizeof(id), "t%d", i);
        ck_assert_int_eq(store_tenant_insert(to, id, id, &pk), 0);
    }
    ck_assert_int_eq(store_commit(&transaction), 0);
}

static bool has(struct store *in, int i) {
    struct transaction transaction;
    char id[16];
    int64_t pk;
    snprintf(id, sizeof(id), "t%d", i);
    store_begin(in, &transaction);
    key_cache_clear(in->keys); /* so that SQLite answers */
    int r = store_tenant_find(in, id, &pk);
    store_transaction_end(&transaction);
    ck_assert(r == 0 || r == STORE_NOT_FOUND);
    return r == 0;
}

static struct store_copy *take(struct store *from) {
    struct store_copy *copy;
    ck_assert_int_eq(store_copy_take(from, &copy), 0);
    return copy;
}

static struct store *open_copy(const struct store_copy *copy) {
    struct store *opened;
    ck_assert_int_eq(store_open_copy(copy, &opened), 0);
    return opened;
}

START_TEST(a_write_shows_in_one_store_only) {
    add(store, 1, 1);
    struct store_copy *start = take(store);
    struct store *first = open_copy(start);
    struct store *second = open_copy(start);
    add(first, 2, 2);
    add(second, 3, 3);
    add(store, 4, 4);
    ck_assert(has(first, 1) && has(first, 2) && !has(first, 3) && !has(first, 4));
    ck_assert(has(second, 1) && !has(second, 2) && has(second, 3) && !has(second, 4));
    ck_assert(has(store, 1) && !has(store, 2) && !has(store, 3) && has(store, 4));
    struct store_copy *later = take(first);
    store_free(first);
    ck_assert_int_eq(store_copy_restore(second, later), 0);
    ck_assert(has(second, 2) && !has(second, 3));
    ck_assert_int_eq(store_copy_restore(second, start), 0);
    ck_assert(has(second, 1) && !has(second, 2) && !has(second, 3));
    add(second, 5, 5);
    store_copy_free(start);
    store_copy_free(later);
    ck_assert(has(second, 1) && has(second, 5));
    store_free(second);
}
END_TEST

START_TEST(what_was_rolled_back_is_in_no_copy) {
    struct transaction transaction;
    int64_t pk;
    struct store_copy *start = take(store);
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    for (int i = 1; i <= MANY; i++) { /* more than SQLite keeps before it writes */
        char id[16];
        snprintf(id, sizeof(id), "t%d", i);
        ck_assert_int_eq(store_tenant_insert(store, id, id, &pk), 0);
    }
    store_transaction_end(&transaction);
    struct store_copy *later = take(store);
    struct store *opened = open_copy(later);
    ck_assert(!has(opened, 1) && !has(opened, MANY) && !has(store, 1));
    add(opened, 1, 2);
    ck_assert(has(opened, 2));
    store_free(opened);
    store_copy_free(start);
    store_copy_free(later);
}
END_TEST

/* Opens a store whose tables are in other places, although their schema has the same number. */
static struct store *open_other(void) {
    struct store *other;
    int number;
    ck_assert_int_eq(store_open_scratch(NULL, &other, error), 0);
    ck_assert_int_eq(statement_read_number(store, "PRAGMA schema_version", &number), 0);
    char sql[400];
    snprintf(sql, sizeof(sql),
             "PRAGMA foreign_keys = OFF; DROP TABLE tenants; CREATE TABLE other (number INTEGER);"
             "CREATE TABLE tenants (pk INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
             "name TEXT NOT NULL, details TEXT) STRICT;"
             "PRAGMA foreign_keys = ON; PRAGMA schema_version = %d",
             number);
    ck_assert_int_eq(statement_execute(other, sql), 0);
    return other;
}

/* The statements are prepared before and after. */
START_TEST(takes_what_another_store_has) {
    struct store *other = open_other();
    add(store, 1, 2);
    add(other, 1, MANY);
    struct store_copy *small = take(store);
    struct store_copy *large = take(other);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(store_copy_restore(store, large), 0);
        ck_assert(has(store, MANY));
        add(store, MANY + 1, MANY + 2);
        ck_assert_int_eq(store_copy_restore(store, small), 0);
        ck_assert(has(store, 2) && !has(store, 3) && !has(store, MANY + 1));
        add(store, 3, 4);
        ck_assert(has(store, 4));
    }
    ck_assert(has(other, MANY) && !has(other, MANY + 1));
    store_copy_free(small);
    store_copy_free(large);
    store_free(other);
}
END_TEST

START_TEST(goes_into_a_file_and_out_of_it) {
    char directory[] = "/tmp/kestub-copy-XXXXXX";
    char path[64];
    struct store *file;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/db", directory);
    ck_assert_int_eq(store_open(path, &file, error), 0);
    add(store, 1, 1);
    add(file, 2, 2);
    struct store_copy *of_memory = take(store);
    struct store_copy *of_file = take(file);
    ck_assert_int_eq(store_copy_restore(file, of_memory), 0);
    ck_assert_int_eq(store_copy_restore(store, of_file), 0);
    ck_assert(has(file, 1) && !has(file, 2) && has(store, 2) && !has(store, 1));
    add(file, 3, 3);
    add(store, 3, 3);
    store_free(file);
    ck_assert_int_eq(store_open(path, &file, error), 0);
    ck_assert(has(file, 1) && has(file, 3));
    store_free(file);
    store_copy_free(of_memory);
    store_copy_free(of_file);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

/* Compares stores with sets of numbers while copies are taken and put back at random. */
START_TEST(copies_are_what_they_were) {
    enum { N = 4, NUMBERS = 48, STEPS = 1500 };
    struct store *stores[N];
    struct store_copy *copies[N];
    uint64_t in_stores[N] = {0};
    uint64_t in_copies[N] = {0};
    uint64_t random = (uint64_t)_i + 1;
    for (int i = 0; i < N; i++) {
        copies[i] = take(store);
        stores[i] = open_copy(copies[i]);
    }
    for (int step = 0; step < STEPS; step++) {
        int s = (int)random_below(&random, N);
        int c = (int)random_below(&random, N);
        int number = (int)random_below(&random, NUMBERS);
        double what = random_share(&random);
        if (what < 0.2) {
            store_copy_free(copies[c]);
            copies[c] = take(stores[s]);
            in_copies[c] = in_stores[s];
        } else if (what < 0.4) {
            ck_assert_int_eq(store_copy_restore(stores[s], copies[c]), 0);
            in_stores[s] = in_copies[c];
        } else if (what < 0.45) {
            store_free(stores[s]);
            stores[s] = open_copy(copies[c]);
            in_stores[s] = in_copies[c];
        } else if (!(in_stores[s] >> number & 1)) {
            add(stores[s], number, number);
            in_stores[s] |= UINT64_C(1) << number;
        }
        ck_assert_int_eq(has(stores[s], number), in_stores[s] >> number & 1);
    }
    for (int i = 0; i < N; i++) {
        for (int number = 0; number < NUMBERS; number++)
            ck_assert_int_eq(has(stores[i], number), in_stores[i] >> number & 1);
        store_free(stores[i]);
        store_copy_free(copies[i]);
    }
}
END_TEST

enum { CROWD = 80 }; /* more stores than have a connection at once */

static int number_of(int i) {
    return 100 + i;
}

/* Some are of another layout, so a connection serves both in turn. */
START_TEST(many_take_turns_with_the_connections) {
    enum { STEPS = 4000, MAX_EACH = 40 };
    struct store *stores[CROWD];
    int counts[CROWD] = {0};
    bool others[CROWD] = {0};
    uint64_t random = (uint64_t)_i + 1;
    struct store *other = open_other();
    add(other, 1, 1);
    struct store_copy *start = take(store);
    struct store_copy *of_other = take(other);
    for (int i = 0; i < CROWD; i++)
        stores[i] = open_copy(start);
    for (int step = 0; step < STEPS; step++) {
        int i = (int)random_below(&random, CROWD);
        double what = random_share(&random);
        if (what < 0.1) {
            others[i] = random_share(&random) < 0.5;
            counts[i] = 0;
            ck_assert_int_eq(store_copy_restore(stores[i], others[i] ? of_other : start), 0);
        } else if (what < 0.15) {
            struct store_copy *copy = take(stores[i]);
            store_free(stores[i]);
            stores[i] = open_copy(copy);
            store_copy_free(copy);
        } else if (what < 0.6 && counts[i] < MAX_EACH) {
            counts[i]++;
            add(stores[i], number_of(i) * 100 + counts[i], number_of(i) * 100 + counts[i]);
        }
        int next = (i + 1) % CROWD;
        ck_assert_int_eq(has(stores[i], 1), others[i]);
        ck_assert(counts[i] == 0 || has(stores[i], number_of(i) * 100 + counts[i]));
        ck_assert(!has(stores[i], number_of(i) * 100 + counts[i] + 1));
        ck_assert(!has(stores[i], number_of(next) * 100 + 1));
    }
    for (int i = 0; i < CROWD; i++)
        store_free(stores[i]);
    store_copy_free(start);
    store_copy_free(of_other);
    store_free(other);
}
END_TEST

struct worker {
    pthread_t thread;
    struct store *stores[CROWD];
    int first;
    int n_wrong;
};

/* Check's assertions do not work in other threads. */
static void *use_stores(void *cls) {
    struct worker *worker = cls;
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < CROWD; i++) {
            struct transaction transaction;
            char id[16];
            int64_t pk;
            snprintf(id, sizeof(id), "t%d", worker->first + i);
            store_begin(worker->stores[i], &transaction);
            key_cache_clear(worker->stores[i]->keys);
            int r = store_tenant_find(worker->stores[i], id, &pk);
            worker->n_wrong += r != (round == 0 ? STORE_NOT_FOUND : 0);
            snprintf(id, sizeof(id), "t%d", worker->first + i + 1);
            worker->n_wrong += store_tenant_find(worker->stores[i], id, &pk) != STORE_NOT_FOUND;
            snprintf(id, sizeof(id), "t%d", worker->first + i);
            if (r == STORE_NOT_FOUND && store_start_writing(&transaction) == 0)
                r = store_tenant_insert(worker->stores[i], id, id, &pk);
            worker->n_wrong += r != 0 || store_commit(&transaction) != 0;
            store_transaction_end(&transaction);
            if (round == 4)
                store_free(worker->stores[i]);
        }
    return NULL;
}

START_TEST(threads_take_turns_with_the_connections) {
    enum { N = 4 };
    static struct worker workers[N];
    struct store_copy *start = take(store);
    for (int w = 0; w < N; w++) {
        workers[w].first = (w + 1) * 1000;
        for (int i = 0; i < CROWD; i++)
            workers[w].stores[i] = open_copy(start);
        ck_assert_int_eq(pthread_create(&workers[w].thread, NULL, use_stores, &workers[w]), 0);
    }
    for (int w = 0; w < N; w++) {
        pthread_join(workers[w].thread, NULL);
        ck_assert_int_eq(workers[w].n_wrong, 0);
    }
    store_copy_free(start);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("copy");
    TCase *tcase = suite_add(suite, "copy");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_write_shows_in_one_store_only);
    tcase_add_test(tcase, what_was_rolled_back_is_in_no_copy);
    tcase_add_test(tcase, takes_what_another_store_has);
    tcase_add_test(tcase, goes_into_a_file_and_out_of_it);
    tcase_add_loop_test(tcase, copies_are_what_they_were, 0, 4);
    tcase_add_loop_test(tcase, many_take_turns_with_the_connections, 0, 4);
    tcase_add_test(tcase, threads_take_turns_with_the_connections);
    return suite_run(suite);
}
