/* Many clients change the groups of one user: a reader always sees one of the lists, never a
 * mix. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "http.h"
#include "process.h"
#include "state.h"
#include "suite.h"

enum { CLIENTS = 16, ROUNDS = 20, GROUPS_EACH = 3 };

static struct process server;
static char directory[64];
static char db[96];
static atomic_int writing;

/* The list that a client sets. Client 7 sets the groups g07-0, g07-1 and g07-2. */
static void list_of(int client, char *out, size_t size) {
    snprintf(out, size, "g%02d-0:MEMBER g%02d-1:MEMBER g%02d-2:MEMBER", client, client, client);
}

static void setup(void) {
    char fixture[96];
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    snprintf(fixture, sizeof(fixture), "%s/fixture.json", directory);
    FILE *file = fopen(fixture, "we");
    ck_assert_ptr_nonnull(file);
    fputs("{\"tenants\":[{\"id\":\"main\",\"groups\":[", file);
    for (int i = 0; i < CLIENTS * GROUPS_EACH; i++)
        fprintf(file, "%s{\"id\":\"g%02d-%d\",\"name\":\"group %d\"}", i ? "," : "",
                i / GROUPS_EACH, i % GROUPS_EACH, i);
    fputs("]}],\"users\":[{\"email\":\"root@root.com\",\"superAdmin\":true,\"password\":\"Root!"
          "1234\"},"
          "{\"id\":\"u\",\"email\":\"u@example.com\",\"groups\":[{\"tenant\":\"main\",\"id\":\"g00-"
          "0\"},"
          "{\"tenant\":\"main\",\"id\":\"g00-1\"},{\"tenant\":\"main\",\"id\":\"g00-2\"}]}]}",
          file);
    fclose(file);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    process_start(&server,
                  (const char *const[]){"--db", db, "--fixture", fixture, "--threads", "4", NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_directory(directory);
}

static void *write_lists(void *cls) {
    int client = *(int *)cls;
    intptr_t failures = 0;
    char body[96];
    snprintf(body, sizeof(body), "{\"groupIds\":[\"g%02d-0\",\"g%02d-1\",\"g%02d-2\"]}", client,
             client, client);
    for (int i = 0; i < ROUNDS; i++) {
        struct http_answer answer;
        http_send(&server,
                  &(struct http_call){.method = "PUT",
                                      .target = "/api/v1/main/users/u/groups",
                                      .basic = ROOT,
                                      .header = JSON,
                                      .body = body},
                  &answer);
        failures += answer.status != 204;
        http_answer_deinit(&answer);
    }
    atomic_fetch_sub(&writing, 1);
    return (void *)failures;
}

static bool is_one_list(const char *groups) {
    char list[96];
    for (int client = 0; client < CLIENTS; client++) {
        list_of(client, list, sizeof(list));
        if (strcmp(list, groups) == 0)
            return true;
    }
    return false;
}

START_TEST(ends_with_exactly_one_list) {
    pthread_t threads[CLIENTS];
    int numbers[CLIENTS];
    int reads = 0;
    atomic_store(&writing, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_lists, &numbers[i]), 0);
    }
    do {
        char *groups = state_groups(db, "u", "main");
        ck_assert_msg(is_one_list(groups), "a mix: %s", groups);
        free(groups);
        reads++;
    } while (atomic_load(&writing) > 0);
    for (int i = 0; i < CLIENTS; i++) {
        void *failures;
        pthread_join(threads[i], &failures);
        ck_assert_int_eq((intptr_t)failures, 0);
    }
    char *groups = state_groups(db, "u", "main");
    ck_assert_msg(is_one_list(groups), "a mix: %s", groups);
    free(groups);
    ck_assert_int_gt(reads, 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("concurrency");
    TCase *tcase = suite_add(suite, "concurrency");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ends_with_exactly_one_list);
    return suite_run(suite);
}
