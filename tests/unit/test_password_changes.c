/* A password that changes while another thread is still verifying the old one. */
#include "iam/credentials.h"
#include "iam/passwords.h"
#include "iam/tokens.h"
#include "iam/users.h"
#include "suite.h"
#include "world.h"

#define ALAN "2EPi5XC0oluKRCVF56gcC"
#define EMAIL "alan@example.com"

int __real_iam_verify_password(struct iam *iam, const char *username, const char *password,
                               struct arena *arena, struct user *ret_user);
int __wrap_iam_verify_password(struct iam *iam, const char *username, const char *password,
                               struct arena *arena, struct user *ret_user);
int __real_password_verify(const char *hash, const char *costliest, const char *password);
int __wrap_password_verify(const char *hash, const char *costliest, const char *password);

static struct sandbox sandbox;
static struct arena arena;

static int change(void) {
    return iam_set_password(&sandbox.iam, ALAN, "New!12345");
}

static int remove_password(void) {
    return iam_delete_auth(&sandbox.iam, ALAN, "BasicAuth");
}

static int delete_user(void) {
    return iam_delete_user(&sandbox.iam, IAM_USER, ALAN);
}

/* What happens between the verification of a password and the rest. */
static int (*meanwhile)(void);

static int verified(int r) {
    if (meanwhile)
        ck_assert_int_eq(meanwhile(), 0);
    meanwhile = NULL;
    return r;
}

int __wrap_iam_verify_password(struct iam *iam, const char *username, const char *password,
                               struct arena *memory, struct user *ret_user) {
    return verified(__real_iam_verify_password(iam, username, password, memory, ret_user));
}

int __wrap_password_verify(const char *hash, const char *costliest, const char *password) {
    return verified(__real_password_verify(hash, costliest, password));
}

static void setup(void) {
    static struct config config;
    world_init(&config, &sandbox);
    arena_init(&arena);
    ck_assert_int_eq(iam_set_password(&sandbox.iam, ALAN, "Old!12345"), 0);
}

static void teardown(void) {
    arena_deinit(&arena);
    sandbox_deinit(&sandbox);
}

static const struct {
    int (*meanwhile)(void);
    int login;
    int change;
} cases[] = {
    {NULL, 0, 0},
    {change, IAM_UNAUTHENTICATED, IAM_WRONG_PASSWORD},
    {remove_password, IAM_UNAUTHENTICATED, IAM_WRONG_PASSWORD},
    {delete_user, IAM_UNAUTHENTICATED, IAM_UNKNOWN_USER},
};

START_TEST(opens_no_session_for_an_old_password) {
    char secret[TOKEN_SECRET_SIZE];
    meanwhile = cases[_i].meanwhile;
    ck_assert_int_eq(iam_log_in(&sandbox.iam, EMAIL, "Old!12345", 0, &arena, secret),
                     cases[_i].login);
    ck_assert_ptr_null(meanwhile);
}
END_TEST

START_TEST(an_old_password_changes_nothing) {
    meanwhile = cases[_i].meanwhile;
    ck_assert_int_eq(iam_change_password(&sandbox.iam, ALAN, "Old!12345", "Other!1234"),
                     cases[_i].change);
    ck_assert_ptr_null(meanwhile);
    struct user user;
    ck_assert_int_eq(__real_iam_verify_password(&sandbox.iam, EMAIL, "Other!1234", &arena, &user),
                     cases[_i].change == 0 ? 0 : IAM_UNAUTHENTICATED);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("password_changes");
    TCase *tcase = suite_add(suite, "password_changes");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, opens_no_session_for_an_old_password, cases);
    suite_add_rows(tcase, an_old_password_changes_nothing, cases);
    return suite_run(suite);
}
