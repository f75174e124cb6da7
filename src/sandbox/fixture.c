#include "sandbox/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "contract/contract.h"
#include "json/json.h"
#include "sandbox/fixture_parts.h"
#include "sandbox/fixture_prune.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Bindings and integrations are lists of tenants, but refer to users and service accounts. So
 * kestub goes through the tenants again. */
static const struct {
    const char *name;
    fixture_load_entry load;
} lists[] = {{"tenants", fixture_load_tenant},
             {"users", fixture_load_user},
             {"serviceAccounts", fixture_load_account},
             {"tenants", fixture_load_bindings},
             {"tenants", fixture_load_integrations}};

/* Loads users that are not in the tree, up to the first mistake. */
static int load_users(struct loader *loader, struct json_elements *users,
                      const struct json_place *root) {
    const struct schema *schema = validate_find_field(fixture_schema, "users")->schema->items;
    const struct json_place list = json_place_member(root, "users");
    int r = 0;
    store_check_references(loader->iam->store, false);
    for (size_t i = 0; r == 0 && loader->violations->count == 0; i++) {
        CLEANUP(cleanup_json) cJSON *user = NULL;
        const struct json_place place = json_place_element(&list, i);
        r = json_next(users, &user);
        if (r == 0)
            r = validate_value(schema, user, &place, loader->violations);
        if (r == 0 && loader->violations->count == 0 && !cJSON_IsNull(user))
            r = fixture_load_user(loader, user, 0, &place);
    }
    store_check_references(loader->iam->store, true);
    return r < 0 ? r : 0;
}

/* `users` are the elements of a list that is empty in the tree; or NULL. */
static int load_lists(struct loader *loader, const cJSON *tree, struct json_elements *users,
                      const struct json_place *root) {
    int n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "tenants"));
    int r = 0;
    loader->tenant_pks = arena_alloc(&loader->arena, (size_t)n * sizeof(*loader->tenant_pks));
    if (!loader->tenant_pks)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
        r = users && lists[i].load == fixture_load_user
                ? load_users(loader, users, root)
                : fixture_load_list(loader, tree, lists[i].name, root, 0, lists[i].load);
    return r;
}

static void cleanup_loader(struct loader *loader) {
    fixture_forget_tokens(loader);
    free(loader->last_password);
    arena_deinit(&loader->arena);
}

/* Returns 0, >0 with violations, or <0. */
static int load_all(struct loader *loader, const cJSON *tree, struct json_elements *users,
                    const struct json_place *root, struct fixture_summary *ret_summary) {
    arena_init(&loader->arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(loader->iam->store, &transaction);
    int r = store_start_writing(&transaction);
    if (r == 0)
        r = load_lists(loader, tree, users, root);
    if (r < 0 || loader->violations->count > 0)
        return r < 0 ? r : 1;
    r = store_commit(&transaction);
    if (r == 0)
        *ret_summary = loader->summary;
    return r;
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
                            .violations = violations};
    return load_all(&loader, pruned ? pruned : tree, NULL, root, ret_summary);
}

/* Loads one user after the other, since the tree of a large fixture takes several times the memory
 * of the state. Returns 0; <0; or >0 when there may be a mistake, and the whole tree is needed to
 * tell which. */
static int load_in_parts(struct iam *iam, const char *text, size_t size, int64_t now,
                         struct fixture_summary *ret_summary) {
    CLEANUP(cleanup_json) cJSON *rest = NULL;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct violations violations = {.arena = &arena};
    struct json_elements users;
    int r = json_split(text, size, "users", &rest, &users);
    if (r == 0)
        r = validate_value(fixture_schema, rest, &json_root, &violations);
    if (r != 0 || violations.count > 0)
        return r != 0 ? r : 1;
    CLEANUP(cleanup_loader)
    struct loader loader = {.iam = iam, .now = now, .whole = rest, .violations = &violations};
    return load_all(&loader, rest, &users, &json_root, ret_summary);
}

static void cleanup_store(struct store **store) {
    store_free(*store);
}

int fixture_make_state(const struct iam *iam, const cJSON *tree, int64_t now,
                       const struct cancellation *cancellation, const struct json_place *root,
                       struct violations *violations, struct fixture_summary *ret_summary,
                       struct store_copy **ret_state) {
    char error[STORE_ERROR_SIZE];
    CLEANUP(cleanup_store) struct store *store = NULL;
    int r = store_open_scratch(iam->store, &store, error);
    if (r == 0)
        r = fixture_load_tree(&(struct iam){.store = store, .password_cost = iam->password_cost},
                              tree, now, cancellation, root, violations, ret_summary);
    return r == 0 ? store_copy_take(store, ret_state) : r;
}

int fixture_load(struct iam *iam, const char *text, size_t size, int64_t now,
                 struct fixture_summary *ret_summary, char reterr_error[FIXTURE_ERROR_SIZE]) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error json_error;
    int r = load_in_parts(iam, text, size, now, ret_summary);
    if (r <= 0)
        return r;
    r = json_parse_dump(text, size, &tree, &json_error);
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
