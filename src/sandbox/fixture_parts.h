/* What the files that load a fixture share. */
#pragma once

#include <cjson/cJSON.h>

#include "iam/credentials.h"
#include "sandbox/fixture.h"
#include "util/friendly_id.h"

/* The progress of a load. */
struct loader {
    struct iam *iam;
    struct arena arena;
    struct seen_token *tokens; /* a uthash, its elements in the arena */
    int64_t now;
    const struct cancellation *cancellation;
    struct fixture_summary summary;
    struct fixture_membership *memberships; /* of the user that is being loaded, in the arena */
    size_t n_memberships;
    size_t memberships_capacity;
    char *last_password; /* (owned) or NULL; last_hash is its hash */
    char last_hash[PASSWORD_HASH_SIZE];
    int64_t last_user_pk; /* who got access last, and to which tenant */
    int64_t last_tenant_pk;
    int64_t *tenant_pks; /* by the index of the tenant */
    const char *tenant;  /* the id of the one that is being loaded */
    int64_t tenant_pk;   /* its key */
    const cJSON *whole;  /* the fixture before it was pruned */
    struct violations *violations;
};

/* Loads an element of a list. `owner_pk` is the key of what has the list. Returns 0 or <0. */
typedef int (*fixture_load_entry)(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                                  const struct json_place *place);

/* Load an element of the top level. Bindings and integrations come last, since they refer to users
 * and service accounts. */
int fixture_load_tenant(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                        const struct json_place *place);
int fixture_load_user(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                      const struct json_place *place);
int fixture_load_account(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                         const struct json_place *place);
int fixture_load_bindings(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                          const struct json_place *place);
int fixture_load_integrations(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                              const struct json_place *place);

/* Loads an invitation to the tenant, whose roles and groups are there already. */
int fixture_load_invitation(struct loader *loader, const cJSON *entry, int64_t tenant_pk,
                            const struct json_place *place);

/* Load what an identity provider has written of a user in one tenant, and of a group. `object` is
 * the group, which may have no such member. */
int fixture_load_user_provision(struct loader *loader, const cJSON *entry, int64_t user_pk,
                                const struct json_place *place);
int fixture_load_group_provision(struct loader *loader, const cJSON *object, int64_t group_pk,
                                 const struct json_place *place);

/* Notes which tenant's lists are being loaded. */
void fixture_enter_tenant(struct loader *loader, const cJSON *tenant, int64_t pk);

/* Gives access to a tenant, unless the user has it. Returns 0 and the tenant's key, or 0 and the
 * key 0 when there is no such tenant, or <0. */
int fixture_grant_access(struct loader *loader, int64_t user_pk, const char *tenant, bool granted,
                         const struct json_place *place, int64_t *ret_tenant_pk);

/* Frees the table of the tokens. */
void fixture_forget_tokens(struct loader *loader);

/* Loads the elements of the object's list, if it has one. Leaves out elements that were pruned,
 * and all when there is no room for more mistakes. `place` is the object's. */
int fixture_load_list(struct loader *loader, const cJSON *object, const char *name,
                      const struct json_place *place, int64_t owner_pk, fixture_load_entry load);

/* Return a member of the object, or what stands for it when there is none. */
const char *fixture_text(const cJSON *object, const char *name, const char *fallback);
bool fixture_is_true(const cJSON *object, const char *name);
bool fixture_has_privilege(const cJSON *object);
int64_t fixture_instant(const cJSON *object, const char *name, int64_t fallback);

/* Returns the object's id, or a new one in `made`. */
const char *fixture_id(const cJSON *object, char made[FRIENDLY_ID_SIZE]);

/* Notes a mistake, such as "'x' is taken" at "$.users[3].id". The load continues, to find more
 * mistakes, and fails in the end. Returns 0 or -ENOMEM. */
int fixture_note(struct loader *loader, const struct json_place *place, const char *problem,
                 const char *value);

/* Notes that a reference leads nowhere, unless a mistake elsewhere may be the only reason. The
 * arguments are those of fixture_prune_may_hide. */
int fixture_note_unknown(struct loader *loader, const struct json_place *place, const char *problem,
                         const char *tenant, const char *list, const char *id);
