/* Everything that a test can change. */
#pragma once

#include "iam/iam.h"
#include "util/clock.h"

struct sandbox {
    struct iam iam;
    struct clock clock;
};

/* `path` as in store_open. 0; or <0 and a sentence in `error`. The sandbox needs its deinit in
 * both cases. */
int sandbox_init(struct sandbox *sandbox, const char *path, char error[STORE_ERROR_SIZE]);
void sandbox_deinit(struct sandbox *sandbox);
