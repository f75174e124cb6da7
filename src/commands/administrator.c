#include "commands/administrator.h"

#include <string.h>

#include "iam/passwords.h"
#include "iam/tenant_access.h"
#include "iam/tenants.h"
#include "iam/users.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Returns 0 and the user's id, an outcome of the store, or <0. */
static int find(struct iam *iam, const char *username, struct arena *arena, const char **ret_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    struct user user;
    store_begin(iam->store, &transaction);
    int r = store_user_find_by_username(iam->store, username, arena, &user);
    if (r == 0)
        *ret_id = user.id;
    return r;
}

static int create(struct iam *iam, const struct config *config, struct arena *arena,
                  const char **ret_id) {
    const struct new_user user = {
        .email = config->administrator,
        .password = config->administrator_password,
        .super_admin = true,
    };
    struct user_view view;
    const char *unknown;
    int r = iam_create_user(iam, &user, arena, &view, &unknown);
    if (r == 0)
        *ret_id = view.user.id;
    return r;
}

static int grant(struct iam *iam, const char *tenant, const char *user_id) {
    int64_t pk = 0;
    int r = iam_create_tenant(iam, &(struct tenant){.id = tenant, .name = tenant});
    if (r < 0)
        return r;
    {
        CLEANUP(store_transaction_end) struct transaction transaction;
        store_begin(iam->store, &transaction);
        r = store_tenant_find(iam->store, tenant, &pk);
    }
    if (r == 0)
        r = iam_grant_access(iam, pk, user_id);
    return r == IAM_HAS_ACCESS ? 0 : r;
}

static int grant_all(struct iam *iam, const char *tenants, const char *user_id,
                     struct arena *arena) {
    char *rest = arena_copy(arena, tenants, strlen(tenants));
    int r = rest ? 0 : FATAL(ENOMEM);
    for (char *tenant; r == 0 && (tenant = strsep(&rest, ", "));)
        if (*tenant)
            r = grant(iam, tenant, user_id);
    return r;
}

int administrator_ensure(const struct config *config, struct sandbox *sandbox,
                         struct fixture_summary *summary) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct iam *iam = &sandbox->iam;
    const char *id = NULL;
    if (!config->administrator)
        return 0;
    int r = find(iam, config->administrator, &arena, &id);
    if (r == 0)
        r = iam_set_password(iam, id, config->administrator_password);
    else if (r > 0)
        r = create(iam, config, &arena, &id);
    if (r == 0)
        r = iam_set_user_flag(iam, IAM_USER, id, USER_SUPER_ADMIN, true, &arena);
    if (r == 0)
        r = grant_all(iam, config->administrator_tenants, id, &arena);
    if (r != 0)
        return r < 0 ? r : FATAL(EEXIST);
    if (strcmp(summary->administrator, config->administrator) != 0)
        summary->token[0] = '\0';
    snprintf(summary->administrator, sizeof(summary->administrator), "%s", config->administrator);
    snprintf(summary->password, sizeof(summary->password), "%s", config->administrator_password);
    return 0;
}
