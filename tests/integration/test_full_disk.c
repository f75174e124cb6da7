/* A disk, or a file, that takes no more bytes: reads and log-ins go on, writes say what is wrong.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "http.h"
#include "process.h"
#include "session.h"
#include "state.h"
#include "suite.h"

#define GROUPS "/api/v1/main/groups"
#define TOKEN "KESTUB-root-token-for-tests-only-0123456789"

enum { ROOM = 1 << 20, MAX_WRITES = 5000, LOG_INS = 50 };

enum disk { SMALL_DISK, SMALL_FILES };

static const struct {
    int status; /* of a write */
    const char *text;
} disks[] = {
    [SMALL_DISK] = {507, "the disk that holds the file of --db is full"},
    [SMALL_FILES] = {500, "\"title\":\"Internal server error\""},
};

static char directory[64];
static char db[96];
static struct process server;

/* False: who runs the tests may not mount a disk. The process has mounts of its own, so that none
 * is left when the test fails. */
static bool make_disk(enum disk disk) {
    char options[32];
    snprintf(options, sizeof(options), "size=%d", ROOM);
    return disk == SMALL_FILES ||
           (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
            mount("kestub", directory, "tmpfs", 0, options) == 0);
}

static void remove_disk(enum disk disk) {
    if (disk == SMALL_DISK)
        ck_assert_int_eq(umount(directory), 0);
}

static void start(enum disk disk) {
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = {.rlim_cur = ROOM, .rlim_max = limit.rlim_max};
    if (disk == SMALL_FILES)
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    process_start(&server, (const char *const[]){"--db", db, NULL});
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int add_group(int number, char text[256]) {
    char body[64];
    struct http_answer answer;
    snprintf(body, sizeof(body), "{\"name\":\"group %d\"}", number);
    http_send(
        &server,
        &(struct http_call){
            .method = "POST", .target = GROUPS, .basic = ROOT, .body = body, .off_record = true},
        &answer);
    int status = answer.status;
    snprintf(text, 256, "%s", answer.body);
    http_answer_deinit(&answer);
    return status;
}

/* How many groups there was room for. */
static int fill_disk(enum disk disk) {
    char text[256];
    for (int i = 0; i < MAX_WRITES; i++) {
        int status = add_group(i, text);
        if (status == 200)
            continue;
        ck_assert_msg(status == disks[disk].status, "%d: %s", status, text);
        ck_assert_msg(strstr(text, disks[disk].text), "%s", text);
        return i;
    }
    ck_abort_msg("the disk is never full");
}

static void expect(const char *method, const char *target, const char *body, int status) {
    session_expect(
        &server,
        &(struct http_call){
            .method = method, .target = target, .basic = ROOT, .body = body, .off_record = true},
        status);
}

static void log_out(const char *jwt) {
    char cookie[SECRET_SIZE + 16];
    snprintf(cookie, sizeof(cookie), "Cookie: JWT=%s", jwt);
    struct http_answer answer;
    http_send(&server,
              &(struct http_call){.method = "POST", .target = "/api/v1/logout", .header = cookie},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
}

static void expect_groups(int count) {
    char *stored = state_query(db, "SELECT count(*) FROM groups WHERE name LIKE 'group %'");
    ck_assert_int_eq(strtol(stored, NULL, 10), count);
    free(stored);
}

START_TEST(reads_go_on) {
    enum disk disk = (enum disk)_i;
    char text[256];
    char earlier[SECRET_SIZE];
    char later[SECRET_SIZE];
    char other[SECRET_SIZE];
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    if (!make_disk(disk)) {
        ck_assert(errno == EPERM || errno == EACCES);
        remove_directory(directory);
        return;
    }
    start(disk);
    session_open(&server, "root@root.com", "Root!1234", earlier);
    int count = fill_disk(disk);
    ck_assert_int_gt(count, 10);
    expect("GET", "/api/v1/users", NULL, 200);
    expect("POST", "/__admin/reset", NULL, disks[disk].status);
    for (int i = 0; i < LOG_INS; i++) { /* for the first ones there may still be room */
        session_open(&server, "root@root.com", "Root!1234", later);
        ck_assert_int_eq(session_status(&server, later), 200);
    }
    ck_assert_int_eq(session_bearer_status(&server, TOKEN), 200);
    ck_assert_int_eq(session_bearer_status(&server, TOKEN "x"), 401);
    ck_assert_int_eq(session_status(&server, earlier), 200);
    expect("DELETE", "/api/v1/users/2EPi5XC0oluKRCVF56gcC", NULL, disks[disk].status);
    session_open(&server, "ada@example.com", "Password!234", other);
    log_out(later);
    ck_assert_int_eq(session_status(&server, later), 401);
    ck_assert_int_eq(session_status(&server, other), 200);
    ck_assert_int_eq(add_group(count, text), disks[disk].status);
    expect_groups(count);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    if (disk == SMALL_DISK)
        ck_assert_int_eq(mount("kestub", directory, "tmpfs", MS_REMOUNT, "size=16m"), 0);
    process_start(&server, (const char *const[]){"--db", db, NULL});
    expect_groups(count);
    ck_assert_int_eq(add_group(count, text), 200);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_disk(disk);
    remove_directory(directory);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("full_disk");
    TCase *tcase = suite_add(suite, "full_disk");
    tcase_add_loop_test(tcase, reads_go_on, SMALL_DISK, SMALL_FILES + 1);
    return suite_run(suite);
}
