/* The journal: what it keeps, drops and hides. */
#include "sandbox/journal.h"

#include <pthread.h>
#include <string.h>

#include <sodium.h>

#include "match/subject.h"
#include "sandbox/coverage.h"
#include "suite.h"

static struct journal *journal;

static void setup(void) {
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(journal_new(4, false, &journal), 0);
}

static void teardown(void) {
    journal_free(journal);
}

static struct journal_record record_of(const char *url) {
    return (struct journal_record){.method = "GET",
                                   .target = url,
                                   .url = url,
                                   .client_ip = "127.0.0.1",
                                   .protocol = "HTTP/1.1",
                                   .status = 200};
}

static void add(const char *url) {
    struct journal_record record = record_of(url);
    journal_add(journal, &record);
}

static struct journal_statistics measure(void) {
    struct journal_statistics statistics;
    journal_measure(journal, &statistics);
    return statistics;
}

/* Compares the URLs of the entries, newest first. */
static void expect(const char *urls) {
    char found[256] = "";
    struct journal_list list;
    ck_assert_int_eq(journal_list(journal, &list), 0);
    for (size_t i = 0; i < list.count; i++)
        strcat(found, list.entries[i]->record.url);
    journal_list_deinit(&list);
    ck_assert_str_eq(found, urls);
}

START_TEST(keeps_the_latest_entries) {
    expect("");
    for (const char *const *url = (const char *const[]){"a", "b", "c", "d", "e", "f", NULL}; *url;
         url++)
        add(*url);
    expect("fedc");
    ck_assert_uint_eq(measure().count, 4);
    ck_assert_uint_eq(measure().recorded, 6);
    ck_assert_uint_eq(measure().evicted, 2);
    journal_clear(journal);
    expect("");
    ck_assert_uint_eq(measure().bytes, 0);
    add("g");
    expect("g");
}
END_TEST

static int test_f(void *cls, const struct journal_entry *entry) {
    (void)cls;
    return strcmp(entry->record.url, "f");
}

/* Compares the URLs of the entries that are new since the mark, newest first. */
static void expect_new(struct journal_mark *mark, const char *urls, bool anew) {
    char found[256] = "";
    struct journal_list list;
    bool is_anew;
    ck_assert_int_eq(journal_list_new(journal, mark, &list, &is_anew), 0);
    for (size_t i = 0; i < list.count; i++)
        strcat(found, list.entries[i]->record.url);
    journal_list_deinit(&list);
    ck_assert_str_eq(found, urls);
    ck_assert_int_eq(is_anew, anew);
    ck_assert_uint_eq(mark->changes, journal_changes(journal));
}

START_TEST(shows_what_is_new) {
    struct journal_mark mark = {0};
    struct journal_list list;
    expect_new(&mark, "", true);
    expect_new(&mark, "", false);
    add("a");
    add("b");
    expect_new(&mark, "ba", false);
    add("c");
    expect_new(&mark, "c", false);
    /* "d" to "i" push out all others, and "d" and "e" too. */
    for (const char *const *url = (const char *const[]){"d", "e", "f", "g", "h", "i", NULL}; *url;
         url++)
        add(*url);
    expect_new(&mark, "ihgf", false);
    ck_assert_int_eq(journal_list(journal, &list), 0);
    ck_assert_int_eq(journal_list_filter(&list, test_f, NULL), 0);
    journal_remove(journal, &list);
    journal_list_deinit(&list);
    expect_new(&mark, "ihg", true);
    add("j");
    journal_clear(journal);
    expect_new(&mark, "", true);
    add("k");
    expect_new(&mark, "k", false);
    ck_assert_int_eq(journal_list(NULL, &list), 0);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

struct counting_bell {
    struct journal_bell bell;
    int rings;
};

static void count_ring(struct journal_bell *bell) {
    ((struct counting_bell *)bell)->rings++;
}

START_TEST(rings_while_somebody_watches) {
    struct counting_bell bell = {.bell.ring = count_ring};
    add("a");
    ck_assert_uint_eq(journal_watch(journal, &bell.bell), 1);
    ck_assert_uint_eq(journal_watch(journal, &bell.bell), 2);
    add("b");
    ck_assert_int_eq(bell.rings, 1);
    journal_unwatch(journal);
    journal_clear(journal);
    ck_assert_int_eq(bell.rings, 2);
    ck_assert(!journal_is_closed(journal));
    journal_close(journal);
    ck_assert(journal_is_closed(journal));
    ck_assert_int_eq(bell.rings, 3);
    journal_unwatch(journal);
    add("c");
    ck_assert_int_eq(bell.rings, 3);
    journal_close(NULL);
    ck_assert(!journal_is_closed(NULL));
}
END_TEST

/* While memory is short the journal does not grow. */
START_TEST(an_entry_may_have_to_replace_others) {
    struct journal_record record = record_of("x");
    record.replaces = true;
    journal_add(journal, &record);
    expect("");
    ck_assert_uint_eq(measure().lost, 1);
    for (const char *const *url = (const char *const[]){"a", "b", "c", NULL}; *url; url++)
        add(*url);
    size_t bytes = measure().bytes;
    journal_add(journal, &record);
    expect("xcb");
    ck_assert_uint_le(measure().bytes, bytes);
    record.request.body =
        "a body that takes more than one entry, but not more than all of them do, "
        "so that it takes the place of two: 12345678901234567890123456789012345678";
    record.request.body_size = strlen(record.request.body);
    journal_add(journal, &record);
    expect("xx");
    ck_assert_uint_le(measure().bytes, bytes);
    ck_assert_uint_eq(measure().lost, 1);
}
END_TEST

START_TEST(finds_and_removes_by_id) {
    struct journal_list list;
    struct journal_list one;
    for (const char *const *url = (const char *const[]){"a", "b", "c", "d", "e", NULL}; *url; url++)
        add(*url);
    ck_assert_int_eq(journal_list(journal, &list), 0);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_int_eq(journal_find(journal, list.entries[i]->id, &one), 0);
        ck_assert_uint_eq(one.count, 1);
        ck_assert_ptr_eq(one.entries[0], list.entries[i]);
        journal_list_deinit(&one);
    }
    ck_assert_int_eq(journal_find(journal, list.entries[1]->id, &one), 0);
    journal_remove(journal, &one);
    expect("ecb");
    journal_remove(journal, &one); /* already removed */
    add("f");
    expect("fecb");
    journal_remove(journal, &list);
    expect("f");
    ck_assert_str_eq(list.entries[0]->record.url, "e"); /* readers still hold a reference */
    char id[UUID_SIZE];
    strcpy(id, one.entries[0]->id);
    journal_list_deinit(&one);
    ck_assert_int_eq(journal_find(journal, id, &one), 0);
    ck_assert_uint_eq(one.count, 0);
    journal_list_deinit(&one);
    static const char *const strangers[] = {"", "x", "00000000-0000-0000-0000-000000000000"};
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        ck_assert_int_eq(journal_find(journal, strangers[i], &one), 0);
        ck_assert_uint_eq(one.count, 0);
        journal_list_deinit(&one);
    }
    journal_list_deinit(&list);
}
END_TEST

static const struct {
    const char *name;
    const char *value;
    const char *shown;
} headers[] = {
    {"Authorization", "Basic YTpi", "Basic ***"},
    {"authorization", "Bearer  x y", "Bearer ***"},
    {"Authorization", "secret", "***"},
    {"Authorization", "", "***"},
    {"Proxy-Authorization", "Basic YTpi", "Basic ***"},
    {"COOKIE", "JWT=secret", "***"},
    {"Set-Cookie", "JWT=secret; Path=/", "***"},
    {"x-csrf-token", "secret", "***"},
    {"Authorization", "Digest username=\"a\"", "Digest ***"},
    {"Authorization", "Key secret", "***"},
    {"Authorization", "hush-hush secret", "***"},
    {"Proxy-Authorization", "Key secret", "***"},
    {"X-Api-Key", "secret", "***"},
    {"x-auth-token", "secret", "***"},
    {"X-Amz-Security-Token", "secret", "***"},
    {"Location", "http://a/b?code=1&access_token=secret", "http://a/b?***"},
    {"Location", "http://a/b#access_token=secret", "http://a/b#***"},
    {"Location", "http://a/b?code=1", "http://a/b?code=1"},
    {"Referer", "/?password=secret", "/?***"},
    {"Accept", "*/*", "*/*"},
    {"X-Request-Id", "1", "1"},
    {"Token-Type", "a", "a"},
};

START_TEST(hides_secrets) {
    struct journal *open;
    struct name_value field = {headers[_i].name, headers[_i].value};
    ck_assert_int_eq(journal_new(1, true, &open), 0);
    struct journal_record record = record_of("/");
    record.request.headers = (struct name_value_list){.items = &field, .count = 1};
    record.response.headers = record.request.headers;
    for (int keeps = 0; keeps < 2; keeps++) {
        struct journal_list list;
        struct journal *of = keeps ? open : journal;
        journal_add(of, &record);
        ck_assert_int_eq(journal_list(of, &list), 0);
        const struct journal_record *kept = &list.entries[0]->record;
        const char *wanted = keeps ? headers[_i].value : headers[_i].shown;
        ck_assert_str_eq(kept->request.headers.items[0].name, headers[_i].name);
        ck_assert_str_eq(kept->request.headers.items[0].value, wanted);
        ck_assert_str_eq(kept->response.headers.items[0].value, wanted);
        journal_list_deinit(&list);
    }
    journal_free(open);
}
END_TEST

/* Texts and sizes of an exchange with secrets everywhere. */
START_TEST(hides_secrets_in_texts) {
    static const char request[] = "{\"user\":\"a\",\"password\":\"secret\"}";
    static const char response[] = "{\"fullToken\":\"secret\",\"name\":\"a\"}";
    struct journal_record record = record_of("/a?b=c&token=secret");
    record.target = "http://h/sandbox/s/a?b=c&token=secret";
    record.request = (struct journal_message){
        .body = request, .body_size = strlen(request), .body_received = strlen(request)};
    record.response = (struct journal_message){
        .body = response, .body_size = strlen(response), .body_received = strlen(response) + 1};
    for (int keeps = 0; keeps < 2; keeps++) {
        struct journal *of;
        struct journal_list list;
        ck_assert_int_eq(journal_new(1, keeps, &of), 0);
        journal_add(of, &record);
        ck_assert_int_eq(journal_list(of, &list), 0);
        const struct journal_record *kept = &list.entries[0]->record;
        ck_assert_str_eq(kept->url, keeps ? record.url : "/a?b=c&token=***");
        ck_assert_str_eq(kept->target,
                         keeps ? record.target : "http://h/sandbox/s/a?b=c&token=***");
        ck_assert_str_eq(kept->request.body,
                         keeps ? request : "{\"user\":\"a\",\"password\":\"***\"}");
        ck_assert_uint_eq(kept->request.body_size, strlen(kept->request.body));
        ck_assert_uint_eq(kept->request.body_received, strlen(request));
        ck_assert(!kept->request.body_is_cut);
        ck_assert_str_eq(kept->response.body,
                         keeps ? response : "{\"fullToken\":\"***\",\"name\":\"a\"}");
        ck_assert(kept->response.body_is_cut);
        journal_list_deinit(&list);
        journal_free(of);
    }
}
END_TEST

START_TEST(truncates_what_is_large) {
    static char large[JOURNAL_MAX_BODY + 10];
    struct journal_list list;
    memset(large, 'x', sizeof(large) - 1);
    struct journal_record record = record_of("/");
    record.request = (struct journal_message){
        .body = large, .body_size = sizeof(large) - 1, .body_received = 5000000};
    record.response = (struct journal_message){.body = "a\0b", .body_size = 3, .body_received = 3};
    record.stub_id = "id";
    record.stub_json = large;
    journal_add(journal, &record);
    ck_assert_int_eq(journal_list(journal, &list), 0);
    const struct journal_record *kept = &list.entries[0]->record;
    ck_assert_uint_eq(kept->request.body_size, JOURNAL_MAX_BODY);
    ck_assert_uint_eq(strlen(kept->request.body), JOURNAL_MAX_BODY);
    ck_assert_uint_eq(kept->request.body_received, 5000000);
    ck_assert(kept->request.body_is_cut);
    ck_assert(!kept->response.body_is_cut);
    ck_assert_mem_eq(kept->response.body, "a\0b", 4);
    ck_assert_str_eq(kept->stub_id, "id");
    ck_assert_ptr_null(kept->stub_json);
    journal_list_deinit(&list);
}
END_TEST

START_TEST(has_a_limit_in_bytes) {
    static char body[JOURNAL_MAX_BODY];
    struct journal *wide;
    struct journal_statistics statistics;
    ck_assert_int_eq(journal_new(100000, false, &wide), 0);
    struct journal_record record = record_of("/");
    record.request = (struct journal_message){.body = body, .body_size = sizeof(body)};
    for (int i = 0; i < 1000; i++)
        journal_add(wide, &record);
    journal_measure(wide, &statistics);
    ck_assert_uint_le(statistics.bytes, JOURNAL_MAX_BYTES);
    ck_assert_uint_gt(statistics.bytes, JOURNAL_MAX_BYTES - 2 * JOURNAL_MAX_BODY);
    ck_assert_uint_eq(statistics.count + statistics.evicted, 1000);
    journal_free(wide);
}
END_TEST

START_TEST(can_be_switched_off) {
    struct journal *none = journal;
    struct journal_list list;
    struct journal_statistics statistics;
    struct journal_record record = record_of("/");
    ck_assert_int_eq(journal_new_alike(NULL, &none), 0);
    ck_assert_ptr_null(none);
    journal_add(none, &record);
    ck_assert_int_eq(journal_list(none, &list), 0);
    ck_assert_uint_eq(list.count, 0);
    journal_remove(none, &list);
    ck_assert_int_eq(journal_find(none, "x", &list), 0);
    journal_clear(none);
    journal_measure(none, &statistics);
    ck_assert_uint_eq(statistics.capacity, 0);
    journal_free(none);
}
END_TEST

enum { N_THREADS = 4, N_ADDS = 5000 };

static void *add_many(void *cls) {
    struct journal_record record = record_of("/");
    record.request = (struct journal_message){.body = cls, .body_size = strlen(cls)};
    for (int i = 0; i < N_ADDS; i++)
        journal_add(journal, &record);
    return NULL;
}

static void *read_many(void *cls) {
    (void)cls;
    for (int i = 0; i < N_ADDS / 10; i++) {
        struct journal_list list;
        ck_assert_int_eq(journal_list(journal, &list), 0);
        for (size_t k = 0; k < list.count; k++) {
            ck_assert_str_eq(list.entries[k]->record.request.body, "body");
            if (k > 0)
                ck_assert_uint_lt(list.entries[k]->number, list.entries[k - 1]->number);
        }
        if (i % 3 == 0)
            journal_remove(journal, &list);
        if (i % 100 == 0)
            journal_clear(journal);
        journal_list_deinit(&list);
    }
    return NULL;
}

START_TEST(is_shared_by_threads) {
    static char body[] = "body";
    pthread_t threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++)
        pthread_create(&threads[i], NULL, i % 2 ? add_many : read_many, body);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(measure().recorded, N_THREADS / 2 * N_ADDS);
    ck_assert_uint_eq(measure().lost, 0);
}
END_TEST

static const struct {
    bool is_tls;
    const char *target;
    const char *header;
    const char *scheme;
    const char *host;
    int port;
} places[] = {
    {false, "/", "example.com:81", "http", "example.com", 81},
    {true, "/", "example.com:81", "https", "example.com", 81},
    {true, "/", "example.com", "https", "example.com", 443},
    {true, "http://h", "example.com", "http", "h", 80},
    {false, "/", "example.com", "http", "example.com", 80},
    {false, "/", "[::1]:8080", "http", "[::1]", 8080},
    {false, "/", "a:b", "http", "a", 80},
    {false, "/", "", "http", "", 80},
    {false, "http://user:x@h:82/p?q", "example.com", "http", "h", 82},
    {false, "HTTPS://h?q", "example.com", "https", "h", 443},
    {false, "*", NULL, "http", "", 80},
};

START_TEST(knows_the_place) {
    struct arena arena;
    struct name_value host = {"host", places[_i].header};
    arena_init(&arena);
    struct match_subject subject = {.arena = &arena, .headers = {host.value ? 1 : 0, &host}};
    ck_assert_int_eq(match_subject_set_place(&subject, places[_i].is_tls, places[_i].target), 0);
    ck_assert_str_eq(subject.scheme, places[_i].scheme);
    ck_assert_str_eq(subject.host, places[_i].host);
    ck_assert_int_eq(subject.port, places[_i].port);
    arena_deinit(&arena);
}
END_TEST

START_TEST(counts_documented_statuses) {
    const struct operation *operation = NULL;
    struct coverage *coverage = coverage_new(&version_find("2.0")->routes);
    for (size_t i = 0; i < version_find("2.0")->routes.n_routes; i++)
        for (size_t method = 0; method < HTTP_N_METHODS; method++)
            if (version_find("2.0")->routes.routes[i].operations[method])
                operation = version_find("2.0")->routes.routes[i].operations[method];
    ck_assert_uint_lt(operation->number, version_find("2.0")->routes.n_operations);
    coverage_add(coverage, operation, operation->statuses[0]);
    coverage_add(coverage, operation, operation->statuses[0]);
    coverage_add(coverage, operation, 999);
    ck_assert_uint_eq(coverage_count(coverage, operation, 0), 2);
    coverage_clear(coverage);
    ck_assert_uint_eq(coverage_count(coverage, operation, 0), 0);
    coverage_free(coverage);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("journal");
    TCase *tcase = suite_add(suite, "journal");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, keeps_the_latest_entries);
    tcase_add_test(tcase, shows_what_is_new);
    tcase_add_test(tcase, rings_while_somebody_watches);
    tcase_add_test(tcase, an_entry_may_have_to_replace_others);
    tcase_add_test(tcase, finds_and_removes_by_id);
    suite_add_rows(tcase, hides_secrets, headers);
    tcase_add_test(tcase, hides_secrets_in_texts);
    tcase_add_test(tcase, truncates_what_is_large);
    tcase_add_test(tcase, has_a_limit_in_bytes);
    tcase_add_test(tcase, can_be_switched_off);
    tcase_add_test(tcase, is_shared_by_threads);
    suite_add_rows(tcase, knows_the_place, places);
    tcase_add_test(tcase, counts_documented_statuses);
    return suite_run(suite);
}
