/* Authenticates a request, and authorizes its principal to call an operation. */
#pragma once

#include "config.h"
#include "contract/contract.h"
#include "exchange/request.h"
#include "iam/iam.h"

struct credentials;

/* Parses an Authorization header (RFC 7617, RFC 6750). Returns 0 with credentials whose strings
 * live in the arena; IAM_UNAUTHENTICATED when the header is malformed or has another scheme; or
 * -ENOMEM. */
int auth_parse(const char *header, struct arena *arena, struct credentials *ret_credentials);

enum { AUTH_SLOW = IAM_N_OUTCOMES }; /* in addition to the outcomes of iam */

/* Returns 0 and the principal, whose name lives in the request's arena, or IAM_UNAUTHENTICATED. The
 * session in the cookie JWT takes precedence over the Authorization header. With AUTH_OFF every
 * request passes. `now` is in epoch ms. Unless the thread
 * may block, returns AUTH_SLOW when a password would have to be hashed. */
int auth_authenticate(struct iam *iam, enum auth_mode mode, struct request *request, int64_t now,
                      bool may_block, struct principal *ret_principal);

/* auth_make_csrf_token makes a random text that is safe in a cookie and in HTML. auth_is_csrf_token
 * tells whether a text has that form. */
enum { CSRF_TOKEN_SIZE = 44 };
void auth_make_csrf_token(char out[CSRF_TOKEN_SIZE]);
bool auth_is_csrf_token(const char *text);

/* A principal with a session may change something under /api only when the header X-CSRF-TOKEN
 * equals the cookie csrfToken. Returns 0, IAM_FORBIDDEN or -ENOMEM. */
int auth_check_csrf(struct request *request, const struct principal *principal);

/* Tells whether the request presents exactly this bearer token. */
bool auth_is_bearer(const struct request *request, const char *token);

/* Tells whether the request presents the key of the console, which only those know who may use the
 * control plane. */
bool auth_is_console(const struct request *request, const struct config *config);

/* Checks that the principal may call the operation in `tenant` (NULL when the operation has none).
 * Returns 0 and the tenant's key, IAM_FORBIDDEN or IAM_UNKNOWN_TENANT. */
int auth_authorize(struct iam *iam, struct principal *principal, const struct operation *operation,
                   const char *tenant, struct arena *arena, int64_t *ret_tenant_pk);
