/* Loads users and service accounts, with their access, memberships and tokens. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/fixture_parts.h"
#include "store/access.h"
#include "store/group.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/hash.h"
#include "util/timestamp.h"

/* Notes a mistake, and writes 0, when there is no such tenant. */
static int find_tenant(struct loader *loader, const char *tenant, const struct json_place *place,
                       int64_t *ret_tenant_pk) {
    *ret_tenant_pk = 0;
    int r = store_tenant_find(loader->iam->store, tenant, ret_tenant_pk);
    return r == STORE_NOT_FOUND
               ? fixture_note_unknown(loader, place, "is not a tenant of this fixture", tenant,
                                      NULL, NULL)
               : r;
}

/* Tells whether the user is known to have access, and assumes that it has from now on. */
static bool note_access(struct loader *loader, int64_t user_pk, int64_t tenant_pk) {
    bool has_access = loader->last_user_pk == user_pk && loader->last_tenant_pk == tenant_pk;
    loader->last_user_pk = user_pk;
    loader->last_tenant_pk = tenant_pk;
    return has_access;
}

int fixture_grant_access(struct loader *loader, int64_t user_pk, const char *tenant, bool granted,
                         const struct json_place *place, int64_t *ret_tenant_pk) {
    int r = find_tenant(loader, tenant, place, ret_tenant_pk);
    if (r != 0 || *ret_tenant_pk == 0 || note_access(loader, user_pk, *ret_tenant_pk))
        return r;
    r = store_access_insert(loader->iam->store, user_pk, *ret_tenant_pk, granted);
    return r == STORE_EXISTS ? 0 : r;
}

/* A user's membership, and where it is listed. */
struct fixture_membership {
    int64_t tenant_pk;
    struct membership membership;
    const char *group;
};

/* By tenant and group; of a group that is listed twice the first comes first. */
static int compare_memberships(const void *a, const void *b) {
    const struct fixture_membership *left = a;
    const struct fixture_membership *right = b;
    if (left->tenant_pk != right->tenant_pk)
        return (left->tenant_pk > right->tenant_pk) - (left->tenant_pk < right->tenant_pk);
    int order = membership_compare(&left->membership, &right->membership);
    return order != 0 ? order
                      : (left->membership.position > right->membership.position) -
                            (left->membership.position < right->membership.position);
}

/* Access to the tenant, unless the user has it, comes with the memberships. */
static int store_list(struct loader *loader, int64_t user_pk, int64_t tenant_pk,
                      const struct membership_list *list) {
    int r = note_access(loader, user_pk, tenant_pk)
                ? STORE_EXISTS
                : store_membership_start(loader->iam->store, user_pk, tenant_pk, list);
    return r == STORE_EXISTS ? store_membership_join(loader->iam->store, user_pk, tenant_pk, list)
                             : r;
}

/* Stores the memberships that were read, those in one tenant at once. `place` is the user's. */
static int store_memberships(struct loader *loader, int64_t user_pk,
                             const struct json_place *place) {
    const struct json_place groups = json_place_member(place, "groups");
    struct fixture_membership *listed = loader->memberships;
    size_t count = loader->n_memberships;
    if (count == 0)
        return 0;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct membership_list list = {.items = arena_alloc(&arena, count * sizeof(*list.items))};
    int r = list.items ? 0 : FATAL(ENOMEM);
    loader->n_memberships = 0;
    if (count > 1)
        qsort(listed, count, sizeof(*listed), compare_memberships);
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct fixture_membership *item = &listed[i];
        if (list.count > 0 && list.items[list.count - 1].group_pk == item->membership.group_pk) {
            const struct json_place element =
                json_place_element(&groups, (size_t)item->membership.position);
            r = fixture_note(loader, &element, "is listed twice", item->group);
        } else {
            list.items[list.count++] = item->membership;
        }
        if (i + 1 < count && listed[i + 1].tenant_pk == item->tenant_pk)
            continue;
        if (r == 0)
            r = store_list(loader, user_pk, item->tenant_pk, &list);
        list.count = 0;
    }
    return r;
}

static int load_membership(struct loader *loader, const cJSON *entry, int64_t user_pk,
                           const struct json_place *place) {
    const char *group = fixture_text(entry, "id", "");
    int64_t tenant_pk;
    struct membership membership = {
        .kind = membership_kind_of(fixture_text(entry, "membership", "")),
        .external = fixture_is_true(entry, "external"),
        .position = (int64_t)place->index,
    };
    const char *tenant = fixture_text(entry, "tenant", "");
    (void)user_pk;
    int r = find_tenant(loader, tenant, place, &tenant_pk);
    if (r < 0 || tenant_pk == 0)
        return r;
    r = store_group_find(loader->iam->store, tenant_pk, group, &membership.group_pk);
    if (r == STORE_NOT_FOUND)
        return fixture_note_unknown(loader, place, "is not a group of the tenant", tenant, "groups",
                                    group);
    if (r < 0)
        return r;
    loader->memberships = arena_grow(&loader->arena, loader->memberships, loader->n_memberships,
                                     sizeof(*loader->memberships), &loader->memberships_capacity);
    if (!loader->memberships)
        return FATAL(ENOMEM);
    loader->memberships[loader->n_memberships++] =
        (struct fixture_membership){tenant_pk, membership, group};
    loader->summary.memberships++;
    return 0;
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
        return fixture_note(loader, place, "has the same token as another", name);
    size_t length = strlen(secret);
    seen = arena_alloc(&loader->arena, sizeof(*seen));
    const char *copy = arena_copy(&loader->arena, secret, length);
    if (!seen || !copy)
        return FATAL(ENOMEM);
    seen->secret = copy;
    HASH_ADD_KEYPTR(hh, loader->tokens, copy, length, seen);
    return seen->lost ? FATAL(ENOMEM) : 0;
}

/* Sets the token from its clear text or from its hash. After a mistake the token is unchanged. */
static int load_secret(struct loader *loader, const cJSON *entry, const struct json_place *place,
                       struct token *token) {
    const char *secret = fixture_text(entry, "token", NULL);
    const char *prefix = fixture_text(entry, "prefix", NULL);
    const char *salt = fixture_text(entry, "salt", NULL);
    const char *hash = fixture_text(entry, "hash", NULL);
    if (!secret == !(prefix && salt && hash) || (secret && (prefix || salt || hash)))
        return fixture_note(loader, place, "needs either a token, or prefix, salt and hash",
                            token->name);
    if (!secret) {
        if (!token_set_hash(token, prefix, salt, hash))
            return fixture_note(loader, place, "has a prefix, salt or hash of the wrong form",
                                token->name);
        return check_token(loader, hash, token->name, place);
    }
    if (!token_is_valid(secret))
        return fixture_note(loader, place, "has a token that no Authorization header can carry",
                            token->name);
    token_set_secret(token, secret);
    return check_token(loader, secret, token->name, place);
}

static void load_times(struct loader *loader, const cJSON *entry, struct token *token) {
    const char *max_age = fixture_text(entry, "maxAge", NULL);
    token->issued_at = fixture_instant(entry, "issuedAt", loader->now);
    token->expires_at = fixture_instant(entry, "expiresAt", INT64_MAX);
    token->last_used_at = fixture_instant(entry, "lastUsed", INT64_MIN);
    token->max_age =
        token->expires_at == INT64_MAX ? INT64_MAX : token->expires_at - token->issued_at;
    if (token->max_age != INT64_MAX && token->max_age > DURATION_MAX)
        token->max_age = DURATION_MAX;
    if (max_age)
        duration_parse(max_age, &token->max_age);
}

static int load_token(struct loader *loader, const cJSON *entry, int64_t user_pk,
                      const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    struct token token = {
        .id = fixture_id(entry, made),
        .user_pk = user_pk,
        .name = fixture_text(entry, "name", ""),
        .description = fixture_text(entry, "description", NULL),
        .extended = fixture_is_true(entry, "extended"),
    };
    load_times(loader, entry, &token);
    int r = load_secret(loader, entry, place, &token);
    if (r < 0)
        return r;
    int64_t pk;
    r = store_token_insert(loader->iam->store, &token, &pk);
    if (r == STORE_EXISTS)
        return fixture_note(loader, place, "is the id of another token", token.id);
    loader->summary.tokens++;
    return r;
}

/* The users of a large fixture often share a password; consecutive ones then share the hash. */
static int hash_password(struct loader *loader, const char *password) {
    if (loader->last_password && strcmp(loader->last_password, password) == 0)
        return 0;
    free(loader->last_password);
    loader->last_password = strdup(password);
    return loader->last_password
               ? password_hash(loader->iam->password_cost, password, loader->last_hash)
               : FATAL(ENOMEM);
}

static int load_granted(struct loader *loader, const cJSON *entry, int64_t user_pk,
                        const struct json_place *place) {
    int64_t tenant_pk;
    return fixture_grant_access(loader, user_pk, entry->valuestring, true, place, &tenant_pk);
}

static int load_other(struct loader *loader, const cJSON *entry, int64_t user_pk,
                      const struct json_place *place) {
    int64_t tenant_pk;
    return fixture_grant_access(loader, user_pk, entry->valuestring, false, place, &tenant_pk);
}

/* Loads the lists that users and service accounts have. */
static int load_lists(struct loader *loader, const cJSON *user, int64_t pk,
                      const struct json_place *place) {
    static const struct {
        const char *name;
        fixture_load_entry load;
    } lists[] = {{"tenants", load_granted},
                 {"otherTenants", load_other},
                 {"groups", load_membership},
                 {"tokens", load_token}};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
        r = fixture_load_list(loader, user, lists[i].name, place, pk, lists[i].load);
    return r == 0 ? store_memberships(loader, pk, place) : r;
}

static void note_administrator(struct loader *loader, const cJSON *entry, const struct user *user) {
    struct fixture_summary *summary = &loader->summary;
    const char *password = fixture_text(entry, "password", NULL);
    if (summary->administrator[0] || !user->super_admin || !password)
        return;
    const cJSON *token = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(entry, "tokens"), 0);
    snprintf(summary->administrator, sizeof(summary->administrator), "%s", user->username);
    snprintf(summary->password, sizeof(summary->password), "%s", password);
    snprintf(summary->token, sizeof(summary->token), "%s", fixture_text(token, "token", ""));
}

/* Sets the hash unless there is a mistake. Returns 0 or <0. */
static int load_password(struct loader *loader, const cJSON *entry, const struct json_place *place,
                         struct user *user) {
    const char *password = fixture_text(entry, "password", NULL);
    const char *hash = fixture_text(entry, "passwordHash", NULL);
    if (hash && password)
        return fixture_note(loader, place, "has both password and passwordHash", user->email);
    if (hash && !password_hash_is_valid(hash))
        return fixture_note(loader, place, "has a passwordHash that is not an Argon2id string",
                            user->email);
    if (hash && !password_hash_is_affordable(hash))
        return fixture_note(loader, place, "has a passwordHash above 64 MiB or 16 passes",
                            user->email);
    if (password && strchr(user->username, ':'))
        return fixture_note(loader, place, "has a colon, which Basic credentials cannot carry",
                            user->username);
    if (password && hash_password(loader, password) < 0)
        return FATAL(ENOMEM);
    user->password_hash = password ? loader->last_hash : hash;
    return 0;
}

/* Stores the user. When it has what another one has, notes the mistake and stores it with another
 * id, to find the mistakes in its lists. */
static int insert_user(struct loader *loader, const struct user *user,
                       const struct json_place *place, const char *problem, const char *value,
                       int64_t *ret_pk) {
    char made[FRIENDLY_ID_SIZE];
    int r = store_user_insert(loader->iam->store, user, ret_pk);
    if (r != STORE_EXISTS)
        return r;
    r = fixture_note(loader, place, problem, value);
    friendly_id_make(made);
    struct user other = *user;
    other.id = other.username = other.email = made;
    return r == 0 ? store_user_insert(loader->iam->store, &other, ret_pk) : r;
}

int fixture_load_account(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                         const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    const char *id = fixture_id(entry, made);
    const struct user account = {
        .id = id,
        .username = id,
        .email = id,
        .is_service_account = true,
        .name = fixture_text(entry, "name", ""),
        .description = fixture_text(entry, "description", NULL),
        .super_admin = fixture_has_privilege(entry),
    };
    int64_t pk;
    (void)owner_pk;
    int r = insert_user(loader, &account, place,
                        "has an id that a user or another service account has", id, &pk);
    loader->summary.service_accounts++;
    return r == 0 ? load_lists(loader, entry, pk, place) : r;
}

int fixture_load_user(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                      const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    const char *email = fixture_text(entry, "email", "");
    struct user user = {
        .id = fixture_id(entry, made),
        .username = fixture_text(entry, "username", email),
        .email = email,
        .first_name = fixture_text(entry, "firstName", NULL),
        .last_name = fixture_text(entry, "lastName", NULL),
        .super_admin = fixture_has_privilege(entry),
        .restricted = fixture_is_true(entry, "restricted"),
    };
    int64_t pk;
    (void)owner_pk;
    int r = load_password(loader, entry, place, &user);
    if (r == 0)
        r = insert_user(loader, &user, place, "has an id, e-mail or username that another user has",
                        email, &pk);
    loader->summary.users++;
    note_administrator(loader, entry, &user);
    if (r == 0)
        r = load_lists(loader, entry, pk, place);
    return r == 0 ? fixture_load_list(loader, entry, "scim", place, pk, fixture_load_user_provision)
                  : r;
}

void fixture_forget_tokens(struct loader *loader) {
    HASH_CLEAR(hh, loader->tokens);
}
