/* The limit on the memory of the process. */
#include "util/memory_limit.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "suite.h"

enum { MIB = 1 << 20, N_PIECES = 65536, PIECE = 1024 };

static struct memory_limit limit;

static void setup(void) {
    memory_limit_init(&limit, 1024 * (size_t)MIB);
}

static void teardown(void) {
    memory_limit_deinit(&limit);
}

START_TEST(the_share_is_half_of_the_least) {
    struct rlimit before;
    struct rlimit lower;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    size_t share = memory_limit_share();
    ck_assert_uint_ge(share, MEMORY_LEAST);
    lower = (struct rlimit){.rlim_cur = share, .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &lower), 0);
    size_t lowered = memory_limit_share();
    setrlimit(RLIMIT_AS, &before);
    ck_assert_uint_eq(lowered, share / 2 > MEMORY_LEAST ? share / 2 : MEMORY_LEAST);
}
END_TEST

START_TEST(no_limit_is_too_low) {
    struct memory_limit low;
    memory_limit_init(&low, 1);
    ck_assert_uint_eq(low.bytes, MEMORY_LEAST);
    memory_limit_deinit(&low);
}
END_TEST

START_TEST(null_allows_everything) {
    ck_assert(memory_limit_allows(NULL, MEMORY_TO_KEEP, SIZE_MAX));
    ck_assert(memory_limit_reserve(NULL, MEMORY_TO_KEEP, SIZE_MAX));
    memory_limit_release(NULL, SIZE_MAX);
    memory_limit_tidy(NULL);
}
END_TEST

START_TEST(reservations_add_up) {
    const size_t half = limit.bytes / 2;
    ck_assert(!memory_limit_allows(&limit, MEMORY_TO_SERVE, limit.bytes));
    ck_assert(!memory_limit_allows(&limit, MEMORY_TO_SERVE, SIZE_MAX));
    ck_assert(!memory_limit_reserve(&limit, MEMORY_TO_SERVE, SIZE_MAX));
    ck_assert(memory_limit_reserve(&limit, MEMORY_TO_WORK, half));
    ck_assert(!memory_limit_reserve(&limit, MEMORY_TO_WORK, half));
    ck_assert(!memory_limit_allows(&limit, MEMORY_TO_WORK, half));
    ck_assert(memory_limit_allows(&limit, MEMORY_TO_WORK, 0));
    memory_limit_release(&limit, half);
    ck_assert(memory_limit_reserve(&limit, MEMORY_TO_WORK, half));
    memory_limit_release(&limit, half);
    ck_assert_uint_eq(atomic_load(&limit.reserved), 0);
}
END_TEST

/* Reserves so much that this many parts of 32 of the limit are taken. */
static void fill(size_t parts) {
    atomic_store(&limit.reserved, limit.bytes / 32 * parts - memory_limit_measure(&limit));
}

START_TEST(each_use_has_its_part) {
    static const struct {
        size_t parts;
        bool keep, work, write, serve;
    } rows[] = {
        {23, true, true, true, true},     {25, false, true, true, true},
        {29, false, false, true, true},   {31, false, false, false, true},
        {33, false, false, false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fill(rows[i].parts);
        ck_assert_int_eq(memory_limit_allows(&limit, MEMORY_TO_KEEP, 0), rows[i].keep);
        ck_assert_int_eq(memory_limit_allows(&limit, MEMORY_TO_WORK, 0), rows[i].work);
        ck_assert_int_eq(memory_limit_allows(&limit, MEMORY_TO_WRITE, 0), rows[i].write);
        ck_assert_int_eq(memory_limit_allows(&limit, MEMORY_TO_SERVE, 0), rows[i].serve);
        ck_assert_int_eq(memory_limit_allows(&limit, MEMORY_TO_KEEP, MIB), rows[i].keep);
    }
}
END_TEST

/* The compiler may drop a memset whose bytes nobody reads. */
static void touch(volatile char *block, size_t size) {
    for (size_t i = 0; i < size; i += PIECE)
        block[i] = 1;
}

START_TEST(counts_what_anybody_takes) {
    const size_t size = 64 * (size_t)MIB;
    size_t before = memory_limit_measure(&limit);
    char *block = malloc(size);
    ck_assert_ptr_nonnull(block);
    touch(block, size);
    ck_assert_uint_ge(memory_limit_measure(&limit), before + size / 2);
    limit.bytes = before + size / 2;
    ck_assert(!memory_limit_allows(&limit, MEMORY_TO_SERVE, MIB));
    free(block);
}
END_TEST

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void *pieces[N_PIECES];

static void take_pieces(void) {
    for (size_t i = 0; i < N_PIECES; i++) {
        pieces[i] = malloc(PIECE);
        ck_assert_ptr_nonnull(pieces[i]);
        touch(pieces[i], PIECE);
    }
}

/* The last piece keeps the heap from shrinking by itself. */
static void free_pieces(void) {
    for (size_t i = 0; i < N_PIECES - 1; i++)
        free(pieces[i]);
}

START_TEST(gives_freed_memory_back) {
    size_t before = memory_limit_measure(&limit);
    take_pieces();
    free_pieces();
    ck_assert_uint_ge(memory_limit_measure(&limit), before + 32 * (size_t)MIB);
    memory_limit_tidy(&limit);
    ck_assert_uint_lt(memory_limit_measure(&limit), before + 16 * (size_t)MIB);
    free(pieces[N_PIECES - 1]);
}
END_TEST

START_TEST(freed_memory_is_no_reason_to_refuse) {
    size_t before = memory_limit_measure(&limit);
    take_pieces();
    free_pieces();
    limit.bytes = before + 32 * (size_t)MIB;
    ck_assert(memory_limit_allows(&limit, MEMORY_TO_SERVE, MIB));
    free(pieces[N_PIECES - 1]);
}
END_TEST
#endif

int main(void) {
    Suite *suite = suite_create("memory_limit");
    TCase *tcase = suite_add(suite, "memory_limit");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_share_is_half_of_the_least);
    tcase_add_test(tcase, no_limit_is_too_low);
    tcase_add_test(tcase, null_allows_everything);
    tcase_add_test(tcase, reservations_add_up);
    tcase_add_test(tcase, each_use_has_its_part);
    tcase_add_test(tcase, counts_what_anybody_takes);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    tcase_add_test(tcase, gives_freed_memory_back);
    tcase_add_test(tcase, freed_memory_is_no_reason_to_refuse);
#endif
    return suite_run(suite);
}
