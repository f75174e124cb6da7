/* The table of sandboxes under threads that come and go. The thread sanitizer checks it. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/sandboxes.h"
#include "suite.h"
#include "util/cleanup.h"
#include "world.h"

enum { THREADS = 8, ROUNDS = 60, MAX = 6 };

static struct config config;
static struct sandbox home;
static struct sandboxes *sandboxes;

static void setup(void) {
    world_init(&config, &home);
    ck_assert_int_eq(sandboxes_new(&home, MAX, &sandboxes), 0);
}

static void teardown(void) {
    sandboxes_free(sandboxes);
    sandbox_deinit(&home);
}

static size_t count(void) {
    CLEANUP(arena_deinit) struct arena arena;
    const char **names;
    size_t n;
    arena_init(&arena);
    ck_assert_int_eq(sandboxes_list(sandboxes, &arena, &names, &n), 0);
    ck_assert_str_eq(names[0], "default");
    return n;
}

START_TEST(tells_names_apart) {
    static const char *const good[] = {"a", "A", "0", "a.b_c-d", "default2", "9."};
    static const char *const bad[] = {"", ".", "-a", "_", "a b", "a/b", "\xC3\xA4", "a\n"};
    struct sandbox *sandbox;
    struct sandbox *again;
    char longest[SANDBOX_NAME_SIZE + 1];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(sandboxes_enter(sandboxes, bad[i], &sandbox), SANDBOX_INVALID_NAME);
        ck_assert_int_eq(sandboxes_create(sandboxes, bad[i], NULL, NULL, &sandbox),
                         SANDBOX_INVALID_NAME);
        ck_assert_int_eq(sandboxes_delete(sandboxes, bad[i]), SANDBOX_NOT_FOUND);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_int_eq(sandboxes_enter(sandboxes, good[i], &sandbox), 0);
        ck_assert_str_eq(sandbox->name, good[i]);
        ck_assert_int_eq(sandboxes_create(sandboxes, good[i], NULL, NULL, &again), SANDBOX_EXISTS);
        ck_assert_int_eq(sandboxes_enter(sandboxes, good[i], &again), 0);
        ck_assert_ptr_eq(sandbox, again);
        sandboxes_leave(sandboxes, sandbox);
        sandboxes_leave(sandboxes, again);
    }
    ck_assert_uint_eq(count(), MAX + 1);
    ck_assert_int_eq(sandboxes_enter(sandboxes, "one-more", &sandbox), SANDBOX_NO_ROOM);
    ck_assert_int_eq(sandboxes_delete(sandboxes, "A"), 0);
    memset(longest, 'x', sizeof(longest));
    longest[SANDBOX_NAME_SIZE] = '\0';
    ck_assert_int_eq(sandboxes_enter(sandboxes, longest, &sandbox), SANDBOX_INVALID_NAME);
    longest[SANDBOX_NAME_SIZE - 1] = '\0';
    ck_assert_int_eq(sandboxes_enter(sandboxes, longest, &sandbox), 0);
    sandboxes_leave(sandboxes, sandbox);
}
END_TEST

START_TEST(the_default_sandbox_always_exists) {
    struct sandbox *sandbox;
    ck_assert_int_eq(sandboxes_enter(sandboxes, NULL, &sandbox), 0);
    ck_assert_ptr_eq(sandbox, &home);
    sandboxes_leave(sandboxes, sandbox);
    ck_assert_int_eq(sandboxes_enter(sandboxes, "default", &sandbox), 0);
    ck_assert_ptr_eq(sandbox, &home);
    sandboxes_leave(sandboxes, sandbox);
    ck_assert_int_eq(sandboxes_create(sandboxes, "default", NULL, NULL, &sandbox), SANDBOX_EXISTS);
    ck_assert_int_eq(sandboxes_delete(sandboxes, "default"), SANDBOX_NOT_FOUND);
}
END_TEST

START_TEST(a_deleted_sandbox_ends_with_its_last_reference) {
    struct sandbox *old;
    struct sandbox *new;
    ck_assert_int_eq(sandboxes_enter(sandboxes, "a", &old), 0);
    ck_assert_int_eq(sandboxes_delete(sandboxes, "a"), 0);
    ck_assert_int_eq(sandboxes_enter(sandboxes, "a", &new), 0);
    ck_assert_ptr_ne(old, new);
    ck_assert_int_eq(sandbox_save_snapshot(old, "s"), 0); /* the deleted sandbox still works */
    ck_assert_int_eq(sandbox_restore_snapshot(new, "s"), SANDBOX_NOT_FOUND);
    sandboxes_leave(sandboxes, old);
    sandboxes_leave(sandboxes, new);
}
END_TEST

/* Over time there are many more names than places. */
START_TEST(places_are_reused) {
    for (int i = 0; i < 300; i++) {
        struct sandbox *sandbox;
        char name[16];
        snprintf(name, sizeof(name), "n%d", i);
        ck_assert_int_eq(sandboxes_enter(sandboxes, name, &sandbox), 0);
        sandboxes_leave(sandboxes, sandbox);
        if (i >= MAX - 1) {
            snprintf(name, sizeof(name), "n%d", i - MAX + 1);
            ck_assert_int_eq(sandboxes_delete(sandboxes, name), 0);
        }
    }
    ck_assert_uint_eq(count(), MAX);
}
END_TEST

/* Enters, creates and deletes `names` sandboxes in turn, and counts wrong results. */
struct visitor {
    int number;
    int names;
    int wrong;
};

static void *visit(void *cls) {
    struct visitor *visitor = cls;
    for (int i = 0; i < ROUNDS; i++) {
        struct sandbox *sandbox = NULL;
        char name[16];
        snprintf(name, sizeof(name), "n%d", (visitor->number + i) % visitor->names);
        int r = (visitor->number + i) % 3 == 0
                    ? sandboxes_create(sandboxes, name, NULL, NULL, &sandbox)
                    : sandboxes_enter(sandboxes, name, &sandbox);
        visitor->wrong += r < 0 || r == SANDBOX_INVALID_NAME || r == SANDBOX_NOT_FOUND;
        if (r == 0) {
            struct transaction transaction;
            visitor->wrong += strcmp(sandbox->name, name) != 0;
            store_begin(sandbox->iam.store, &transaction);
            store_transaction_end(&transaction);
            sandboxes_leave(sandboxes, sandbox);
        }
        if (i % 4 == 3) {
            r = sandboxes_delete(sandboxes, name);
            visitor->wrong += r != 0 && r != SANDBOX_NOT_FOUND;
        }
        if (i % 16 == 0)
            count();
    }
    return NULL;
}

static const int names_of_visitors[] = {1, 3, MAX, 4 * MAX};

START_TEST(threads_come_and_go) {
    struct visitor visitors[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        visitors[i] = (struct visitor){.number = i, .names = names_of_visitors[_i]};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(visitors[i].wrong, 0);
    }
    ck_assert_uint_le(count(), MAX + 1);
}
END_TEST

static void *change(void *cls) {
    struct visitor *visitor = cls;
    for (int i = 0; i < ROUNDS; i++) {
        const struct clock_change later = {.advance = 1000, .run = CLOCK_FREEZES};
        int r = 0;
        switch ((visitor->number + i) % 6) {
        case 0:
            r = sandbox_save_snapshot(&home, i % 2 ? "a" : "b");
            break;
        case 1:
            r = sandbox_restore_snapshot(&home, "a");
            break;
        case 2:
            r = sandbox_delete_snapshot(&home, "a");
            break;
        case 3:
            r = sandbox_change_clock(&home, &later);
            break;
        case 4:
            r = sandbox_reset(&home);
            break;
        default:
            clock_now(&home.clock);
            break;
        }
        visitor->wrong += r != 0 && r != SANDBOX_NOT_FOUND;
    }
    return NULL;
}

START_TEST(threads_change_one_sandbox) {
    struct visitor visitors[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        visitors[i] = (struct visitor){.number = i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, change, &visitors[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(visitors[i].wrong, 0);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sandboxes");
    TCase *tcase = suite_add(suite, "sandboxes");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, tells_names_apart);
    tcase_add_test(tcase, the_default_sandbox_always_exists);
    tcase_add_test(tcase, a_deleted_sandbox_ends_with_its_last_reference);
    tcase_add_test(tcase, places_are_reused);
    suite_add_rows(tcase, threads_come_and_go, names_of_visitors);
    tcase_add_test(tcase, threads_change_one_sandbox);
    return suite_run(suite);
}
