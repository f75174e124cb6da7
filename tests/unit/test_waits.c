/* Waits for a journal: each ends once, for the right reason, and its place is free again. */
#include "http/waits.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"
#include "util/timestamp.h"

enum { FAR_US = 60000000, PLACES = 2000 };

static struct journal *journal;
static struct waits *waits;
static int sockets[2];

struct waiter {
    struct wait wait;
    atomic_int wakes;
    atomic_int end; /* enum wait_end of the last one */
    int refusals;   /* how often it is busy first */
    int64_t at_us;
};

static struct waiter waiters[PLACES + 1];

static bool on_wake(struct wait *wait, enum wait_end end) {
    struct waiter *waiter = (struct waiter *)((char *)wait - offsetof(struct waiter, wait));
    if (waiter->refusals > 0 && waiter->refusals--)
        return false;
    waiter->at_us = timestamp_monotonic_us();
    atomic_store(&waiter->end, (int)end);
    atomic_fetch_add(&waiter->wakes, 1);
    return true;
}

static bool add(struct waiter *waiter, int64_t within_us) {
    waiter->wait = (struct wait){.journal = journal,
                                 .changes = journal_changes(journal),
                                 .due_us = timestamp_monotonic_us() + within_us,
                                 .fd = sockets[0],
                                 .wake = on_wake};
    return waits_add(waits, &waiter->wait);
}

static void expect(struct waiter *waiter, enum wait_end end) {
    const struct timespec tick = {.tv_nsec = 1000000};
    while (atomic_load(&waiter->wakes) == 0)
        nanosleep(&tick, NULL);
    ck_assert_int_eq(atomic_load(&waiter->wakes), 1);
    ck_assert_int_eq(atomic_load(&waiter->end), end);
}

static void enter(void) {
    const struct journal_record record = {.method = "GET", .target = "/", .url = "/"};
    journal_add(journal, &record);
}

static void setup(void) {
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    ck_assert_int_eq(journal_new(4, true, &journal), 0);
    waits = waits_new();
    ck_assert_ptr_nonnull(waits);
}

static void teardown(void) {
    waits_free(waits);
    journal_free(journal);
    close(sockets[0]);
    close(sockets[1]);
}

START_TEST(ends_when_the_journal_changes) {
    ck_assert(add(&waiters[0], FAR_US));
    ck_assert(add(&waiters[1], FAR_US));
    enter();
    expect(&waiters[0], WAIT_IS_OVER);
    expect(&waiters[1], WAIT_IS_OVER);
    ck_assert(add(&waiters[2], FAR_US));
    journal_clear(journal);
    expect(&waiters[2], WAIT_IS_OVER);
    ck_assert(add(&waiters[3], FAR_US));
    journal_close(journal);
    expect(&waiters[3], WAIT_IS_OVER);
}
END_TEST

/* The journal may change after a request has looked, and before it waits. */
START_TEST(ends_when_the_journal_has_changed) {
    waiters[0].wait = (struct wait){.journal = journal,
                                    .changes = journal_changes(journal),
                                    .due_us = timestamp_monotonic_us() + FAR_US,
                                    .fd = sockets[0],
                                    .wake = on_wake};
    enter();
    ck_assert(waits_add(waits, &waiters[0].wait));
    expect(&waiters[0], WAIT_IS_OVER);
}
END_TEST

START_TEST(ends_in_time) {
    ck_assert(add(&waiters[0], FAR_US));
    ck_assert(add(&waiters[1], 30000));
    ck_assert(add(&waiters[2], 10000));
    expect(&waiters[1], WAIT_IS_OVER);
    expect(&waiters[2], WAIT_IS_OVER);
    for (int i = 1; i <= 2; i++)
        ck_assert_int_ge(waiters[i].at_us, waiters[i].wait.due_us);
    ck_assert_int_lt(waiters[2].at_us, waiters[1].at_us);
    ck_assert_int_eq(atomic_load(&waiters[0].wakes), 0);
}
END_TEST

START_TEST(ends_when_the_client_is_gone) {
    ck_assert(add(&waiters[0], FAR_US));
    shutdown(sockets[1], SHUT_RDWR);
    expect(&waiters[0], WAIT_IN_VAIN);
}
END_TEST

START_TEST(asks_again_whoever_is_busy) {
    waiters[0].refusals = 3;
    ck_assert(add(&waiters[0], FAR_US));
    enter();
    expect(&waiters[0], WAIT_IS_OVER);
    ck_assert_int_eq(waiters[0].refusals, 0);
}
END_TEST

START_TEST(ends_when_it_stops) {
    ck_assert(add(&waiters[0], FAR_US));
    waits_stop(waits);
    expect(&waiters[0], WAIT_CANCELLED);
    ck_assert(!add(&waiters[1], FAR_US));
    ck_assert_int_eq(atomic_load(&waiters[1].wakes), 0);
}
END_TEST

START_TEST(has_places_for_each_sandbox) {
    struct journal *other;
    struct journal *first = journal;
    for (int i = 0; i < PLACES; i++)
        ck_assert(add(&waiters[i], FAR_US));
    ck_assert(!add(&waiters[PLACES], FAR_US));
    ck_assert_int_eq(journal_new(4, true, &other), 0);
    journal = other;
    ck_assert(add(&waiters[PLACES], 0));
    expect(&waiters[PLACES], WAIT_IS_OVER);
    atomic_store(&waiters[PLACES].wakes, 0);
    journal = first;
    journal_free(other);
    enter();
    for (int i = 0; i < PLACES; i++)
        expect(&waiters[i], WAIT_IS_OVER);
    ck_assert(add(&waiters[PLACES], 0));
    expect(&waiters[PLACES], WAIT_IS_OVER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("waits");
    TCase *tcase = suite_add(suite, "waits");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ends_when_the_journal_changes);
    tcase_add_test(tcase, ends_when_the_journal_has_changed);
    tcase_add_test(tcase, ends_in_time);
    tcase_add_test(tcase, ends_when_the_client_is_gone);
    tcase_add_test(tcase, asks_again_whoever_is_busy);
    tcase_add_test(tcase, ends_when_it_stops);
    tcase_add_test(tcase, has_places_for_each_sandbox);
    return suite_run(suite);
}
