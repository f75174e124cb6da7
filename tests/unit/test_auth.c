#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "exchange/auth.h"
#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/rights.h"
#include "iam/tokens.h"
#include "sandbox/sandbox.h"
#include "store/statement.h"
#include "store/tenant.h"
#include "store/user.h"
#include "suite.h"
#include "util/cleanup.h"

static struct arena arena;
static struct sandbox sandbox;
static int64_t user_pk;

static void store_user(const char *name, const char *password, bool super_admin, int64_t *ret_pk) {
    char hash[PASSWORD_HASH_SIZE];
    struct transaction transaction;
    ck_assert_int_eq(password_hash(sandbox.iam.password_cost, password, hash), 0);
    store_begin(sandbox.iam.store, &transaction);
    const struct user user = {.id = name,
                              .username = name,
                              .email = name,
                              .super_admin = super_admin,
                              .password_hash = hash};
    ck_assert_int_eq(store_user_insert(sandbox.iam.store, &user, ret_pk), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

static void store_one_token(const char *secret, int64_t expires_at) {
    struct transaction transaction;
    int64_t pk;
    struct token token = {.id = secret, .user_pk = user_pk, .name = "t", .expires_at = expires_at};
    token_set_secret(&token, secret);
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_token_insert(sandbox.iam.store, &token, &pk), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

static void setup(void) {
    char error[STORE_ERROR_SIZE];
    ck_assert_int_ge(sodium_init(), 0);
    arena_init(&arena);
    ck_assert_int_eq(sandbox_init(&sandbox, NULL, version_find("2.0"), error), 0);
    store_user("ada@x.com", "secret", false, &user_pk);
}

static void teardown(void) {
    sandbox_deinit(&sandbox);
    arena_deinit(&arena);
}

static const struct {
    const char *header;
    const char *username; /* for Basic only */
    const char *secret;   /* NULL: malformed */
} headers[] = {
    {"Basic dXNlcjpwYXNz", "user", "pass"},
    {"basic dXNlcjpwYXNz", "user", "pass"},
    {"BASIC   dXNlcjpwYXNz", "user", "pass"},
    {"Basic dXNlcjphOmI=", "user", "a:b"},
    {"Basic dXNlcjo=", "user", ""},
    {"Basic w6k6w6k=", "é", "é"},
    {"Basic dXNlcg==", NULL, NULL},
    {"Basic OnBhc3M=", NULL, NULL},
    {"Basic dXNlcjpwYXN", NULL, NULL},
    {"Basic dXNlcjpwYXNz=", NULL, NULL},
    {"Basic dXNl cjpwYXNz", NULL, NULL},
    {"Basic", NULL, NULL},
    {"Basic ", NULL, NULL},
    {"Basicx dXNlcjpwYXNz", NULL, NULL},
    {"Basik dXNlcjpwYXNz", NULL, NULL},
    {"Bearex abc", NULL, NULL},
    {"Basic\tdXNlcjpwYXNz", NULL, NULL},
    {"Bearer abc-._~+/123==", NULL, "abc-._~+/123=="},
    {"bEARER abc", NULL, "abc"},
    {"Bearer abc \t ", NULL, "abc"},
    {"Basic dXNlcjpwYXNz \t", "user", "pass"},
    {"Bearer", NULL, NULL},
    {"Bearer ", NULL, NULL},
    {"Bearer a b", NULL, NULL},
    {"Bearer a=b", NULL, NULL},
    {"Bearer ===", NULL, NULL},
    {"Digest abc", NULL, NULL},
    {"", NULL, NULL},
};

START_TEST(parses_the_header) {
    struct credentials credentials = {0};
    int r = auth_parse(headers[_i].header, &arena, &credentials);
    ck_assert_int_eq(r, headers[_i].secret ? 0 : IAM_UNAUTHENTICATED);
    if (r != 0)
        return;
    ck_assert_str_eq(credentials.secret, headers[_i].secret);
    ck_assert_int_eq(credentials.scheme,
                     headers[_i].username ? CREDENTIAL_BASIC : CREDENTIAL_BEARER);
    if (headers[_i].username)
        ck_assert_str_eq(credentials.username, headers[_i].username);
}
END_TEST

static int authenticate(const char *username, const char *secret, int64_t now) {
    struct principal principal;
    char presented[128];
    snprintf(presented, sizeof(presented), "%s:%s", username ? username : "", secret);
    const struct credentials credentials = {
        .scheme = username ? CREDENTIAL_BASIC : CREDENTIAL_BEARER,
        .username = username,
        .secret = secret,
        .presented = presented,
    };
    int r = iam_authenticate(&sandbox.iam, &credentials, now, &arena, &principal);
    if (r == 0) {
        ck_assert_int_eq(principal.user_pk, user_pk);
        ck_assert_str_eq(principal.username, "ada@x.com");
    }
    return r;
}

START_TEST(verifies_passwords) {
    for (int i = 0; i < 2; i++) { /* the second time from the cache */
        ck_assert_int_eq(authenticate("ada@x.com", "secret", 0), 0);
        ck_assert_int_eq(authenticate("ADA@X.com", "secret", 0), 0);
        ck_assert_int_eq(authenticate("ada@x.com", "Secret", 0), IAM_UNAUTHENTICATED);
        ck_assert_int_eq(authenticate("ada@x.com", "", 0), IAM_UNAUTHENTICATED);
        ck_assert_int_eq(authenticate("ada@x.comsecret", "", 0), IAM_UNAUTHENTICATED);
        ck_assert_int_eq(authenticate("nobody", "secret", 0), IAM_UNAUTHENTICATED);
    }
}
END_TEST

START_TEST(verifies_tokens_until_they_expire) {
    store_one_token("PREFIX-one-token-of-many", 1000);
    store_one_token("PREFIX-another-token-too", INT64_MAX);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(authenticate(NULL, "PREFIX-one-token-of-many", 999), 0);
        ck_assert_int_eq(authenticate(NULL, "PREFIX-another-token-too", INT64_MAX - 1), 0);
        ck_assert_int_eq(authenticate(NULL, "PREFIX-one-token-of-many", 1000), IAM_UNAUTHENTICATED);
        ck_assert_int_eq(authenticate(NULL, "PREFIX", 0), IAM_UNAUTHENTICATED);
        ck_assert_int_eq(authenticate(NULL, "PRE", 0), IAM_UNAUTHENTICATED);
        ck_assert_int_eq(authenticate(NULL, "PREFIX-no-token", 0), IAM_UNAUTHENTICATED);
    }
}
END_TEST

static int recall(const char *secret) {
    struct principal principal;
    char presented[128];
    snprintf(presented, sizeof(presented), "ada@x.com:%s", secret);
    return iam_recall(&sandbox.iam, presented, 0, &arena, &principal);
}

START_TEST(forgets_at_once) {
    ck_assert_int_eq(recall("secret"), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(authenticate("ada@x.com", "secret", 0), 0);
    ck_assert_int_eq(recall("secret"), 0);
    ck_assert_int_eq(recall("wrong"), IAM_UNAUTHENTICATED);
    credential_cache_forget(sandbox.iam.cache, user_pk + 1);
    ck_assert_int_eq(recall("secret"), 0);
    credential_cache_forget(sandbox.iam.cache, user_pk);
    ck_assert_int_eq(recall("secret"), IAM_UNAUTHENTICATED);
}
END_TEST

START_TEST(does_not_remember_what_changed_meanwhile) {
    unsigned char digest[CREDENTIAL_DIGEST_SIZE] = {1};
    struct principal principal = {.user_pk = 1, .username = "x"};
    uint64_t generation;
    ck_assert_int_eq(
        credential_cache_get(sandbox.iam.cache, digest, 0, &arena, &principal, &generation),
        STORE_NOT_FOUND);
    credential_cache_forget(sandbox.iam.cache, 1);
    credential_cache_put(sandbox.iam.cache, digest, generation, &principal, INT64_MAX);
    ck_assert_int_eq(
        credential_cache_get(sandbox.iam.cache, digest, 0, &arena, &principal, &generation),
        STORE_NOT_FOUND);
    credential_cache_put(sandbox.iam.cache, digest, generation, &principal, INT64_MAX);
    ck_assert_int_eq(
        credential_cache_get(sandbox.iam.cache, digest, 0, &arena, &principal, &generation), 0);
}
END_TEST

START_TEST(remembers_a_bounded_number) {
    unsigned char digest[CREDENTIAL_DIGEST_SIZE] = {0};
    struct principal principal = {.user_pk = 1, .username = "x"};
    uint64_t generation;
    for (int i = 0; i <= CREDENTIAL_CACHE_MAX; i++) {
        memcpy(digest, &i, sizeof(i));
        credential_cache_put(sandbox.iam.cache, digest, 0, &principal, INT64_MAX);
    }
    ck_assert_int_eq(
        credential_cache_get(sandbox.iam.cache, digest, 0, &arena, &principal, &generation), 0);
    memset(digest, 0, sizeof(digest)); /* the digest of the oldest entry */
    ck_assert_int_eq(
        credential_cache_get(sandbox.iam.cache, digest, 0, &arena, &principal, &generation),
        STORE_NOT_FOUND);
}
END_TEST

START_TEST(recognizes_its_own_hashes) {
    char hash[PASSWORD_HASH_SIZE];
    ck_assert_int_eq(password_hash(PASSWORD_COST_LOW, "x", hash), 0);
    ck_assert(password_hash_is_valid(hash));
    ck_assert(!password_hash_is_valid("x"));
    ck_assert(!password_hash_is_valid(""));
}
END_TEST

START_TEST(a_password_belongs_to_its_hash) {
    char hash[PASSWORD_HASH_SIZE];
    char again[PASSWORD_HASH_SIZE];
    ck_assert_int_eq(password_hash(PASSWORD_COST_LOW, "secret", hash), 0);
    ck_assert_int_eq(password_hash(PASSWORD_COST_LOW, "secret", again), 0);
    ck_assert_str_ne(hash, again);
    ck_assert_int_eq(password_verify(hash, NULL, "secret"), 0);
    ck_assert_int_eq(password_verify(again, NULL, "secret"), 0);
    ck_assert_int_eq(password_verify(hash, NULL, "Secret"), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify(hash, NULL, ""), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify(NULL, NULL, ""), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify(NULL, NULL, "secret"), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify("", NULL, "secret"), IAM_UNAUTHENTICATED);
}
END_TEST

static int64_t thread_us(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* The least of several, since others share the processor. */
static int64_t time_of_refusal(const char *username) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t start = thread_us();
        ck_assert_int_eq(authenticate(username, "wrong", 0), IAM_UNAUTHENTICATED);
        int64_t used = thread_us() - start;
        least = used < least ? used : least;
    }
    return least;
}

START_TEST(time_does_not_tell_users_apart) {
    int64_t pk;
    int64_t low = time_of_refusal("ada@x.com");
    int64_t low_nobody = time_of_refusal("nobody");
    sandbox.iam.password_cost = PASSWORD_COST_HIGH;
    store_user("bob@x.com", "secret", false, &pk);
    int64_t high = time_of_refusal("bob@x.com");
    ck_assert_int_gt(high, 4 * low);
    ck_assert_int_gt(high, 4 * low_nobody);
    /* Beside one whose password is costly, no other is quickly refused. */
    ck_assert_int_gt(2 * time_of_refusal("ada@x.com"), high);
    ck_assert_int_gt(2 * time_of_refusal("nobody"), high);
    ck_assert_int_lt(time_of_refusal("nobody"), 2 * high);
    ck_assert_int_eq(authenticate("ada@x.com", "secret", 0), 0);
}
END_TEST

/* A database may bring a hash of 4 TiB and 4 billion passes. */
START_TEST(a_hash_beyond_reason_matches_no_password) {
    static const char beyond[] =
        "$argon2id$v=19$m=4294967295,t=4294967295,p=1$"
        "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char hash[PASSWORD_HASH_SIZE];
    ck_assert_int_eq(password_hash(PASSWORD_COST_HIGH, "x", hash), 0);
    ck_assert(password_hash_is_affordable(hash));
    ck_assert(!password_hash_is_affordable(beyond));
    ck_assert_int_eq(password_verify(beyond, NULL, "x"), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify(beyond, beyond, "x"), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify(hash, beyond, "x"), 0);
}
END_TEST

static const struct {
    enum password_cost cost;
    const char *start;
} password_costs[] = {{PASSWORD_COST_LOW, "$argon2id$v=19$m=8,t=1,p=1$"},
                      {PASSWORD_COST_HIGH, "$argon2id$v=19$m=7168,t=5,p=1$"}};

START_TEST(a_hash_says_its_cost) {
    char hash[PASSWORD_HASH_SIZE];
    const char *start = password_costs[_i].start;
    ck_assert_int_eq(password_hash(password_costs[_i].cost, "x", hash), 0);
    ck_assert_msg(strncmp(hash, start, strlen(start)) == 0, "%s", hash);
    ck_assert(password_hash_is_valid(hash));
    ck_assert_int_eq(password_verify(hash, hash, "x"), 0);
    ck_assert_int_eq(password_verify(hash, hash, "y"), IAM_UNAUTHENTICATED);
    ck_assert_int_eq(password_verify(NULL, hash, "x"), IAM_UNAUTHENTICATED);
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *cookie;
    const char *header; /* NULL: no header */
    bool by_session;
    int r;
} csrf[] = {
    {"POST", "/api/v1/me", "csrfToken=abc", "abc", true, 0},
    {"POST", "/api/v1/me", "JWT=x; csrfToken=\"abc\"", "abc", true, 0},
    {"POST", "/api/v1/me", "csrfToken=abc", "abd", true, IAM_FORBIDDEN},
    {"POST", "/api/v1/me", "csrfToken=abc", "ab", true, IAM_FORBIDDEN},
    {"POST", "/api/v1/me", "csrfToken=abc", "abcd", true, IAM_FORBIDDEN},
    {"POST", "/api/v1/me", "csrfToken=abc", NULL, true, IAM_FORBIDDEN},
    {"POST", "/api/v1/me", "JWT=x", "abc", true, IAM_FORBIDDEN},
    {"POST", "/api/v1/me", "csrfToken=", "", true, IAM_FORBIDDEN},
    {"POST", "/api/v1/me", "csrfToken=", NULL, true, IAM_FORBIDDEN},
    {"PUT", "/api/v1/me", "JWT=x", NULL, true, IAM_FORBIDDEN},
    {"PATCH", "/api/v1/me", "JWT=x", NULL, true, IAM_FORBIDDEN},
    {"DELETE", "/api/v1/me", "JWT=x", NULL, true, IAM_FORBIDDEN},
    {"POST", "/%61pi/v1/me", "JWT=x", NULL, true, IAM_FORBIDDEN}, /* this path is routed as /api
                                                                   * too */
    {"GET", "/api/v1/me", "JWT=x", NULL, true, 0},
    {"HEAD", "/api/v1/me", "JWT=x", NULL, true, 0},
    {"POST", "/login", "JWT=x", NULL, true, 0},
    {"POST", "/api/v1/me", "JWT=x", NULL, false, 0},
};

START_TEST(a_session_needs_the_csrf_token) {
    struct request request;
    const struct principal principal = {.user_pk = user_pk, .by_session = csrf[_i].by_session};
    ck_assert_int_eq(request_init(&request, csrf[_i].target), 0);
    ck_assert_int_eq(request_set_method(&request, csrf[_i].method), 0);
    request_add_header(&request, "Cookie", csrf[_i].cookie);
    if (csrf[_i].header)
        request_add_header(&request, "x-csrf-token", csrf[_i].header);
    ck_assert_int_eq(auth_check_csrf(&request, &principal), csrf[_i].r);
    request_deinit(&request);
}
END_TEST

static int count_sessions(void) {
    sqlite3_stmt *statement;
    sqlite3 *db = sandbox.iam.store->db;
    const char *sql = "SELECT count(*) FROM api_tokens WHERE kind = 'SESSION'";
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

START_TEST(a_log_in_removes_what_has_expired) {
    static const int64_t hour = 3600000;
    char secret[TOKEN_SECRET_SIZE];
    int64_t pk;
    store_user("ada", "Password!234", false, &pk);
    for (int64_t now = 0; now < 4 * hour; now += 2 * hour) {
        ck_assert_int_eq(iam_log_in(&sandbox.iam, "ada", "Password!234", now, &arena, secret), 0);
        ck_assert_int_eq(count_sessions(), 1);
    }
    ck_assert_int_eq(iam_log_in(&sandbox.iam, "ada", "Password!234", 2 * hour, &arena, secret), 0);
    ck_assert_int_eq(count_sessions(), 2);
}
END_TEST

START_TEST(csrf_tokens_are_plain) {
    char token[CSRF_TOKEN_SIZE];
    char other[CSRF_TOKEN_SIZE];
    auth_make_csrf_token(token);
    auth_make_csrf_token(other);
    ck_assert(auth_is_csrf_token(token));
    ck_assert_str_ne(token, other);
    char longer[CSRF_TOKEN_SIZE + 1];
    snprintf(longer, sizeof(longer), "%s\"", token);
    ck_assert(!auth_is_csrf_token(longer));
    other[5] = '"';
    ck_assert(!auth_is_csrf_token(other));
    token[CSRF_TOKEN_SIZE - 2] = '\0';
    ck_assert(!auth_is_csrf_token(token));
    ck_assert(!auth_is_csrf_token(""));
}
END_TEST

static const struct {
    const char *header; /* NULL: no header */
    bool is;
} bearers[] = {
    {"Bearer secret", true},   {"bEARER secret", true},
    {"Bearer secreT", false},  {"Bearer secre", false},
    {"Bearer secrets", false}, {"Basic secret", false},
    {"Bearer", false},         {NULL, false},
};

START_TEST(recognizes_a_bearer_token) {
    struct request request;
    ck_assert_int_eq(request_init(&request, "/"), 0);
    if (bearers[_i].header)
        request_add_header(&request, "Authorization", bearers[_i].header);
    ck_assert_int_eq(auth_is_bearer(&request, "secret"), bearers[_i].is);
    request_add_header(&request, "Authorization", "Bearer secret");
    ck_assert_int_eq(auth_is_bearer(&request, "secret"), !bearers[_i].header);
    request_deinit(&request);
}
END_TEST

START_TEST(restricts_users_who_are_not_super_admins) {
    int64_t tenant_pk = 0;
    struct transaction transaction;
    struct principal admin = {.user_pk = user_pk, .super_admin = true};
    struct principal ada = {.user_pk = user_pk};
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_tenant_insert(sandbox.iam.store, "t", "t", &tenant_pk), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
    ck_assert_int_eq(iam_enter_tenant(&sandbox.iam, &admin, "t", &tenant_pk), 0);
    ck_assert_int_eq(iam_enter_tenant(&sandbox.iam, &admin, "x", &tenant_pk), IAM_UNKNOWN_TENANT);
    ck_assert_int_eq(iam_enter_tenant(&sandbox.iam, &ada, "t", &tenant_pk), IAM_FORBIDDEN);
    ck_assert_int_eq(iam_enter_tenant(&sandbox.iam, &ada, "x", &tenant_pk), IAM_FORBIDDEN);
    const struct permission first = {0, 0};
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    ck_assert_int_eq(
        iam_check_permission(&sandbox.iam, &admin, tenant_pk, &first, 1, false, &arena), 0);
    ck_assert(admin.permitted);
    for (int owners = 0; owners < 2; owners++)
        ck_assert_int_eq(
            iam_check_permission(&sandbox.iam, &ada, tenant_pk, &first, 1, owners, &arena),
            IAM_FORBIDDEN);
    ck_assert(!ada.permitted);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("auth");
    TCase *tcase = suite_add(suite, "auth");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, parses_the_header, headers);
    tcase_add_test(tcase, verifies_passwords);
    tcase_add_test(tcase, verifies_tokens_until_they_expire);
    tcase_add_test(tcase, forgets_at_once);
    tcase_add_test(tcase, does_not_remember_what_changed_meanwhile);
    tcase_add_test(tcase, remembers_a_bounded_number);
    tcase_add_test(tcase, recognizes_its_own_hashes);
    tcase_add_test(tcase, a_password_belongs_to_its_hash);
    tcase_add_test(tcase, time_does_not_tell_users_apart);
    suite_add_rows(tcase, a_hash_says_its_cost, password_costs);
    tcase_add_test(tcase, a_hash_beyond_reason_matches_no_password);
    suite_add_rows(tcase, a_session_needs_the_csrf_token, csrf);
    tcase_add_test(tcase, a_log_in_removes_what_has_expired);
    tcase_add_test(tcase, csrf_tokens_are_plain);
    suite_add_rows(tcase, recognizes_a_bearer_token, bearers);
    tcase_add_test(tcase, restricts_users_who_are_not_super_admins);
    return suite_run(suite);
}
