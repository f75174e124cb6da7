/* Alarms are never early, ring in order, and none is lost. */
#include <stdatomic.h>

#include <pthread.h>

#include "http/timer.h"
#include "suite.h"
#include "util/timestamp.h"

enum { N_ALARMS = 3000, N_THREADS = 4 };

/* The alarms that have rung, written by the timer's thread. */
static struct {
    struct alarm *alarm;
    int64_t at_us;
} rung[N_ALARMS * N_THREADS];
static atomic_int n_rung;

static struct alarm alarms[N_ALARMS * N_THREADS];

static void ring(void *cls, struct alarm *alarm) {
    int i = atomic_load(&n_rung);
    ck_assert_ptr_eq(cls, rung);
    rung[i].alarm = alarm;
    rung[i].at_us = timestamp_monotonic_us();
    atomic_store(&n_rung, i + 1);
}

static void wait_for(int count) {
    const struct timespec tick = {.tv_nsec = 1000000};
    while (atomic_load(&n_rung) < count)
        nanosleep(&tick, NULL);
}

static int64_t pseudo_random(uint32_t *state, int64_t bound) {
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % bound;
}

static struct timer *timer;

static void setup(void) {
    atomic_store(&n_rung, 0);
    timer = timer_new(ring, rung);
    ck_assert_ptr_nonnull(timer);
}

static void teardown(void) {
    timer_free(timer);
}

/* All alarms are set before the first is due; otherwise their order would depend on the machine. */
START_TEST(rings_in_order_and_never_early) {
    uint32_t state = 1;
    int64_t start = timestamp_monotonic_us() + 1000000;
    for (int i = 0; i < N_ALARMS; i++)
        ck_assert(timer_add(timer, &alarms[i], start + pseudo_random(&state, 200) * 1000));
    bool in_time = timestamp_monotonic_us() < start;
    wait_for(N_ALARMS);
    for (int i = 0; i < N_ALARMS; i++) {
        ck_assert_int_ge(rung[i].at_us, rung[i].alarm->due_us);
        if (i > 0 && in_time)
            ck_assert_int_ge(rung[i].alarm->due_us, rung[i - 1].alarm->due_us);
    }
}
END_TEST

START_TEST(an_earlier_alarm_does_not_wait_for_a_later_one) {
    int64_t now = timestamp_monotonic_us();
    ck_assert(timer_add(timer, &alarms[0], now + INT64_C(3600000000)));
    ck_assert(timer_add(timer, &alarms[1], now + 2000));
    ck_assert(timer_add(timer, &alarms[2], 0)); /* due long ago */
    wait_for(2);
    ck_assert_int_eq(atomic_load(&n_rung), 2);
}
END_TEST

START_TEST(stopping_rings_all_and_refuses_new_alarms) {
    int64_t due = timestamp_monotonic_us() + INT64_C(3600000000);
    for (int i = 0; i < N_ALARMS; i++)
        ck_assert(timer_add(timer, &alarms[i], due + (i * 7919) % N_ALARMS));
    timer_stop(timer);
    ck_assert_int_eq(atomic_load(&n_rung), N_ALARMS);
    ck_assert(!timer_add(timer, &alarms[0], due));
    timer_stop(timer);
    ck_assert_int_eq(atomic_load(&n_rung), N_ALARMS);
}
END_TEST

static atomic_int n_refused;

static void *add_many(void *cls) {
    struct alarm *mine = cls;
    uint32_t state = (uint32_t)(mine - alarms);
    for (int i = 0; i < N_ALARMS; i++)
        if (!timer_add(timer, &mine[i], timestamp_monotonic_us() + pseudo_random(&state, 3000)))
            atomic_fetch_add(&n_refused, 1);
    return NULL;
}

/* With and without stopping the timer meanwhile. */
START_TEST(loses_no_alarm_of_other_threads) {
    pthread_t threads[N_THREADS];
    atomic_store(&n_refused, 0);
    for (int i = 0; i < N_THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_many, alarms + i * N_ALARMS), 0);
    if (_i)
        timer_stop(timer);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    wait_for(N_ALARMS * N_THREADS - atomic_load(&n_refused));
    for (int i = 0; i < N_ALARMS * N_THREADS - atomic_load(&n_refused); i++)
        ck_assert(_i || rung[i].at_us >= rung[i].alarm->due_us);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("timer");
    TCase *tcase = suite_add(suite, "timer");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, rings_in_order_and_never_early);
    tcase_add_test(tcase, an_earlier_alarm_does_not_wait_for_a_later_one);
    tcase_add_test(tcase, stopping_rings_all_and_refuses_new_alarms);
    tcase_add_loop_test(tcase, loses_no_alarm_of_other_threads, 0, 2);
    return suite_run(suite);
}
