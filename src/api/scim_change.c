#include "api/scim_change.h"

#include "scim/scim_patch.h"
#include "util/cleanup.h"

void scim_change_deinit(struct scim_change *change) {
    cJSON_Delete(change->wanted);
}

int scim_change_clean(struct scim_change *change, const cJSON *tree) {
    return scim_resource_clean(change->type, tree, &change->exchange->request.arena,
                               &change->wanted, &change->problem);
}

int scim_change_patch(struct scim_change *change, const cJSON *old) {
    CLEANUP(cleanup_json) cJSON *tidy = NULL;
    int r = scim_change_clean(change, old);
    if (r == 0) {
        tidy = TAKE(change->wanted);
        r = scim_patch_apply(change->type, change->exchange->body, tidy,
                             &change->exchange->request.arena, &change->problem);
    }
    return r == 0 ? scim_change_clean(change, tidy) : r;
}
