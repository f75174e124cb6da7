/* Answers of the control plane end with a newline, because people read them in a terminal. Answers
 * of the emulated API have none, like those of the real server. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "suite.h"

#define TOKEN "the-admin-token"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){"--admin-token", TOKEN, NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static const struct {
    struct http_call call;
    int status;
    bool has_newline;
} answers[] = {
    {{.method = "GET", .target = "/__admin/version", .bearer = TOKEN}, 200, true},
    {{.method = "GET", .target = "/__admin/", .bearer = TOKEN}, 200, true},
    {{.method = "GET", .target = "/__admin/mappings", .bearer = TOKEN}, 200, true},
    {{.method = "GET", .target = "/__admin/requests", .bearer = TOKEN}, 200, true},
    {{.method = "GET", .target = "/__admin/kestub/faults", .bearer = TOKEN}, 200, true},
    {{.method = "GET", .target = "/__admin/kestub/state", .bearer = TOKEN}, 200, true},
    {{.method = "GET", .target = "/sandbox/t1/__admin/kestub/state", .bearer = TOKEN}, 200, true},
    {{.method = "POST", .target = "/__admin/mappings", .bearer = TOKEN, .body = "{}"}, 201, true},
    {{.method = "POST", .target = "/__admin/mappings", .bearer = TOKEN, .body = "{"}, 422, true},
    {{.method = "POST",
      .target = "/__admin/mappings",
      .bearer = TOKEN,
      .header = "Content-Type: text/plain",
      .body = "{}",
      .off_record = true},
     201,
     true},
    {{.method = "GET", .target = "/__admin/version"}, 401, true},
    {{.method = "GET", .target = "/__admin/nothing", .bearer = TOKEN}, 404, true},
    {{.method = "GET", .target = "/__admin/%zz", .bearer = TOKEN, .off_record = true}, 400, true},
    {{.method = "GET", .target = "/sandbox/!/__admin/version", .bearer = TOKEN, .off_record = true},
     400,
     true},
    {{.method = "PATCH", .target = "/__admin/version", .bearer = TOKEN}, 405, true},
    {{.method = "GET", .target = "/health"}, 200, false},
    {{.method = "GET", .target = "/api/v1/me", .basic = ROOT}, 200, false},
    {{.method = "GET", .target = "/api/v1/me"}, 401, false},
    {{.method = "GET", .target = "/api/v1/nothing"}, 404, false},
};

START_TEST(end_with_a_newline_for_people) {
    struct http_answer answer;
    http_send(&server, &answers[_i].call, &answer);
    ck_assert_int_eq(answer.status, answers[_i].status);
    ck_assert_uint_gt(answer.body_size, 0);
    ck_assert_int_eq(answer.body[answer.body_size - 1] == '\n', answers[_i].has_newline);
    ck_assert_ptr_null(memmem(answer.body, answer.body_size, "\n\n", 2));
    ck_assert_uint_eq(strtoul(http_header(&answer, "Content-Length"), NULL, 10), answer.body_size);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(have_the_same_length_for_head) {
    struct http_answer get;
    struct http_answer head;
    http_send(&server,
              &(struct http_call){.method = "GET", .target = "/__admin/version", .bearer = TOKEN},
              &get);
    http_send(&server,
              &(struct http_call){.method = "HEAD", .target = "/__admin/version", .bearer = TOKEN},
              &head);
    ck_assert_int_eq(head.status, 200);
    ck_assert_uint_eq(head.body_size, 0);
    ck_assert_uint_eq(strtoul(http_header(&head, "Content-Length"), NULL, 10), get.body_size);
    http_answer_deinit(&get);
    http_answer_deinit(&head);
}
END_TEST

static const struct http_call empty[] = {
    {.method = "DELETE", .target = "/__admin/kestub/faults", .bearer = TOKEN},
    {.method = "OPTIONS", .target = "/__admin/version", .bearer = TOKEN},
};

START_TEST(are_empty_when_there_is_nothing_to_say) {
    struct http_answer answer;
    http_send(&server, &empty[_i], &answer);
    ck_assert_int_eq(answer.status, 204);
    ck_assert_uint_eq(answer.body_size, 0);
    http_answer_deinit(&answer);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("admin_answers");
    TCase *tcase = suite_add(suite, "admin_answers");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, end_with_a_newline_for_people, answers);
    tcase_add_test(tcase, have_the_same_length_for_head);
    suite_add_rows(tcase, are_empty_when_there_is_nothing_to_say, empty);
    return suite_run(suite);
}
