/* How connections are counted, swept and kept within the files that there are. */
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connections.h"
#include "http/descriptors.h"
#include "suite.h"

static struct connections *connections;
static struct connection *connection;
static int ours, theirs;

enum { TIMEOUT_US = 60000000 };

static void start(void) {
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    ours = fds[0];
    theirs = fds[1];
    connections = connections_new(TIMEOUT_US);
    ck_assert_ptr_nonnull(connections);
    connection = connections_add(connections, NULL, NULL, ours);
    ck_assert_ptr_nonnull(connection);
}

static void stop(void) {
    connections_remove(connection);
    connections_free(connections);
    close(ours);
}

/* Whether the socket can no longer be written to. */
static bool is_shut_down(void) {
    return send(ours, "x", 1, MSG_NOSIGNAL) < 0;
}

static void close_their_direction(void) {
    ck_assert_int_eq(shutdown(theirs, SHUT_WR), 0);
}

START_TEST(one_that_is_open_stays) {
    connections_sweep(connections);
    connections_sweep(connections);
    ck_assert(!is_shut_down());
    close(theirs);
}
END_TEST

START_TEST(one_that_has_ended_goes_with_the_second_sweep) {
    close_their_direction();
    connections_sweep(connections);
    ck_assert(!is_shut_down());
    connections_sweep(connections);
    ck_assert(is_shut_down());
    close(theirs);
}
END_TEST

START_TEST(one_that_is_busy_stays) {
    close_their_direction();
    connections_sweep(connections);
    connection->busy = true;
    connections_sweep(connections);
    connection->busy = false;
    connections_sweep(connections);
    ck_assert(!is_shut_down());
    connections_sweep(connections);
    ck_assert(is_shut_down());
    close(theirs);
}
END_TEST

START_TEST(one_with_something_to_read_stays) {
    ck_assert_int_eq(send(theirs, "x", 1, 0), 1);
    close_their_direction();
    connections_sweep(connections);
    connections_sweep(connections);
    ck_assert(!is_shut_down());
    close(theirs);
}
END_TEST

static void be_late(void) {
    atomic_fetch_sub(&connection->arrival_us, TIMEOUT_US + 1);
}

START_TEST(one_that_is_late_goes) {
    connections_end_late(connections);
    ck_assert(!is_shut_down());
    be_late();
    connections_end_late(connections);
    ck_assert(is_shut_down());
    close(theirs);
}
END_TEST

START_TEST(one_gets_more_time_for_its_body) {
    be_late();
    connections_extend(connection, TIMEOUT_US / 100);
    connections_end_late(connections);
    ck_assert(!is_shut_down());
    be_late();
    connections_await(connection);
    connections_end_late(connections);
    ck_assert(!is_shut_down());
    close(theirs);
}
END_TEST

/* The client is not to blame when kestub is late. */
START_TEST(one_that_waits_for_kestub_stays) {
    be_late();
    connection->busy = true;
    connections_end_late(connections);
    connection->busy = false;
    ck_assert_int_eq(send(theirs, "x", 1, 0), 1);
    connections_end_late(connections);
    ck_assert(!is_shut_down());
    close(theirs);
}
END_TEST

static bool has_fd(void *cls, struct connection *candidate) {
    return candidate->fd == *(int *)cls;
}

START_TEST(they_are_found_in_any_order) {
    int other = theirs;
    struct connection *second = connections_add(connections, NULL, NULL, theirs);
    ck_assert_ptr_eq(connections_find(connections, has_fd, &ours), connection);
    ck_assert_ptr_eq(connections_find(connections, has_fd, &other), second);
    connections_remove(connection);
    connection = NULL;
    ck_assert_ptr_null(connections_find(connections, has_fd, &ours));
    ck_assert_ptr_eq(connections_find(connections, has_fd, &other), second);
    connections_remove(second);
    close(theirs);
}
END_TEST

static const struct {
    rlim_t files;
    int64_t wanted;
    unsigned threads;
    int outcome;
    unsigned connections, drained;
} shares[] = {
    {256, 0, 2, 0, 185, 23},     {256, 185, 2, 0, 185, 23},   {256, 186, 2, 1, 0, 0},
    {20000, 0, 2, 0, 16384, 64}, {20000, 100, 2, 0, 100, 64}, {48, 0, 2, 1, 0, 0},
    {49, 0, 2, 0, 1, 0},         {256, 0, 64, 1, 0, 0},
};

START_TEST(files_are_shared_out) {
    char error[256];
    struct descriptors descriptors = {0};
    const struct rlimit limit = {.rlim_cur = 32, .rlim_max = shares[_i].files};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0); /* of this test's own process */
    int r = descriptors_share(shares[_i].wanted, shares[_i].threads, &descriptors, error,
                              sizeof(error));
    ck_assert_int_eq(r, shares[_i].outcome);
    ck_assert_uint_eq(descriptors.connections, shares[_i].connections);
    ck_assert_uint_eq(descriptors.drained, shares[_i].drained);
    if (r > 0)
        ck_assert_int_eq(strncmp(error, "--max-connections: the system allows ", 37), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("connections");
    TCase *tcase = suite_add(suite, "connections");
    tcase_add_checked_fixture(tcase, start, stop);
    tcase_add_test(tcase, one_that_is_open_stays);
    tcase_add_test(tcase, one_that_has_ended_goes_with_the_second_sweep);
    tcase_add_test(tcase, one_that_is_busy_stays);
    tcase_add_test(tcase, one_with_something_to_read_stays);
    tcase_add_test(tcase, one_that_is_late_goes);
    tcase_add_test(tcase, one_gets_more_time_for_its_body);
    tcase_add_test(tcase, one_that_waits_for_kestub_stays);
    tcase_add_test(tcase, they_are_found_in_any_order);
    TCase *files = suite_add(suite, "descriptors");
    suite_add_rows(files, files_are_shared_out, shares);
    return suite_run(suite);
}
