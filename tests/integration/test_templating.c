/* Stubs whose answers are templates, and the option --global-response-templating. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "http.h"
#include "process.h"
#include "suite.h"

#define MAPPINGS "/__admin/mappings"
#define TEMPLATE "\"transformers\":[\"response-template\"]"

static char directory[64];
static struct process server;

static void setup(void) {
    make_directory(directory);
}

static void teardown(void) {
    remove_directory(directory);
}

/* Sends a call off the record, and copies the body of the answer. */
static void call(const char *method, const char *target, const char *body, int status, char *out,
                 size_t size) {
    struct http_answer answer;
    http_send(
        &server,
        &(struct http_call){.method = method, .target = target, .body = body, .off_record = true},
        &answer);
    ck_assert_msg(answer.status == status, "%s %s: %d %s", method, target, answer.status,
                  answer.body);
    snprintf(out, size, "%s", answer.body);
    http_answer_deinit(&answer);
}

static void expect(const char *method, const char *target, const char *body, int status,
                   const char *text) {
    char out[4096];
    call(method, target, body, status, out, sizeof(out));
    ck_assert_msg(strstr(out, text), "%s %s: %s", method, target, out);
}

static void expect_body(const char *target, const char *body, const char *text) {
    char out[4096];
    call("POST", target, body, 200, out, sizeof(out));
    ck_assert_str_eq(out, text);
}

static void start(const char *option) {
    process_start(&server, (const char *const[]){"--files", directory, option, NULL});
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* Adds a stub for any method of a path. */
static void add(const char *path, const char *response) {
    char mapping[2048];
    snprintf(mapping, sizeof(mapping),
             "{\"request\":{\"urlPath\":\"%s\"},\"response\":{%s," TEMPLATE "}}", path, response);
    expect("POST", MAPPINGS, mapping, 201, "response-template");
}

START_TEST(renders_bodies) {
    start(NULL);
    expect("POST", MAPPINGS,
           "{\"request\":{\"urlPathTemplate\":\"/t/{name}\"},\"response\":{" TEMPLATE ","
           "\"transformerParameters\":{\"p\":[1.50]},\"body\":\"{{request.url}} "
           "{{request.path.name}} {{request.body}} {{parameters.p.[0]}}\"}}",
           201, "{{request.url}}");
    expect_body("/t/x?q=1", "hi", "/t/x?q=1 x hi 1.50");
    add("/json", "\"jsonBody\":{\"a\":\"{{jsonPath request.body '$.a'}}\"}");
    expect_body("/json", "{\"a\":\"b\"}", "{\"a\":\"b\"}");
    expect("POST", "/json", "{\"a\":\"\\\"\"}", 500,
           "jsonBody: what was rendered is not valid JSON");
    add("/bytes", "\"base64Body\":\"e3tyZXF1ZXN0Lm1ldGhvZH19\"");
    expect_body("/bytes", "", "{{request.method}}");
    add("/empty", "\"body\":\"{{foo}}\"");
    expect_body("/empty", "", "");
    expect("POST", MAPPINGS,
           "{\"request\":{\"url\":\"/plain\"},\"response\":{\"body\":\"{{request.method\"}}", 201,
           "");
    expect_body("/plain", "", "{{request.method");
    stop();
}
END_TEST

START_TEST(sees_no_prefix_of_a_sandbox) {
    start(NULL);
    expect("POST", "/sandbox/s" MAPPINGS,
           "{\"request\":{\"url\":\"/u\"},\"response\":{" TEMPLATE ",\"body\":\"{{request.url}} "
           "{{request.pathSegments.[0]}}\"}}",
           201, "");
    expect_body("/sandbox/s/u", "", "/u u");
    stop();
}
END_TEST

START_TEST(renders_headers) {
    struct http_answer answer;
    start(NULL);
    add("/h", "\"headers\":{\"X-A\":[\"{{request.query.q}}\",\"b\"],\"X-E\":\"{{foo}}\"}");
    http_send(&server, &(struct http_call){.method = "GET", .target = "/h?q=v", .off_record = true},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_ptr_nonnull(strstr(answer.headers, "X-A: v\r\nX-A: b\r\n"));
    http_answer_deinit(&answer);
    expect("GET", "/h?q=a%0Ab", NULL, 500,
           "headers.X-A: the rendered value has control characters");
    expect("GET", "/h?q=a%0Ab", NULL, 500, "stub ");
    stop();
}
END_TEST

START_TEST(renders_files) {
    suite_write(directory, "POST.txt", "{{request.method}} {{parameters.p}}");
    suite_write(directory, "broken.txt", "\n {{foo 1}}");
    suite_write(directory, "plain.txt", "no template }}");
    start(NULL);
    add("/f",
        "\"bodyFileName\":\"{{request.query.name}}.txt\",\"transformerParameters\":{\"p\":1}");
    expect_body("/f?name=POST", "", "POST 1");
    expect_body("/f?name=plain", "", "no template }}");
    expect("POST", "/f?name=broken", "", 500,
           "bodyFileName 'broken.txt': 2:4: has no helper 'foo'");
    expect("POST", "/f?name=..%2F..%2Fetc%2Fpasswd", "", 500, "bodyFileName");
    expect("POST", "/f?name=no", "", 500, "bodyFileName 'no.txt'");
    add("/as-it-is", "\"bodyFileName\":\"POST.txt\",\"transformerParameters\":"
                     "{\"disableBodyFileTemplating\":true}");
    expect_body("/as-it-is", "", "{{request.method}} {{parameters.p}}");
    stop();
}
END_TEST

static const struct {
    const char *response;
    const char *pointer;
    const char *detail;
} refused[] = {
    {"\"body\":\"{{foo 1}}\"", "/response/body", "1:3: has no helper 'foo'"},
    {"\"body\":\"a\\n{{#if a}}\"", "/response/body", "2:1: "},
    {"\"jsonBody\":{\"a\":\"{{xPath request.body '/a'}}\"}", "/response/jsonBody", "XML"},
    {"\"headers\":{\"X\":\"{{now offset='3'}}\"}", "/response/headers/X", "the offset"},
    {"\"bodyFileName\":\"{{}}\"", "/response/bodyFileName", "expects a name"},
};

START_TEST(refuses_mistakes) {
    char mapping[512];
    snprintf(mapping, sizeof(mapping), "{\"response\":{%s," TEMPLATE "}}", refused[_i].response);
    start(NULL);
    expect("POST", MAPPINGS, mapping, 422, refused[_i].pointer);
    expect("POST", MAPPINGS, mapping, 422, refused[_i].detail);
    expect("POST", MAPPINGS, "{\"response\":{\"transformers\":[\"mine\"]}}", 422,
           "/response/transformers/0");
    stop();
}
END_TEST

START_TEST(repeats_random_values_after_a_reset) {
    char answers[4][256];
    start(NULL);
    add("/a", "\"body\":\"{{randomValue type='UUID'}} {{randomInt}}\"");
    add("/b", "\"body\":\"{{randomValue type='UUID'}} {{randomInt}} \"");
    expect("POST", MAPPINGS "/save", "", 200, "");
    call("GET", "/a", NULL, 200, answers[0], sizeof(answers[0]));
    call("GET", "/a", NULL, 200, answers[1], sizeof(answers[1]));
    call("GET", "/b", NULL, 200, answers[2], sizeof(answers[2]));
    expect("POST", "/__admin/reset", "", 200, "");
    call("GET", "/a", NULL, 200, answers[3], sizeof(answers[3]));
    ck_assert_str_ne(answers[0], answers[1]);
    ck_assert_int_ne(strncmp(answers[0], answers[2], 36), 0);
    ck_assert_str_eq(answers[0], answers[3]);
    stop();
}
END_TEST

START_TEST(takes_the_time_of_the_sandbox) {
    start("--clock=2024-01-02T03:04:05Z");
    add("/now", "\"body\":\"{{now}} {{now offset='1 days' format='d.M.yyyy'}}\"");
    expect_body("/now", "", "2024-01-02T03:04:05Z 3.1.2024");
    stop();
}
END_TEST

START_TEST(shows_the_answer_in_the_journal) {
    start(NULL);
    add("/j", "\"body\":\"{{request.query.q}}!\"");
    expect_body("/j?q=seen", "", "seen!");
    expect("GET", "/__admin/requests", NULL, 200, "\"seen!\"");
    expect("GET", MAPPINGS, NULL, 200, "{{request.query.q}}!");
    stop();
}
END_TEST

START_TEST(gives_up_what_is_too_much) {
    start(NULL);
    add("/much",
        "\"body\":\"{{#each (range 1 9999)}}{{#each (range 1 9999)}}x{{/each}}{{/each}}\"");
    expect("GET", "/much", NULL, 500, "takes too much");
    expect("GET", "/health", NULL, 200, "");
    stop();
}
END_TEST

START_TEST(templates_every_stub_on_demand) {
    static const char *const options[] = {"--global-response-templating",
                                          "--global-response-templating=on"};
    start(options[_i]);
    expect("POST", MAPPINGS,
           "{\"request\":{\"url\":\"/g\"},\"response\":{\"body\":\"{{request.method}}\"}}", 201,
           "");
    expect_body("/g", "", "POST");
    expect("POST", MAPPINGS "/save", "", 200, "");
    expect("POST", MAPPINGS "/reset", "", 200, "");
    expect_body("/g", "", "POST");
    expect("POST", MAPPINGS, "{\"response\":{\"body\":\"{{foo 1}}\"}}", 422, "/response/body");
    stop();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("templating");
    TCase *tcase = suite_add(suite, "templating");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, renders_bodies);
    tcase_add_test(tcase, sees_no_prefix_of_a_sandbox);
    tcase_add_test(tcase, renders_headers);
    tcase_add_test(tcase, renders_files);
    suite_add_rows(tcase, refuses_mistakes, refused);
    tcase_add_test(tcase, repeats_random_values_after_a_reset);
    tcase_add_test(tcase, takes_the_time_of_the_sandbox);
    tcase_add_test(tcase, shows_the_answer_in_the_journal);
    tcase_add_test(tcase, gives_up_what_is_too_much);
    tcase_add_loop_test(tcase, templates_every_stub_on_demand, 0, 2);
    return suite_run(suite);
}
