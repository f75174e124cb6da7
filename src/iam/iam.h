/* The rules of identity and access: no HTTP, no JSON, no SQL.
 *
 * Functions return <0 for an internal failure, 0 for success, and IAM_* for an outcome that the
 * caller handles. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "contract/contract.h"
#include "store/changes.h"
#include "store/store.h"

struct credential_cache;
struct rights_cache;

/* What it costs to hash a new password. A hash says its own cost. */
enum password_cost {
    PASSWORD_COST_LOW,  /* some microseconds, for passwords that everybody knows */
    PASSWORD_COST_HIGH, /* some 10 ms, for those that nobody shall guess */
};

struct iam {
    struct store *store;
    struct credential_cache *cache;
    struct rights_cache *rights;
    const struct version *version; /* whose rules hold */
    enum password_cost password_cost;
    struct changes *changes; /* where iam_commit tells what has changed; NULL: nowhere */
};

/* Commits as store_commit does. All of iam/ commits here, so that whoever asked for a change can
 * see what became of it. */
static inline int iam_commit(const struct iam *iam, struct transaction *transaction) {
    return store_commit_telling(transaction, iam->changes);
}

enum iam_outcome {
    IAM_UNAUTHENTICATED = 1,
    IAM_FORBIDDEN,
    IAM_NOT_OWNER,
    IAM_UNKNOWN_TENANT,
    IAM_UNKNOWN_USER,
    IAM_UNKNOWN_ACCOUNT,
    IAM_UNKNOWN_GROUP,
    IAM_EMAIL_TAKEN,
    IAM_NAME_TAKEN,
    IAM_ALREADY_MEMBER,
    IAM_NOT_MEMBER,
    IAM_HAS_ACCESS,
    IAM_INVALID_SORT,
    IAM_UNKNOWN_TOKEN,
    IAM_UNKNOWN_AUTH,
    IAM_WRONG_PASSWORD,
    IAM_IS_SET_UP,
    IAM_INVALID_FILTER,
    IAM_TENANT_EXISTS,
    IAM_UNKNOWN_ROLE,
    IAM_UNKNOWN_BINDING,
    IAM_IS_BOUND,
    IAM_IS_MANAGED,
    IAM_EXCEEDS_RIGHTS,
    IAM_UNKNOWN_INTEGRATION,
    IAM_REFUSED, /* by a function that the caller has passed */
    IAM_UNKNOWN_INVITATION,
    IAM_IS_INVITED,
    IAM_UNKNOWN_RESET,
    IAM_N_OUTCOMES,
};

/* The acting user. */
struct principal {
    int64_t user_pk; /* 0: not a stored user */
    const char *username;
    bool super_admin;
    bool permitted;  /* may do what the request asks for, without owning the group in question */
    bool by_session; /* authenticated by a session cookie */
};
