/* Who sends the request, and whether they may call the operation. */
#pragma once

#include "config.h"
#include "contract.h"
#include "iam/iam.h"
#include "request.h"

struct credentials;

/* Reads an Authorization header (RFC 7617, RFC 6750). 0 and credentials whose strings lie in the
 * arena; IAM_UNAUTHENTICATED when it is malformed or of another scheme; -ENOMEM. */
int auth_parse(const char *header, struct arena *arena, struct credentials *ret_credentials);

/* 0 and the principal, its name in the request's arena, or IAM_UNAUTHENTICATED. `now` in epoch
 * ms. */
int auth_authenticate(struct iam *iam, enum auth_mode mode, struct request *request, int64_t now,
                      struct principal *ret_principal);

/* Whether the principal may call the operation in `tenant` (NULL when the operation has none). 0
 * and the tenant's key, IAM_FORBIDDEN, or IAM_UNKNOWN_TENANT. */
int auth_authorize(struct iam *iam, const struct principal *principal,
                   const struct operation *operation, const char *tenant, int64_t *ret_tenant_pk);
