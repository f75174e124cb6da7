/* Fixtures: a whole state as a JSON file, by schema/fixtures.schema.json. */
#pragma once

#include <stddef.h>

#include "iam/iam.h"

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

/* Loads a fixture into a store without tenants and users, all or nothing. 0 and what it loaded;
 * >0 and in `error` the first thing that is wrong with its JSON path, such as
 * "$.users[3].email: is required"; <0. `now` in epoch ms. */
int fixture_load(struct iam *iam, const char *text, size_t size, int64_t now,
                 struct fixture_summary *ret_summary, char error[FIXTURE_ERROR_SIZE]);
