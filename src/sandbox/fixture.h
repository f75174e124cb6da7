/* Fixtures: a whole state as a JSON file, by schema/fixtures.schema.json. */
#pragma once

#include <stddef.h>

#include "contract/validate.h"
#include "iam/iam.h"
#include "store/copy.h"

enum { FIXTURE_ERROR_SIZE = 512, FIXTURE_NAME_SIZE = 321 };

/* What was loaded. The administrator is the fixture's first super-admin with a password. */
struct fixture_summary {
    size_t tenants;
    size_t groups;
    size_t users;
    size_t memberships;
    size_t tokens;
    char administrator[FIXTURE_NAME_SIZE]; /* username, "" when there is none */
    char password[FIXTURE_NAME_SIZE];      /* in clear, for the ready line only */
    char token[FIXTURE_NAME_SIZE];         /* the administrator's first one, or "" */
};

/* Reads a file, or the built-in "default" or "empty". 0 and its text (owned by the caller, free)
 * with its size; >0 and a sentence in `error`; -ENOMEM. */
int fixture_read(const char *name, char **ret_text, size_t *ret_size,
                 char error[FIXTURE_ERROR_SIZE]);

/* Loads a parsed fixture into a store without tenants and users, all or nothing. 0 and what it
 * loaded; >0 and in `violations` what is wrong, with paths that start with `root`; <0. `now` in
 * epoch ms. */
int fixture_load_tree(struct iam *iam, const cJSON *tree, int64_t now,
                      const struct json_place *root, struct violations *violations,
                      struct fixture_summary *ret_summary);

/* Makes a state of it, owned by the caller (store_copy_free); as fixture_load_tree. */
int fixture_make_state(enum password_cost cost, const cJSON *tree, int64_t now,
                       const struct json_place *root, struct violations *violations,
                       struct fixture_summary *ret_summary, struct store_copy **ret_state);

/* Loads a fixture's text into a store without tenants and users, all or nothing. 0 and what it
 * loaded; >0 and in `error` the first thing that is wrong with its JSON path, such as
 * "$.users[3].email: is required"; <0. */
int fixture_load(struct iam *iam, const char *text, size_t size, int64_t now,
                 struct fixture_summary *ret_summary, char error[FIXTURE_ERROR_SIZE]);

/* Writes the state as a fixture that loads as the same state, but for sessions, and for what it
 * shows of when groups of one tenant were made beside those of another. A line for each tenant and
 * user. 0 and the text (owned by the caller, free), or <0. */
int fixture_dump(struct iam *iam, char **ret_text, size_t *ret_size);
