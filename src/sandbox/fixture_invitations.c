/* Loads invitations. */
#include "iam/invitations.h"
#include "sandbox/fixture_parts.h"

/* Grants the role in each of its namespaces, or else in the whole tenant. */
static int load_role(struct loader *loader, const cJSON *entry, int64_t invitation_pk,
                     const struct json_place *place) {
    struct store *store = loader->iam->store;
    const char *id = fixture_text(entry, "id", "");
    const cJSON *namespaces = cJSON_GetObjectItemCaseSensitive(entry, "namespaces");
    const cJSON *namespace;
    struct invitation_grant grant = {0};
    int r = store_role_find(store, loader->tenant_pk, id, &grant.role_pk);
    if (r == STORE_NOT_FOUND)
        return fixture_note_unknown(loader, place, "is not a role of the tenant", loader->tenant,
                                    "roles", id);
    if (r == 0 && cJSON_GetArraySize(namespaces) == 0)
        return store_invitation_insert_grant(store, invitation_pk, &grant);
    cJSON_ArrayForEach (namespace, namespaces) {
        grant.namespace = cJSON_GetStringValue(namespace);
        if (r == 0 && grant.namespace) /* NULL: it was pruned */
            r = store_invitation_insert_grant(store, invitation_pk, &grant);
    }
    return r;
}

static int load_group(struct loader *loader, const cJSON *entry, int64_t invitation_pk,
                      const struct json_place *place) {
    const char *id = entry->valuestring;
    struct invitation_grant grant = {0};
    int r = store_group_find(loader->iam->store, loader->tenant_pk, id, &grant.group_pk);
    if (r == STORE_NOT_FOUND)
        return fixture_note_unknown(loader, place, "is not a group of the tenant", loader->tenant,
                                    "groups", id);
    return r == 0 ? store_invitation_insert_grant(loader->iam->store, invitation_pk, &grant) : r;
}

/* Stores the invitation. When another one has its id, notes the mistake and stores it with a new
 * id, to find the mistakes in its lists. */
static int insert(struct loader *loader, const struct invitation *invitation,
                  const struct json_place *place, int64_t *ret_pk) {
    char made[FRIENDLY_ID_SIZE];
    int r = store_invitation_insert(loader->iam->store, invitation, ret_pk);
    if (r != STORE_EXISTS)
        return r;
    r = fixture_note(loader, place, "is the id of another invitation", invitation->id);
    friendly_id_make(made);
    struct invitation other = *invitation;
    other.id = made;
    return r == 0 ? store_invitation_insert(loader->iam->store, &other, ret_pk) : r;
}

int fixture_load_invitation(struct loader *loader, const cJSON *entry, int64_t tenant_pk,
                            const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    int64_t sent_at = fixture_instant(entry, "sentAt", loader->now);
    int64_t accepted_at = fixture_instant(entry, "acceptedAt", INT64_MIN);
    int64_t pk;
    const struct invitation invitation = {
        .tenant_pk = tenant_pk,
        .id = fixture_id(entry, made),
        .email = fixture_text(entry, "email", ""),
        .super_admin = fixture_has_privilege(entry),
        .sent_at = sent_at,
        .expires_at = fixture_instant(entry, "expiredAt", sent_at + INVITATION_LIFE_MS),
    };
    int r = insert(loader, &invitation, place, &pk);
    if (r == 0 && accepted_at != INT64_MIN)
        r = store_invitation_accept(loader->iam->store, pk, accepted_at);
    loader->summary.invitations++;
    if (r == 0)
        r = fixture_load_list(loader, entry, "roles", place, pk, load_role);
    return r == 0 ? fixture_load_list(loader, entry, "groups", place, pk, load_group) : r;
}
