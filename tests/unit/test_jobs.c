/* The pool of job threads: whose job comes next, how many wait, and how it stops. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "http/jobs.h"
#include "suite.h"

/* With one thread, a first job that waits for leave keeps all others waiting. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static char done[64]; /* the names of the jobs in the order in which they ran */
static atomic_int n_done, n_cancelled;

struct named_job {
    struct job job; /* first */
    char name;
};

static void note(struct job *job, bool cancelled) {
    pthread_mutex_lock(&gate);
    if (cancelled)
        atomic_fetch_add(&n_cancelled, 1);
    else
        done[atomic_fetch_add(&n_done, 1)] = ((struct named_job *)job)->name;
    pthread_mutex_unlock(&gate);
}

static void setup(void) {
    memset(done, 0, sizeof(done));
    atomic_store(&n_done, 0);
    atomic_store(&n_cancelled, 0);
    pthread_mutex_lock(&gate);
}

static void wait_for(int count) {
    while (atomic_load(&n_done) < count)
        sched_yield();
}

/* The name of a job starts with its owner's letter, of which the small ones are the same. */
static bool add(struct jobs *jobs, struct named_job *job, char name) {
    static const char owners[26];
    *job = (struct named_job){.job.run = note, .name = name};
    return jobs_add(jobs, &job->job, &owners[(name | 0x20) - 'a']);
}

/* The pool has taken the job `x`, which waits at the gate, once nothing of it waits any more. */
static void occupy(struct jobs *jobs, struct named_job *job) {
    ck_assert(add(jobs, job, 'x'));
    while (jobs_count(jobs) > 0)
        sched_yield();
}

START_TEST(takes_owners_in_turn) {
    struct named_job job[8];
    struct jobs *jobs = jobs_new(1, 100);
    occupy(jobs, &job[0]);
    for (const char *name = "aAabcB"; *name; name++)
        ck_assert(add(jobs, &job[1 + (name - "aAabcB")], *name));
    pthread_mutex_unlock(&gate);
    wait_for(7);
    ck_assert_str_eq(done, "xabcABa");
    jobs_free(jobs);
}
END_TEST

START_TEST(bounds_what_waits) {
    struct named_job job[12];
    struct jobs *jobs = jobs_new(1, 6);
    occupy(jobs, &job[0]);
    for (int i = 1; i <= 3; i++)
        ck_assert(add(jobs, &job[i], 'a'));
    ck_assert(!add(jobs, &job[4], 'a')); /* half of the room is for others */
    for (int i = 4; i <= 6; i++)
        ck_assert(add(jobs, &job[i], 'b'));
    ck_assert(!add(jobs, &job[7], 'c'));
    pthread_mutex_unlock(&gate);
    wait_for(7);
    ck_assert(add(jobs, &job[7], 'c'));
    wait_for(8);
    jobs_free(jobs);
}
END_TEST

START_TEST(cancels_what_waits) {
    struct named_job job[5];
    struct jobs *jobs = jobs_new(1, 100);
    occupy(jobs, &job[0]);
    for (int i = 1; i < 4; i++)
        ck_assert(add(jobs, &job[i], "xabc"[i]));
    jobs_cancel(jobs);
    ck_assert(!add(jobs, &job[4], 'd'));
    pthread_mutex_unlock(&gate);
    jobs_free(jobs);
    ck_assert_str_eq(done, "x");
    ck_assert_int_eq(atomic_load(&n_cancelled), 3);
    jobs_free(NULL);
}
END_TEST

enum { N_THREADS = 4, N_EACH = 500 };

static void count(struct job *job, bool cancelled) {
    (void)job;
    (void)cancelled;
    atomic_fetch_add(&n_done, 1);
}

static void *add_counted(void *cls) {
    static struct job many[N_THREADS][N_EACH];
    static atomic_int next;
    struct job *own = many[atomic_fetch_add(&next, 1)];
    for (int i = 0; i < N_EACH; i++) {
        own[i] = (struct job){.run = count};
        while (!jobs_add(cls, &own[i], own))
            sched_yield();
    }
    return NULL;
}

START_TEST(runs_each_job_once) {
    pthread_t threads[N_THREADS];
    struct jobs *jobs = jobs_new(2, 64);
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < N_THREADS; i++)
        pthread_create(&threads[i], NULL, add_counted, jobs);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    wait_for(N_THREADS * N_EACH);
    jobs_free(jobs);
    ck_assert_int_eq(atomic_load(&n_done), N_THREADS * N_EACH);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("jobs");
    TCase *tcase = suite_add(suite, "jobs");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, takes_owners_in_turn);
    tcase_add_test(tcase, bounds_what_waits);
    tcase_add_test(tcase, cancels_what_waits);
    tcase_add_test(tcase, runs_each_job_once);
    return suite_run(suite);
}
