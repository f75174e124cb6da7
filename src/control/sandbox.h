/* Everything that a test can change. */
#pragma once

#include <stdatomic.h>

#include "control/stubs.h"
#include "iam/iam.h"
#include "store/snapshot.h"
#include "util/clock.h"

#define SANDBOX_DEFAULT "default"

enum { SANDBOX_NAME_SIZE = 65 };

struct coverage;
struct journal;

struct sandbox {
    char name[SANDBOX_NAME_SIZE];
    struct iam iam;
    struct clock clock;
    struct stubs *stubs;       /* (owned) */
    struct coverage *coverage; /* (owned) */
    struct journal *journal;   /* (owned) NULL: switched off */
    atomic_int references;     /* of one in a struct sandboxes */
};

/* `path` as in store_open. 0; or <0 and a sentence in `error`. The sandbox needs its deinit in
 * both cases, and has no journal yet. */
int sandbox_init(struct sandbox *sandbox, const char *path, char error[STORE_ERROR_SIZE]);

/* As sandbox_init, with the state of the snapshot, in memory. */
int sandbox_init_copy(struct sandbox *sandbox, const struct store_snapshot *snapshot,
                      char error[STORE_ERROR_SIZE]);
void sandbox_deinit(struct sandbox *sandbox);
