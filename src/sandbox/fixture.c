#include "sandbox/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "contract/contract.h"
#include "contract/validate.h"
#include "iam/credentials.h"
#include "json/json.h"
#include "sandbox/fixture_prune.h"
#include "store/access.h"
#include "store/group.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"
#include "util/hash.h"
#include "util/text.h"
#include "util/timestamp.h"

enum { MAX_QUOTED = 200 };

/* The progress of a load. */
struct loader {
    struct iam *iam;
    struct arena arena;
    struct seen_token *tokens; /* a uthash, its elements in the arena */
    int64_t now;
    const struct cancellation *cancellation;
    struct fixture_summary summary;
    const char *last_password; /* borrowed from the tree; last_hash is its hash */
    char last_hash[PASSWORD_HASH_SIZE];
    const cJSON *whole; /* the fixture before it was pruned */
    const struct json_place *root;
    struct violations *violations;
};

static const char *text_of(const cJSON *object, const char *name, const char *fallback) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return member ? member->valuestring : fallback;
}

static bool is_true(const cJSON *object, const char *name) {
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static const cJSON *list_of(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Returns the id in the fixture, or a new one in `made`. */
static const char *id_of(const cJSON *object, char made[FRIENDLY_ID_SIZE]) {
    const char *id = text_of(object, "id", NULL);
    if (id)
        return id;
    friendly_id_make(made);
    return made;
}

/* Notes a mistake, such as "'x' is taken" at "$.users[3].id". The load continues, to find more
 * mistakes, and fails in the end. Returns 0 or -ENOMEM. */
static int note(struct loader *loader, const struct json_place *place, const char *problem,
                const char *value) {
    int r = violations_refuse(loader->violations, place, "'%.*s' %s",
                              (int)text_cut(value, MAX_QUOTED), value, problem);
    return r < 0 ? r : 0;
}

/* Whether to load an element of a list: the load has not failed, there is room for more mistakes,
 * and the element was not pruned. */
static bool goes_on(const struct loader *loader, int r, const cJSON *element) {
    return r == 0 && loader->violations->count < VIOLATIONS_KEPT && !cJSON_IsNull(element);
}

static int load_group(struct loader *loader, const cJSON *group, int64_t tenant_pk,
                      const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    const char *id = id_of(group, made);
    int64_t pk;
    int r = store_group_insert(loader->iam->store, tenant_pk, id, text_of(group, "name", ""),
                               text_of(group, "description", NULL), &pk);
    if (r == STORE_EXISTS)
        return note(loader, place, "has an id or name that another group of the tenant has", id);
    loader->summary.groups++;
    return r;
}

/* Stores the details as the API does, without the members that have columns of their own. */
static int load_details(struct loader *loader, const cJSON *details, const char *name, int64_t pk) {
    static const char *const apart[] = {"id", "name", "deleted"};
    CLEANUP(cleanup_json) cJSON *tidy = cJSON_Duplicate(details, true);
    int r = tidy ? json_tidy(tidy) : FATAL(ENOMEM);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(tidy, apart[i]);
    CLEANUP(cleanup_free) char *text = cJSON_PrintUnformatted(tidy);
    return text ? store_tenant_update(loader->iam->store, pk,
                                      &(struct tenant){.name = name, .details = text})
                : FATAL(ENOMEM);
}

static int load_tenant(struct loader *loader, const cJSON *tenant, const struct json_place *place) {
    const char *id = text_of(tenant, "id", "");
    const char *name = text_of(tenant, "name", id);
    const cJSON *details = cJSON_GetObjectItemCaseSensitive(tenant, "details");
    const struct json_place groups = json_place_member(place, "groups");
    char made[FRIENDLY_ID_SIZE];
    int64_t pk;
    int r = store_tenant_insert(loader->iam->store, id, name, &pk);
    if (r == STORE_EXISTS) {
        r = note(loader, place, "is the id of another tenant", id);
        friendly_id_make(made); /* to find the mistakes in its groups */
        if (r == 0)
            r = store_tenant_insert(loader->iam->store, made, name, &pk);
    }
    const char *flaw = json_find_flaw(details);
    if (r == 0 && flaw) {
        const struct json_place member = json_place_member(place, "details");
        r = violations_add(loader->violations, &member, flaw);
        details = NULL;
    }
    if (r == 0 && details)
        r = load_details(loader, details, name, pk);
    loader->summary.tenants++;
    size_t i = 0;
    const cJSON *group;
    cJSON_ArrayForEach (group, list_of(tenant, "groups")) {
        const struct json_place element = json_place_element(&groups, i++);
        if (goes_on(loader, r, group))
            r = load_group(loader, group, pk, &element);
    }
    return r;
}

/* Returns 0 and the tenant's key, or 0 and the key 0 when there is no such tenant, or <0. */
static int grant_access(struct loader *loader, int64_t user_pk, const char *tenant, bool granted,
                        const struct json_place *place, int64_t *ret_tenant_pk) {
    *ret_tenant_pk = 0;
    int r = store_tenant_find(loader->iam->store, tenant, ret_tenant_pk);
    if (r == STORE_NOT_FOUND)
        return fixture_prune_may_hide(loader->whole, tenant, NULL)
                   ? 0
                   : note(loader, place, "is not a tenant of this fixture", tenant);
    if (r == 0)
        r = store_access_insert(loader->iam->store, user_pk, *ret_tenant_pk, granted);
    return r == STORE_EXISTS ? 0 : r;
}

static int load_membership(struct loader *loader, const cJSON *entry, int64_t user_pk,
                           const struct json_place *place) {
    const char *group = text_of(entry, "id", "");
    int64_t tenant_pk;
    struct membership membership = {
        .kind = strcmp(text_of(entry, "membership", "MEMBER"), "OWNER") == 0 ? MEMBERSHIP_OWNER
                                                                             : MEMBERSHIP_MEMBER,
        .external = is_true(entry, "external"),
        .position = (int64_t)place->index,
    };
    const char *tenant = text_of(entry, "tenant", "");
    int r = grant_access(loader, user_pk, tenant, false, place, &tenant_pk);
    if (r < 0 || tenant_pk == 0)
        return r;
    r = store_group_find(loader->iam->store, tenant_pk, group, &membership.group_pk);
    if (r == STORE_NOT_FOUND)
        return fixture_prune_may_hide(loader->whole, tenant, group)
                   ? 0
                   : note(loader, place, "is not a group of the tenant", group);
    if (r == 0)
        r = store_membership_insert(loader->iam->store, user_pk, tenant_pk, &membership);
    if (r == STORE_EXISTS)
        return note(loader, place, "is listed twice", group);
    loader->summary.memberships++;
    return r;
}

/* A token of this fixture; allocated in the arena. */
struct seen_token {
    const char *secret;
    bool lost; /* see util/hash.h */
    UT_hash_handle hh;
};

/* Refuses a repeated token. A salted hash cannot be compared with a token in clear text, so each
 * kind is compared with its own. */
static int check_token(struct loader *loader, const char *secret, const char *name,
                       const struct json_place *place) {
    struct seen_token *seen;
    HASH_FIND_STR(loader->tokens, secret, seen);
    if (seen)
        return note(loader, place, "has the same token as another", name);
    seen = arena_alloc(&loader->arena, sizeof(*seen));
    if (!seen)
        return FATAL(ENOMEM);
    seen->secret = secret;
    HASH_ADD_KEYPTR(hh, loader->tokens, secret, strlen(secret), seen);
    return seen->lost ? FATAL(ENOMEM) : 0;
}

/* Sets the token from its clear text or from its hash. After a mistake the token is unchanged. */
static int load_secret(struct loader *loader, const cJSON *entry, const struct json_place *place,
                       struct token *token) {
    const char *secret = text_of(entry, "token", NULL);
    const char *prefix = text_of(entry, "prefix", NULL);
    const char *salt = text_of(entry, "salt", NULL);
    const char *hash = text_of(entry, "hash", NULL);
    if (!secret == !(prefix && salt && hash) || (secret && (prefix || salt || hash)))
        return note(loader, place, "needs either a token, or prefix, salt and hash", token->name);
    if (!secret) {
        if (!token_set_hash(token, prefix, salt, hash))
            return note(loader, place, "has a prefix, salt or hash of the wrong form", token->name);
        return check_token(loader, hash, token->name, place);
    }
    if (!token_is_valid(secret))
        return note(loader, place, "has a token that no Authorization header can carry",
                    token->name);
    token_set_secret(token, secret);
    return check_token(loader, secret, token->name, place);
}

static void load_times(struct loader *loader, const cJSON *entry, struct token *token) {
    const char *issued_at = text_of(entry, "issuedAt", NULL);
    const char *expires_at = text_of(entry, "expiresAt", NULL);
    const char *last_used = text_of(entry, "lastUsed", NULL);
    const char *max_age = text_of(entry, "maxAge", NULL);
    token->issued_at = loader->now;
    token->max_age = INT64_MAX;
    token->expires_at = INT64_MAX;
    token->last_used_at = INT64_MIN;
    if (issued_at)
        timestamp_parse(issued_at, &token->issued_at);
    if (expires_at && timestamp_parse(expires_at, &token->expires_at) == 0)
        token->max_age = token->expires_at - token->issued_at;
    if (token->max_age != INT64_MAX && token->max_age > DURATION_MAX)
        token->max_age = DURATION_MAX;
    if (max_age)
        duration_parse(max_age, &token->max_age);
    if (last_used)
        timestamp_parse(last_used, &token->last_used_at);
}

static int load_token(struct loader *loader, const cJSON *entry, int64_t user_pk,
                      const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    struct token token = {
        .id = id_of(entry, made),
        .user_pk = user_pk,
        .name = text_of(entry, "name", ""),
        .description = text_of(entry, "description", NULL),
        .extended = is_true(entry, "extended"),
    };
    load_times(loader, entry, &token);
    int r = load_secret(loader, entry, place, &token);
    if (r < 0)
        return r;
    int64_t pk;
    r = store_token_insert(loader->iam->store, &token, &pk);
    if (r == STORE_EXISTS)
        return note(loader, place, "is the id of another token", token.id);
    loader->summary.tokens++;
    return r;
}

/* The users of a large fixture often share a password; consecutive ones then share the hash. */
static int hash_password(struct loader *loader, const char *password) {
    if (loader->last_password && strcmp(loader->last_password, password) == 0)
        return 0;
    int r = password_hash(loader->iam->password_cost, password, loader->last_hash);
    if (r == 0)
        loader->last_password = password;
    return r;
}

static int load_granted(struct loader *loader, const cJSON *entry, int64_t user_pk,
                        const struct json_place *place) {
    int64_t tenant_pk;
    return grant_access(loader, user_pk, entry->valuestring, true, place, &tenant_pk);
}

static int load_other(struct loader *loader, const cJSON *entry, int64_t user_pk,
                      const struct json_place *place) {
    int64_t tenant_pk;
    return grant_access(loader, user_pk, entry->valuestring, false, place, &tenant_pk);
}

static int load_lists(struct loader *loader, const cJSON *user, int64_t pk,
                      const struct json_place *place) {
    static const struct {
        const char *name;
        int (*load)(struct loader *loader, const cJSON *entry, int64_t user_pk,
                    const struct json_place *place);
    } lists[] = {{"tenants", load_granted},
                 {"otherTenants", load_other},
                 {"groups", load_membership},
                 {"tokens", load_token}};
    const cJSON *entry;
    int r = 0;
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
        const struct json_place member = json_place_member(place, lists[list].name);
        size_t i = 0;
        cJSON_ArrayForEach (entry, list_of(user, lists[list].name)) {
            const struct json_place element = json_place_element(&member, i++);
            if (goes_on(loader, r, entry))
                r = lists[list].load(loader, entry, pk, &element);
        }
    }
    return r;
}

static void note_administrator(struct loader *loader, const cJSON *entry, const struct user *user) {
    struct fixture_summary *summary = &loader->summary;
    const char *password = text_of(entry, "password", NULL);
    if (summary->administrator[0] || !user->super_admin || !password)
        return;
    const cJSON *token = cJSON_GetArrayItem(list_of(entry, "tokens"), 0);
    snprintf(summary->administrator, sizeof(summary->administrator), "%s", user->username);
    snprintf(summary->password, sizeof(summary->password), "%s", password);
    snprintf(summary->token, sizeof(summary->token), "%s", text_of(token, "token", ""));
}

/* Sets the hash unless there is a mistake. Returns 0 or <0. */
static int load_password(struct loader *loader, const cJSON *entry, const struct json_place *place,
                         struct user *user) {
    const char *password = text_of(entry, "password", NULL);
    const char *hash = text_of(entry, "passwordHash", NULL);
    if (hash && password)
        return note(loader, place, "has both password and passwordHash", user->email);
    if (hash && !password_hash_is_valid(hash))
        return note(loader, place, "has a passwordHash that is not an Argon2id string",
                    user->email);
    if (hash && !password_hash_is_affordable(hash))
        return note(loader, place, "has a passwordHash above 64 MiB or 16 passes", user->email);
    if (password && strchr(user->username, ':'))
        return note(loader, place, "has a colon, which Basic credentials cannot carry",
                    user->username);
    if (password && hash_password(loader, password) < 0)
        return FATAL(ENOMEM);
    user->password_hash = password ? loader->last_hash : hash;
    return 0;
}

static int load_user(struct loader *loader, const cJSON *entry, const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    const char *email = text_of(entry, "email", "");
    struct user user = {
        .id = id_of(entry, made),
        .username = text_of(entry, "username", email),
        .email = email,
        .first_name = text_of(entry, "firstName", NULL),
        .last_name = text_of(entry, "lastName", NULL),
        .super_admin = is_true(entry, "superAdmin") || is_true(entry, "instanceOwner"),
        .restricted = is_true(entry, "restricted"),
    };
    int64_t pk;
    int r = load_password(loader, entry, place, &user);
    if (r == 0)
        r = store_user_insert(loader->iam->store, &user, &pk);
    if (r == STORE_EXISTS) {
        r = note(loader, place, "has an id, e-mail or username that another user has", email);
        friendly_id_make(made); /* to find the mistakes in its lists */
        user.id = user.username = user.email = made;
        if (r == 0)
            r = store_user_insert(loader->iam->store, &user, &pk);
    }
    loader->summary.users++;
    note_administrator(loader, entry, &user);
    return r == 0 ? load_lists(loader, entry, pk, place) : r;
}

static int load_tree(struct loader *loader, const cJSON *tree) {
    static const struct {
        const char *name;
        int (*load)(struct loader *loader, const cJSON *entry, const struct json_place *place);
    } lists[] = {{"tenants", load_tenant}, {"users", load_user}};
    int r = 0;
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
        const struct json_place member = json_place_member(loader->root, lists[list].name);
        const cJSON *entry;
        size_t i = 0;
        cJSON_ArrayForEach (entry, list_of(tree, lists[list].name)) {
            const struct json_place element = json_place_element(&member, i++);
            if (r == 0)
                r = cancellation_check_growth(loader->cancellation, SIZE_MAX);
            if (goes_on(loader, r, entry))
                r = lists[list].load(loader, entry, &element);
        }
    }
    return r;
}

static void cleanup_loader(struct loader *loader) {
    HASH_CLEAR(hh, loader->tokens);
    arena_deinit(&loader->arena);
}

/* Finds the mistakes that the schema cannot express, such as a reference to an unknown group. It
 * also looks at what is left of a fixture that the schema refuses. */
int fixture_load_tree(struct iam *iam, const cJSON *tree, int64_t now,
                      const struct cancellation *cancellation, const struct json_place *root,
                      struct violations *violations, struct fixture_summary *ret_summary) {
    CLEANUP(cleanup_json) cJSON *pruned = NULL;
    int r = validate_value(fixture_schema, tree, root, violations);
    if (r == 0 && violations->count > 0) {
        r = fixture_prune(tree, violations, &pruned);
        if (r != 0)
            return r;
    }
    if (r < 0)
        return r;
    CLEANUP(cleanup_loader)
    struct loader loader = {.iam = iam,
                            .now = now,
                            .cancellation = cancellation,
                            .whole = tree,
                            .root = root,
                            .violations = violations};
    arena_init(&loader.arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_start_writing(&transaction);
    if (r == 0)
        r = load_tree(&loader, pruned ? pruned : tree);
    if (r < 0 || violations->count > 0)
        return r < 0 ? r : 1;
    r = store_commit(&transaction);
    if (r == 0)
        *ret_summary = loader.summary;
    return r;
}

static void cleanup_store(struct store **store) {
    store_free(*store);
}

int fixture_make_state(enum password_cost cost, const cJSON *tree, int64_t now,
                       const struct cancellation *cancellation, const struct json_place *root,
                       struct violations *violations, struct fixture_summary *ret_summary,
                       struct store_copy **ret_state) {
    char error[STORE_ERROR_SIZE];
    CLEANUP(cleanup_store) struct store *store = NULL;
    int r = store_open_scratch(&store, error);
    if (r == 0)
        r = fixture_load_tree(&(struct iam){.store = store, .password_cost = cost}, tree, now,
                              cancellation, root, violations, ret_summary);
    return r == 0 ? store_copy_take(store, ret_state) : r;
}

int fixture_load(struct iam *iam, const char *text, size_t size, int64_t now,
                 struct fixture_summary *ret_summary, char reterr_error[FIXTURE_ERROR_SIZE]) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error json_error;
    int r = json_parse_dump(text, size, &tree, &json_error);
    if (r > 0)
        snprintf(reterr_error, FIXTURE_ERROR_SIZE, "line %zu, column %zu: %s", json_error.line,
                 json_error.column, json_error.reason);
    if (r != 0)
        return r;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct violations violations = {.arena = &arena};
    r = fixture_load_tree(iam, tree, now, NULL, &json_root, &violations, ret_summary);
    if (r > 0) {
        const char *path = json_place_path(violations.items[0].place, &arena);
        if (!path)
            return FATAL(ENOMEM);
        char more[VIOLATIONS_MORE_SIZE];
        violations_count_more(&violations, more);
        snprintf(reterr_error, FIXTURE_ERROR_SIZE, "%s: %s%s", path, violations.items[0].message,
                 more);
    }
    return r;
}
