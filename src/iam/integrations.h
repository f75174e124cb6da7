/* Security integrations: identity providers that write a tenant's users and groups. */
#pragma once

#include "iam/listing.h"
#include "store/integration.h"
#include "store/token.h"

enum { INTEGRATION_SECRET_SIZE = 201 };

/* A new integration with the token of its service account. Only the caller ever has the secret. */
struct new_integration {
    struct integration integration;
    struct token token;
    char secret[INTEGRATION_SECRET_SIZE];
};

struct integration_page {
    struct integration *integrations;
    size_t count;
    int64_t total;
};

/* Creates an integration, a service account with a token that never expires, and a role for users
 * and groups that is bound to the account. Returns 0 or IAM_UNKNOWN_TENANT. */
int iam_create_integration(struct iam *iam, int64_t tenant_pk, const char *name,
                           const char *description, int64_t now, struct arena *arena,
                           struct new_integration *ret_new);

/* Return 0 or IAM_UNKNOWN_INTEGRATION. */
int iam_get_integration(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                        struct integration *ret_integration);
int iam_enable_integration(struct iam *iam, int64_t tenant_pk, const char *id, bool enabled,
                           struct arena *arena, struct integration *ret_integration);

/* Also deletes the service account and the role. */
int iam_delete_integration(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena);

/* Returns as iam_list_users. */
int iam_list_integrations(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                          struct arena *arena, struct integration_page *ret_page,
                          const char **reterr_problem);
