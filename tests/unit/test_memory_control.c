/* Torture tests of the control plane: journal, patterns, state, snapshots, stubs and fault
 * profiles. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "match/pattern.h"
#include "match_request.h"
#include "refusal.h"
#include "sandbox/fixture.h"
#include "sandbox/journal.h"
#include "store/copy.h"
#include "store/lender.h"
#include "stubs/stubs.h"
#include "torture.h"
#include "util/fatal.h"
#include "util/timestamp.h"

#define STUB                                                                                       \
    "{\"id\":\"11111111-2222-4333-8444-555555555555\",\"request\":{\"url\":\"/stubbed\"},"         \
    "\"response\":{\"status\":418,\"body\":\"tea\"},\"metadata\":{\"a\":1}}"

static const struct torture_call journal_requests[] = {
    {"GET", "/__admin/requests?since=2001-01-01T00:00:00Z&limit=5", "", .status = 200},
    {"GET", "/__admin/requests/unmatched", "", .status = 200},
    {"GET", "/__admin/requests/unmatched/near-misses", "", .status = 200},
    {"POST", "/__admin/requests/count", "{\"url\":\"/nowhere\"}", .status = 200},
    {"POST", "/__admin/requests/find", "{\"urlPath\":\"/nowhere\"}", .status = 200},
    {"POST", "/__admin/requests/remove", "{\"bodyPatterns\":[{\"contains\":\"x\"}]}",
     .status = 200},
    {"POST", "/__admin/requests/remove-by-metadata", "{\"matchesJsonPath\":\"$.a\"}",
     .status = 200},
    {"POST", "/__admin/near-misses/request-pattern", "{\"url\":\"/now\",\"method\":\"PUT\"}",
     .status = 200},
    {"POST", "/__admin/near-misses/request",
     "{\"url\":\"/stub\",\"headers\":{\"a\":[\"b\",\"c\"]},\"bodyAsBase64\":\"Zw==\"}",
     .status = 200},
    {"POST", "/__admin/kestub/verify", "{\"request\":{\"urlPath\":\"/nowhere\"}}", .status = 200},
    {"POST", "/__admin/kestub/verify", "{\"request\":{\"url\":\"/now\"},\"exactly\":1}",
     .status = 422},
    {"POST", "/__admin/kestub/verify", "{\"request\":{},\"atLeast\":2,\"atMost\":1}",
     .status = 422},
    {"GET", "/__admin/kestub/coverage", "", .status = 200},
};

START_TEST(every_allocation_of_a_journal_query_may_fail) {
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(torture_send("POST", "/__admin/mappings", STUB), 201);
    for (int n = 1; reached; n++) {
        ck_assert_int_eq(torture_send("GET", "/nowhere?a=%ff&a=1", "x\xff"), 404);
        ck_assert_int_eq(torture_send("GET", "/stubbed", ""), 418);
        ck_assert_int_eq(torture_send("GET", "/api/v1/me?odd=1", ""), 200);
        int status = torture_run(&journal_requests[_i], n, &reached);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

START_TEST(every_allocation_of_an_entry_may_fail) {
    struct journal_statistics statistics;
    struct journal_record record = {.method = "GET", .target = "/", .url = "/"};
    journal_clear(sandbox.journal);
    torture_begin(1);
    journal_add(sandbox.journal, &record);
    torture_end();
    journal_add(sandbox.journal, &record);
    journal_measure(sandbox.journal, &statistics);
    ck_assert_uint_eq(statistics.lost, 1);
    ck_assert_uint_eq(statistics.count, 1);
}
END_TEST

static const struct {
    const char *pattern;
    const char *request;
    int result;
} patterns[] = {
    {"{\"method\":{\"oneOf\":[\"PUT\"]},\"urlPathTemplate\":\"/{a}/b\","
     "\"pathParameters\":{\"a\":{\"equalTo\":\"x\"}},"
     "\"queryParameters\":{\"q\":{\"includes\":[{\"contains\":\"1\"}]}},"
     "\"cookies\":{\"c\":{\"or\":[{\"absent\":true},{\"matches\":\"d*\"}]}},"
     "\"formParameters\":{\"f\":{\"not\":{\"equalTo\":\"2\"}}},"
     "\"basicAuth\":{\"username\":\"a\",\"password\":\"b\"}}",
     "PUT /x/b?q=1\nCookie: c=d\nAuthorization: Basic YTpi\n"
     "Content-Type: application/x-www-form-urlencoded\n\nf=1",
     0},
    {"{\"urlPattern\":\"/a(b|c)*\",\"bodyPatterns\":["
     "{\"equalToJson\":\"{\\\"a\\\":[2,1]}\",\"ignoreArrayOrder\":true},"
     "{\"matchesJsonPath\":\"$.a[?(@ =~ /x/ || @.length() == 1 || @ == 2)]\"},"
     "{\"matchesJsonPath\":{\"expression\":\"$.a\",\"equalToJson\":[1.0,2]}},"
     "{\"matchesJsonSchema\":{\"additionalProperties\":{\"pattern\":\"x\",\"uniqueItems\":true}}}]"
     "}",
     "PUT /abc\n\n{\"a\":[1,2]}", 0},
    {"{\"method\":{\"oneOf\":[\"GET\"]},\"port\":80,\"headers\":{\"A\":{\"equalTo\":\"1\"}},"
     "\"basicAuth\":{\"username\":\"a\",\"password\":\"b\"},"
     "\"bodyPatterns\":[{\"binaryEqualTo\":\"AAAA\"}]}",
     "PUT /\nA: 2\n\nx", PATTERN_DIFFERS},
};

/* Returns the result of pattern_match, or of the first step that fails. */
static int run_pattern(const cJSON *tree, const char *request) {
    struct arena arena;
    struct match_subject subject = {0};
    struct match_report report;
    struct pattern *pattern = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    arena_init(&arena);
    int r = pattern_parse(tree, &json_root, &refusal.violations, &pattern);
    if (r == 0 && !match_request_read(request, strlen(request), &arena, &subject))
        r = FATAL(ENOMEM);
    int compared = r == 0 ? pattern_compare(pattern, &subject, &report) : r;
    if (r == 0)
        r = pattern_match(pattern, &subject);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    pattern_free(pattern);
    return compared < 0 ? compared : r;
}

START_TEST(every_allocation_of_a_pattern_may_fail) {
    cJSON *tree = NULL;
    struct json_error error;
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(json_parse(patterns[_i].pattern, strlen(patterns[_i].pattern), &tree, &error),
                     0);
    for (int n = 1; reached; n++) {
        torture_begin(n);
        int r = run_pattern(tree, patterns[_i].request);
        reached = torture_end();
        ck_assert_msg(fatal_errno(r) == ENOMEM || r == patterns[_i].result, "%d: %d", n, r);
        failures += r < 0;
    }
    ck_assert_int_gt(failures, 5);
    cJSON_Delete(tree);
}
END_TEST

/* Dumps the whole state (owned by the caller, free). */
static char *dump(struct sandbox *of) {
    char *text;
    size_t size;
    ck_assert_int_eq(fixture_dump(&of->iam, NULL, &text, &size), 0);
    return text;
}

#define SALT "AAAAAAAAAAAAAAAAAAAAAA=="
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define NEW_STATE                                                                                  \
    "{\"tenants\":[{\"id\":\"t\",\"details\":{\"a\":[1,null]},\"groups\":[{\"id\":\"g\","          \
    "\"name\":\"g\",\"scim\":{\"attributes\":{}}}],\"invitations\":[{\"email\":\"e\","             \
    "\"groups\":[\"g\"]}],\"securityIntegrations\":[{\"name\":\"n\"}]}],"                          \
    "\"users\":[{\"id\":\"u\",\"email\":\"a@b.c\",\"otherTenants\":[\"t\"],\"scim\":["             \
    "{\"tenant\":\"t\",\"attributes\":{}}],\"tokens\":[{"                                          \
    "\"name\":\"n\",\"prefix\":\"012345\",\"salt\":\"" SALT "\",\"hash\":\"" HASH "\"}]}]}"

static const struct torture_call admin_requests[] = {
    {"GET", "/docs", "", .status = 200},
    {"GET", "/__admin/metrics", "", .status = 200},
    {"GET", "/__admin/kestub/state", "", .status = 200},
    {"PUT", "/__admin/kestub/state", NEW_STATE, .status = 200},
    {"PUT", "/__admin/kestub/state", "{\"users\":[{\"email\":\"a\"},{\"email\":\"A\"}]}",
     .status = 422},
    {"PUT", "/__admin/kestub/state", "{", .status = 422},
    {"PUT", "/__admin/kestub/state",
     "{\"tenants\":[{\"id\":\"t\",\"nam\":1},{}],\"users\":[{\"email\":\"a\",\"tenants\":[\"u\"]},"
     "{\"email\":\"a\"}]}",
     .status = 422},
    {"POST", "/__admin/reset", "", .status = 200},
    {"POST", "/__admin/kestub/snapshots/kept/restore", "", .status = 200},
    {"POST", "/__admin/kestub/snapshots/new", "", .status = 201},
    {"GET", "/__admin/kestub/snapshots", "", .status = 200},
    {"DELETE", "/__admin/kestub/snapshots/kept", "", .status = 204},
    {"PUT", "/__admin/kestub/clock", "{\"now\":\"2024-01-01T00:00:00Z\",\"advance\":\"PT1H\"}",
     .status = 200},
    {"PUT", "/__admin/kestub/clock", "{\"advance\":\"x\"}", .status = 422},
};

/* Whatever fails, the state is the old one, the new one, or the snapshot's. */
START_TEST(every_allocation_of_the_control_plane_may_fail) {
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(sandbox_save_snapshot(&sandbox, "kept"), 0);
    for (int n = 1; reached; n += 1 + n / 50) {
        ck_assert_int_eq(sandbox_reset(&sandbox), 0);
        ck_assert_int_eq(sandbox_save_snapshot(&sandbox, "kept"), 0);
        sandbox_delete_snapshot(&sandbox, "new");
        char *start = dump(&sandbox);
        ck_assert_int_eq(torture_send("PUT", GROUPS, "{\"groupIds\":[]}"), 204);
        char *before = dump(&sandbox);
        int status = torture_run(&admin_requests[_i], n, &reached);
        char *after = dump(&sandbox);
        ck_assert_msg(strcmp(after, before) == 0 || strcmp(after, start) == 0 ||
                          (strstr(after, "{\"id\":\"t\",") && strstr(after, SALT)),
                      "%d: %s", n, after);
        failures += status != admin_requests[_i].status;
        free(start);
        free(before);
        free(after);
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

enum { CROWD = 40 }; /* more stores than have a connection at once */

/* Only the first copy of a state that was taken for the first time opens a connection. */
static void take_anew(struct sandbox *home) {
    lender_release(home->iam.store->lender);
    home->iam.store->lender = NULL;
    ck_assert_int_eq(sandbox_set_start(home), 0);
}

/* So a new copy takes the connection of one of these over. */
static void take_all_connections(struct store *stores[CROWD]) {
    for (int i = 0; i < CROWD; i++) {
        struct transaction transaction;
        store_begin(stores[i], &transaction);
        store_transaction_end(&transaction);
    }
}

/* A copied store opens its connection, or takes over that of another, and prepares its statements
 * during requests. */
START_TEST(every_allocation_of_a_copy_may_fail) {
    bool takes_over = _i == 1;
    static const struct torture_call first[] = {
        {"GET", "/api/v1/main/groups/search", "", .status = 200},
        {"PUT", GROUPS, "{\"groupIds\":[\"" PLATFORM "\"]}", .status = 204},
        {"GET", "/__admin/kestub/state", "", .status = 200},
    };
    struct sandbox home = sandbox;
    struct store *crowd[CROWD] = {0};
    for (int i = 0; takes_over && i < CROWD; i++)
        ck_assert_int_eq(store_open_copy(home.start.state, &crowd[i]), 0);
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        bool reached = true;
        int failures = 0;
        for (int n = 1; reached; n++) {
            if (takes_over)
                take_all_connections(crowd);
            else
                take_anew(&home);
            torture_begin(n);
            int r = sandbox_init_copy(&sandbox, &home, &home.start, home.iam.version);
            int status =
                r < 0 ? 500 : torture_send(first[i].method, first[i].target, first[i].body);
            reached = torture_end();
            ck_assert_msg(status == first[i].status || status == 500 || status == 0, "%d: %d", n,
                          status);
            failures += r == 0 && status == 500;
            if (r == 0 && status != 204) {
                ck_assert_int_eq(torture_send("GET", "/api/v1/main/groups/search", ""), 200);
                ck_assert_uint_eq(torture_count_memberships(), 0);
            }
            sandbox_deinit(&sandbox);
        }
        ck_assert_int_gt(failures, 0);
    }
    for (int i = 0; i < CROWD; i++)
        store_free(crowd[i]);
    sandbox = home;
}
END_TEST

#define STUB_ID "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c01"
#define MAPPINGS "/__admin/mappings"

#define OTHER_ID "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c02"
#define STUB_MAPPING(id)                                                                           \
    "{\"id\":\"" id "\",\"scenarioName\":\"s\",\"newScenarioState\":\"b\","                        \
    "\"request\":{\"urlPathPattern\":\"/"                                                          \
    "x.*\",\"bodyPatterns\":[{\"equalToJson\":\"{\\\"a\\\":1}\"}]},"                               \
    "\"response\":{\"headers\":{\"A\":[\"1\",\"2\"]},\"jsonBody\":{\"b\":[1]}},"                   \
    "\"metadata\":{\"m\":1}}"

/* Has each kind of template, and helpers of each family. */
#define TEMPLATES(id)                                                                              \
    "{\"id\":\"" id "\",\"request\":{\"urlPathTemplate\":\"/t/{n}\"},\"response\":{"               \
    "\"transformers\":[\"response-template\"],\"transformerParameters\":{\"p\":[1]},"              \
    "\"headers\":{\"A\":[\"{{request.path.n}}\",\"{{request.query.q}}\"]},\"body\":\""             \
    "{{#each parameters.p as |v|}}{{v}}{{else}}{{/each}}{{jsonPath request.body '$..a'}}"          \
    "{{toJson (parseJson '{}')}}{{jsonMerge '{}' '{}'}}{{jsonRemove '[1]' '$[0]'}}"                \
    "{{#formatJson}}[]{{/formatJson}}{{jsonArrayAdd '[]' '1'}}{{formData 'a=b' 'f'}}{{f.a}}"       \
    "{{now format='yyyy' timezone='Europe/Paris'}}{{truncateDate (now) 'first hour of day'}}"      \
    "{{date (parseDate '1/2/2020' format='d/M/yyyy') offset='1 days'}}{{math 7 '/' 2.0}}"          \
    "{{numberFormat 12.5}}{{randomValue length=3}}{{randomInt}}{{randomDecimal}}"                  \
    "{{pickRandom 1 2 count=2}}{{arrayJoin ',' (arrayAdd (range 1 2) 3)}}"                         \
    "{{#assign 'x'}}{{trim ' a '}}{{/assign}}{{x}}{{upper 'a'}}{{replace 'a' 'a' 'b'}}"            \
    "{{substring 'abc' 1}}{{base64 'a'}}{{base64 'YQ' decode=true}}{{urlEncode 'a b'}}"            \
    "{{regexExtract 'ab' '(a)b' 'g'}}{{g}}{{matches 'a' 'a'}}{{regexExtract 'a' 'b'}}"             \
    "{{arrayRemove (array 1 2)}}{{eq 1 2}}{{size request.headers}}{{stripTags '<a>b'}}"            \
    "{{request.bodyAsBase64}}{{join 'a' 'b' ','}}{{lookup parameters 'p'}}\"}}"

static const struct torture_call stub_requests[] = {
    {"POST", MAPPINGS, TEMPLATES(OTHER_ID), .status = 201},
    {"POST", MAPPINGS,
     "{\"response\":{\"transformers\":[\"response-template\"],\"body\":\"{{foo 1}}\"}}",
     .status = 422},
    {"POST", MAPPINGS, STUB_MAPPING(OTHER_ID), .status = 201},
    {"POST", MAPPINGS, STUB_MAPPING(STUB_ID), .status = 422},
    {"POST", MAPPINGS, "{\"metadata\":{\"kestub\":{\"x\":1}}}", .status = 422},
    {"POST", MAPPINGS,
     "{\"id\":1,\"nam\":1,\"request\":{\"headers\":{\"a\":{\"equelTo\":\"\"},\"b\":{}}}}",
     .status = 422},
    {"GET", MAPPINGS, "", .status = 200},
    {"PUT", MAPPINGS "/" STUB_ID, "{\"response\":{\"base64Body\":\"AAAA\"}}", .status = 200},
    {"POST", MAPPINGS "/import",
     "{\"mappings\":[{\"scenarioName\":\"t\"},{}],\"importOptions\":{\"deleteAllNotInImport\":true}"
     "}",
     .status = 200},
    {"POST", MAPPINGS "/import", "{\"mappings\":[{},{\"a\":1}]}", .status = 422},
    {"POST", MAPPINGS "/remove",
     "{\"request\":{\"urlPathPattern\":\"/x.*\",\"bodyPatterns\":"
     "[{\"equalToJson\":\"{\\\"a\\\":1}\"}]}}",
     .status = 200},
    {"POST", MAPPINGS "/find-by-metadata", "{\"matchesJsonPath\":\"$.m\"}", .status = 200},
    {"POST", MAPPINGS "/remove-by-metadata", "{\"equalToJson\":\"{\\\"m\\\":1}\"}", .status = 200},
    {"GET", MAPPINGS "/unmatched", "", .status = 200},
    {"DELETE", MAPPINGS "/unmatched", "", .status = 200},
    {"POST", MAPPINGS "/save", "", .status = 200},
    {"POST", MAPPINGS "/reset", "", .status = 200},
    {"GET", "/__admin/scenarios", "", .status = 200},
    {"PUT", "/__admin/scenarios/s/state", "{\"state\":\"b\"}", .status = 200},
    {"PUT", "/__admin/scenarios/s/state", "{\"state\":\"c\"}", .status = 422},
    {"PUT", "/__admin/settings", "{\"settings\":{\"fixedDelay\":1}}", .status = 200},
    {"GET", "/__admin/settings", "", .status = 200},
    {"PATCH", "/__admin/settings/extended", "{\"extended\":{\"a\":1,\"b\":{}}}", .status = 200},
    {"PUT", "/xyz", "{\"a\":1}", .status = 200},
    {"PUT", "/xyz", "{\"a\":2}", .status = 404},
    {"PUT", "/other", "", .status = 404},
};

/* Makes one stub, which a reset returns to, and settings with an extended member. */
static void arrange_stubs(void) {
    ck_assert_int_eq(torture_send("DELETE", MAPPINGS, ""), 200);
    ck_assert_int_eq(torture_send("POST", MAPPINGS, STUB_MAPPING(STUB_ID)), 201);
    ck_assert_int_eq(torture_send("POST", MAPPINGS "/save", ""), 200);
    ck_assert_int_eq(torture_send("PUT", "/__admin/settings", "{\"extended\":{\"b\":1}}"), 200);
}

START_TEST(every_allocation_of_a_template_may_fail) {
    static const struct torture_call call = {"POST", "/t/x?q=1", "{\"a\":1}", .status = 200};
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(torture_send("POST", MAPPINGS, TEMPLATES(STUB_ID)), 201);
    for (int n = 1; reached; n++)
        failures += torture_run(&call, n, &reached) == 500;
    ck_assert_int_gt(failures, 10);
}
END_TEST

START_TEST(every_allocation_of_the_stubs_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        arrange_stubs();
        int status = torture_run(&stub_requests[_i], n, &reached);
        /* A failed request must not have changed anything. */
        if (status != stub_requests[_i].status) {
            struct stub_list list;
            ck_assert_int_eq(stubs_list(sandbox.stubs, &list), 0);
            ck_assert_uint_eq(list.count, 1);
            ck_assert_str_eq(list.stubs[0]->id, STUB_ID);
            stub_list_deinit(&list);
        }
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

static const struct torture_call faulty[] = {
    {"GET", "/api/v1/main/groups/" PLATFORM "/members", "", .status = 200},
    {"GET", "/api/v1/users", "", .status = 200},
    {"PUT", "/api/v1/main/groups/" PLATFORM "/members/" ALAN, "", .status = 409},
    {"PUT", GROUPS, "{\"groupIds\":[]}", .status = 204},
    {"POST", "/api/v1/users", "{\"email\":\"n@x.y\"}", .status = 403},
    {"GET", "/api/v1/me", "", .status = 401, .authorization = "Basic cm9vdEByb290LmNvbTp4"},
    {"POST", "/api/v1/login", "{\"username\":\"root@root.com\",\"password\":\"x\"}", .status = 401},
};

/* With all profiles that keep a state: a write makes a copy first, and a listing shows what was
 * written. */
START_TEST(every_allocation_of_a_fault_may_fail) {
    struct fault_set set;
    char error[FAULT_ERROR_SIZE];
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(fault_set_parse("stale-members=60000,stale-search=60000,lost-update=60000,"
                                     "lock-out=100,license-limit,rate-limit=10000",
                                     &set, error),
                     0);
    for (int n = 1; reached; n++) {
        ck_assert_int_eq(faults_set(sandbox.faults, &set, timestamp_monotonic_us()), 0);
        if (strcmp(faulty[_i].method, "PUT") != 0 || faulty[_i].status == 409)
            ck_assert_int_ge(
                torture_send("PUT", "/api/v1/main/groups/" PLATFORM "/members/" ALAN, ""), 200);
        int status = torture_run(&faulty[_i], n, &reached);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
    ck_assert_int_eq(faults_reset(sandbox.faults), 0);
    ck_assert_int_eq(torture_send("GET", "/api/v1/users?q=n@x.y", ""), 200);
}
END_TEST

/* {"groupIds":["7C1klfgdQmLTCyrnlejrtg"]}, as "deflate" has it, with blanks that spare it zeros. */
#define DEFLATED_GROUPS                                                                            \
    "\x78\x9c\xab\x56\x4a\x2f\xca\x2f\x2d\xf0\x4c\x29\x56\xb2\x8a\x56\x32\x77\x36\xcc\xce\x49"     \
    "\x4b\x4f\x09\xcc\xf5\x09\x71\xae\x2c\xca\xcb\x49\xcd\x2a\x2a\x49\x57\x8a\x55\xc0\x02\x6a"     \
    "\x01\x3a\x7b\x10\x75"

/* With a stub, the body is decoded for it. Without credentials only the journal decodes it. */
START_TEST(every_allocation_of_a_decoding_may_fail) {
    const char *const *const headers[] = {
        (const char *const[]){"Authorization", ROOT_TOKEN, "Content-Encoding", "deflate", NULL},
        (const char *const[]){"Content-Encoding", "deflate", NULL},
    };
    const int statuses[] = {204, 401};
    for (size_t i = 0; i < 2; i++) {
        bool reached = true;
        int failures = 0;
        for (int n = 1; reached; n++) {
            torture_begin(n);
            int status = torture_send_with("PUT", GROUPS, headers[i], DEFLATED_GROUPS);
            reached = torture_end();
            ck_assert_msg(status == statuses[i] || status == 500 || status == 0, "%d: %d", n,
                          status);
            failures += status == 500;
        }
        ck_assert_int_gt(failures, 0);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory_control");
    TCase *tcase = suite_add(suite, "memory_control");
    tcase_add_checked_fixture(tcase, torture_setup, torture_teardown);
    suite_add_rows(tcase, every_allocation_of_a_journal_query_may_fail, journal_requests);
    tcase_add_test(tcase, every_allocation_of_an_entry_may_fail);
    suite_add_rows(tcase, every_allocation_of_a_pattern_may_fail, patterns);
    suite_add_rows(tcase, every_allocation_of_the_control_plane_may_fail, admin_requests);
    tcase_add_loop_test(tcase, every_allocation_of_a_copy_may_fail, 0, 2);
    tcase_add_test(tcase, every_allocation_of_a_template_may_fail);
    suite_add_rows(tcase, every_allocation_of_the_stubs_may_fail, stub_requests);
    suite_add_rows(tcase, every_allocation_of_a_fault_may_fail, faulty);
    tcase_add_test(tcase, every_allocation_of_a_decoding_may_fail);
    return suite_run(suite);
}
