/* Fixtures: a whole state as a JSON file. schema/fixtures.schema.json describes the format. */
#pragma once

#include <stddef.h>

#include "contract/validate.h"
#include "iam/iam.h"
#include "store/copy.h"
#include "util/cancellation.h"

enum { FIXTURE_ERROR_SIZE = 512, FIXTURE_NAME_SIZE = 321 };

/* What was loaded. The administrator is the first super-admin of the fixture who has a password. */
struct fixture_summary {
    size_t tenants;
    size_t groups;
    size_t roles; /* without managed ones */
    size_t bindings;
    size_t invitations;
    size_t integrations;
    size_t users;
    size_t service_accounts;
    size_t memberships;
    size_t tokens;
    char administrator[FIXTURE_NAME_SIZE]; /* username, or "" when there is none */
    char password[FIXTURE_NAME_SIZE];      /* in clear text, only for the ready line */
    char token[FIXTURE_NAME_SIZE];         /* the administrator's first token, or "" */
};

/* Loads a parsed fixture into a store that has no tenants or users, all or nothing. Returns 0 and
 * what was loaded; >0 with violations, whose paths start with `root`; or <0. `now` is in epoch
 * ms; `cancellation` may be NULL. */
int fixture_load_tree(struct iam *iam, const cJSON *tree, int64_t now,
                      const struct cancellation *cancellation, const struct json_place *root,
                      struct violations *violations, struct fixture_summary *ret_summary);

/* Makes a state from a fixture (owned by the caller, store_copy_free), which can replace that of
 * `iam`. Without a store there `iam` gives only the cost of passwords. Returns like
 * fixture_load_tree. */
int fixture_make_state(const struct iam *iam, const cJSON *tree, int64_t now,
                       const struct cancellation *cancellation, const struct json_place *root,
                       struct violations *violations, struct fixture_summary *ret_summary,
                       struct store_copy **ret_state);

/* Loads the text of a fixture into a store that has no tenants or users, all or nothing. Returns 0
 * and what was loaded; >0 with the first mistake and its JSON path in `reterr_error`, such as
 * "$.users[3].email: is required"; or <0. */
int fixture_load(struct iam *iam, const char *text, size_t size, int64_t now,
                 struct fixture_summary *ret_summary, char reterr_error[FIXTURE_ERROR_SIZE]);

/* Writes the state as a fixture, with a line for each tenant, user and service account. Loading it
 * gives the same state, except for sessions, tokens of forgotten passwords, and the order in which
 * groups or invitations of different tenants, or users and service accounts, were created.
 * `cancellation` may be NULL. Returns 0 and the text (owned by the caller, free), or <0. */
int fixture_dump(struct iam *iam, const struct cancellation *cancellation, char **ret_text,
                 size_t *ret_size);
