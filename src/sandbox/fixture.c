#include "sandbox/fixture.h"

#include <errno.h>
#include <stdio.h>

#include "contract/contract.h"
#include "json/json.h"
#include "sandbox/fixture_parts.h"
#include "sandbox/fixture_prune.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Bindings and integrations are lists of tenants, but refer to users and service accounts. So
 * kestub goes through the tenants again. */
static int load_tree(struct loader *loader, const cJSON *tree, const struct json_place *root) {
    static const struct {
        const char *name;
        fixture_load_entry load;
    } lists[] = {{"tenants", fixture_load_tenant},
                 {"users", fixture_load_user},
                 {"serviceAccounts", fixture_load_account},
                 {"tenants", fixture_load_bindings},
                 {"tenants", fixture_load_integrations}};
    int n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "tenants"));
    int r = 0;
    loader->tenant_pks = arena_alloc(&loader->arena, (size_t)n * sizeof(*loader->tenant_pks));
    if (!loader->tenant_pks)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
        r = fixture_load_list(loader, tree, lists[i].name, root, 0, lists[i].load);
    return r;
}

static void cleanup_loader(struct loader *loader) {
    fixture_forget_tokens(loader);
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
                            .violations = violations};
    arena_init(&loader.arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_start_writing(&transaction);
    if (r == 0)
        r = load_tree(&loader, pruned ? pruned : tree, root);
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
