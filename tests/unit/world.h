/* The default fixture in its own sandbox, for tests without a socket. */
#pragma once

#include <check.h>
#include <stdlib.h>

#include <sodium.h>

#include "config.h"
#include "sandbox/fixture.h"
#include "sandbox/fixture_file.h"
#include "sandbox/sandbox.h"

static inline const char *world_no_environment(const char *name) {
    (void)name;
    return NULL;
}

/* Fills `config` with the defaults. The caller ends the sandbox with sandbox_deinit. */
static inline void world_init(struct config *config, struct sandbox *sandbox) {
    char error[FIXTURE_ERROR_SIZE];
    struct fixture_summary summary;
    char *text;
    size_t size;
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(config_load(config, 0, NULL, world_no_environment, error), 0);
    ck_assert_int_eq(sandbox_init(sandbox, NULL, version_find("2.0"), error), 0);
    ck_assert_int_eq(fixture_file_read("default", &text, &size, error), 0);
    ck_assert_int_eq(fixture_load(&sandbox->iam, text, size, 0, &summary, error), 0);
    ck_assert_int_eq(sandbox_set_start(sandbox), 0);
    free(text);
}
