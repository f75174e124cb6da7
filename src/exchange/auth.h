/* Who sends the request, and whether they may call the operation. */
#pragma once

#include "config.h"
#include "contract/contract.h"
#include "exchange/request.h"
#include "iam/iam.h"

struct credentials;

/* Reads an Authorization header (RFC 7617, RFC 6750). 0 and credentials whose strings lie in the
 * arena; IAM_UNAUTHENTICATED when it is malformed or of another scheme; -ENOMEM. */
int auth_parse(const char *header, struct arena *arena, struct credentials *ret_credentials);

/* 0 and the principal, its name in the request's arena, or IAM_UNAUTHENTICATED. A session in the
 * cookie JWT goes before the Authorization header, unless no credentials are asked for. `now` in
 * epoch ms. */
int auth_authenticate(struct iam *iam, enum auth_mode mode, struct request *request, int64_t now,
                      struct principal *ret_principal);

/* A random text that fits into a cookie and into HTML; and whether one may be such. */
enum { CSRF_TOKEN_SIZE = 44 };
void auth_make_csrf_token(char out[CSRF_TOKEN_SIZE]);
bool auth_is_csrf_token(const char *text);

/* Who is known by a cookie may only change something under /api with the header X-CSRF-TOKEN that
 * equals the cookie csrfToken. 0, IAM_FORBIDDEN, or -ENOMEM. */
int auth_check_csrf(struct request *request, const struct principal *principal);

/* Whether the request has exactly this bearer token. */
bool auth_is_bearer(const struct request *request, const char *token);

/* Whether the principal may call the operation in `tenant` (NULL when the operation has none). 0
 * and the tenant's key, IAM_FORBIDDEN, or IAM_UNKNOWN_TENANT. */
int auth_authorize(struct iam *iam, const struct principal *principal,
                   const struct operation *operation, const char *tenant, int64_t *ret_tenant_pk);
