/* The groups of a tenant. */
#pragma once

#include "iam/listing.h"
#include "store/group.h"

struct group_page {
    struct group *groups; /* in the arena */
    size_t count;
    int64_t total;
};

/* Creates a group and its members, who also get access to the tenant. Returns 0,
 * IAM_UNKNOWN_TENANT, IAM_NAME_TAKEN, or IAM_UNKNOWN_USER and the id in *reterr_unknown. */
int iam_create_group(struct iam *iam, int64_t tenant_pk, const char *name, const char *description,
                     const struct string_list *members, struct arena *arena,
                     struct group *ret_group, const char **reterr_unknown);

/* Returns 0 or IAM_UNKNOWN_GROUP, as do all functions below that take an id. */
int iam_get_group(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                  struct group *ret_group);

/* Sets name and description; NULL removes the description. Can also return IAM_NAME_TAKEN. */
int iam_update_group(struct iam *iam, int64_t tenant_pk, const char *id, const char *name,
                     const char *description, struct arena *arena, struct group *ret_group);
int iam_delete_group(struct iam *iam, int64_t tenant_pk, const char *id);

/* Returns 0, IAM_INVALID_SORT, or IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int iam_list_groups(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                    struct arena *arena, struct group_page *ret_page, const char **reterr_problem);

/* Finds those of the groups that exist, in the order of the ids. Duplicate ids count once.
 * Sets no total. */
int iam_find_groups(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                    struct arena *arena, struct group_page *ret_page);
