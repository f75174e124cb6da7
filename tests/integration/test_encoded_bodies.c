/* Bodies with a Content-Encoding: stubs, the journal and the emulator see them decoded. */
#include <signal.h>
#include <stdio.h>

#include "deflated.h"
#include "process.h"
#include "steps.h"
#include "suite.h"

#define MAPPINGS "/__admin/mappings"
#define REQUESTS "/__admin/requests"
#define GZIP "Content-Encoding: gzip"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){"--max-body", "65536", NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static void post(const char *target, const char *body, int status, const char *text) {
    http_expect(&server, &(struct http_call){.method = "POST", .target = target, .body = body},
                status, text);
}

/* Sends an encoded body and frees it. */
static void send_to(const char *target, const char *header, struct deflated body, int status,
                    const char *text) {
    http_expect(&server,
                &(struct http_call){.method = "POST",
                                    .target = target,
                                    .basic = ROOT,
                                    .header = header,
                                    .header2 = JSON,
                                    .body = (char *)body.bytes,
                                    .body_size = body.size,
                                    .off_record = true},
                status, text);
    free(body.bytes);
}

static void expect_journal(const char *text) {
    http_expect(&server, &(struct http_call){.method = "GET", .target = REQUESTS "?limit=1"}, 200,
                text);
}

START_TEST(stubs_and_the_journal_see_the_decoded_body) {
    post(MAPPINGS,
         "{\"request\":{\"url\":\"/x\",\"bodyPatterns\":[{\"equalToJson\":{\"a\":1}}]},"
         "\"response\":{\"body\":\"seen\"}}",
         201, NULL);
    send_to("/x", GZIP, deflated_text(AS_GZIP, "{\"a\":1}"), 200, "seen");
    expect_journal("\"body\":\"{\\\"a\\\":1}\",\"bodyAsBase64\":\"eyJhIjoxfQ==\"");
    expect_journal("\"Content-Encoding\":\"gzip\"");
    send_to("/x", "Content-Encoding: deflate", deflated_text(AS_ZLIB, "{\"a\":1}"), 200, "seen");
    send_to("/x", "Content-Encoding: deflate", deflated_text(AS_RAW, "{\"a\":1}"), 200, "seen");
    send_to("/x", "Content-Encoding: gzip, deflate",
            deflated_again(AS_ZLIB, deflated_text(AS_GZIP, "{\"a\":1}")), 200, "seen");
    send_to("/x", "X-Other: 1", deflated_text(AS_GZIP, "{\"a\":1}"), 200, "seen");
    send_to("/x", GZIP, deflated_plain("{\"a\":1}"), 200, "seen");
    struct deflated broken = deflated_text(AS_GZIP, "{\"a\":1}");
    broken.size -= 2;
    send_to("/x", GZIP, broken, 404, NULL);
    post(REQUESTS "/count", "{\"url\":\"/x\",\"bodyPatterns\":[{\"equalTo\":\"{\\\"a\\\":1}\"}]}",
         200, "\"count\":6,");
}
END_TEST

static struct deflated bomb(size_t size) {
    char *spaces = malloc(size);
    ck_assert_ptr_nonnull(spaces);
    memset(spaces, ' ', size);
    struct deflated body = deflated_make(AS_GZIP, spaces, size);
    free(spaces);
    return body;
}

START_TEST(a_bomb_is_a_413) {
    send_to("/api/v1/users", GZIP, bomb(65537), 413, "--max-body allows 65536 bytes once decoded");
    expect_journal("\"bodyCutFrom\"");
    send_to("/x", GZIP, bomb(20000000), 404, NULL); /* nothing reads it but the journal */
    post(MAPPINGS, "{\"request\":{\"url\":\"/x\"},\"response\":{}}", 201, NULL);
    send_to("/x", GZIP, bomb(65536), 200, NULL);
    send_to("/x", GZIP, bomb(65537), 413, "--max-body allows 65536 bytes once decoded");
    send_to("/x", GZIP, bomb(60000000), 413, "--max-body allows 65536 bytes once decoded");
    send_to("/y", GZIP, bomb(65537), 413, "--max-body");
}
END_TEST

START_TEST(the_emulator_and_the_control_plane_read_the_decoded_body) {
    send_to("/api/v1/tenants", GZIP,
            deflated_text(AS_GZIP, "{\"id\":\"zipped\",\"name\":\"Zipped\"}"), 200, "\"zipped\"");
    send_to("/api/v1/tenants", GZIP, deflated_text(AS_GZIP, "{\"id\":"), 422, NULL);
    send_to("/api/v1/tenants", GZIP, deflated_text(AS_GZIP, ""), 422, NULL);
    send_to(MAPPINGS, GZIP, deflated_text(AS_GZIP, "{\"request\":{},\"response\":{}}"), 201, NULL);
}
END_TEST

/* The journal decodes what was refused, or it could not hide secrets there. */
START_TEST(the_journal_masks_encoded_secrets) {
    static const char secret[] = "{\"password\":\"Secret!1234\",\"other\":1}";
    struct deflated body = deflated_text(AS_GZIP, secret);
    http_expect(&server,
                &(struct http_call){.method = "POST",
                                    .target = "/api/v1/users",
                                    .header = GZIP,
                                    .header2 = JSON,
                                    .body = (char *)body.bytes,
                                    .body_size = body.size},
                401, NULL);
    free(body.bytes);
    expect_journal("\"body\":\"{\\\"password\\\":\\\"***\\\",\\\"other\\\":1}\"");
    send_to("/nowhere", GZIP, deflated_text(AS_GZIP, secret), 404, NULL);
    expect_journal("\"body\":\"{\\\"password\\\":\\\"***\\\",\\\"other\\\":1}\"");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("encoded_bodies");
    TCase *tcase = suite_add(suite, "encoded_bodies");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, stubs_and_the_journal_see_the_decoded_body);
    tcase_add_test(tcase, a_bomb_is_a_413);
    tcase_add_test(tcase, the_emulator_and_the_control_plane_read_the_decoded_body);
    tcase_add_test(tcase, the_journal_masks_encoded_secrets);
    return suite_run(suite);
}
