/* Everything that a test can change. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "faults/faults.h"
#include "iam/iam.h"
#include "store/copy.h"
#include "stubs/stubs.h"
#include "util/clock.h"

#define SANDBOX_DEFAULT "default"

enum { SANDBOX_NAME_SIZE = 65, SANDBOX_MAX_SNAPSHOTS = 32 };

enum sandbox_outcome {
    SANDBOX_INVALID_NAME = 1,
    SANDBOX_NO_ROOM,
    SANDBOX_EXISTS,
    SANDBOX_NOT_FOUND,
    SANDBOX_INVALID_TIME,
};

/* A state, and the setting of the clock that goes with it. */
struct snapshot {
    struct store_copy *state; /* (owned) one reference */
    int64_t clock;            /* by clock_setting */
};

struct named_snapshot;

struct coverage;
struct journal;

struct sandbox {
    char name[SANDBOX_NAME_SIZE];
    struct iam iam;
    struct clock clock;
    struct stubs *stubs;              /* (owned) */
    struct faults *faults;            /* (owned) */
    struct coverage *coverage;        /* (owned) */
    struct journal *journal;          /* (owned) NULL: switched off */
    struct snapshot start;            /* what a reset returns to */
    pthread_mutex_t mutex;            /* of `snapshots`, and of those who set the clock */
    struct named_snapshot *snapshots; /* (owned) SANDBOX_MAX_SNAPSHOTS; NULL before the first */
    size_t n_snapshots;
    atomic_int references; /* of one in a struct sandboxes */
};

/* `path` as in store_open. 0; or <0 and a sentence in `reterr_error`. The sandbox needs its deinit
 * in both cases, and has no journal yet. */
int sandbox_init(struct sandbox *sandbox, const char *path, char reterr_error[STORE_ERROR_SIZE]);

/* As sandbox_init, in memory; starts from the snapshot, of which it takes a reference. */
int sandbox_init_copy(struct sandbox *sandbox, const struct snapshot *start,
                      char reterr_error[STORE_ERROR_SIZE]);
void sandbox_deinit(struct sandbox *sandbox);

/* 1 to 64 letters, digits, dots, hyphens and underscores, of which a letter or digit is the first.
 * It goes for snapshots, too. */
bool sandbox_name_is_valid(const char *name);

/* Makes what the sandbox holds now its start. 0 or <0. */
int sandbox_set_start(struct sandbox *sandbox);

/* Returns all of it to the start, but for the snapshots that were saved. 0 or <0, and then parts
 * may have returned. */
int sandbox_reset(struct sandbox *sandbox);

/* Replaces the state, all or nothing. A request that is on its way meanwhile may act on either, by
 * the rights that it had. 0 or <0. */
int sandbox_replace(struct sandbox *sandbox, const struct store_copy *state);

/* Saves state and clock under a name, in place of what has it: 0, SANDBOX_INVALID_NAME,
 * SANDBOX_NO_ROOM, or <0. */
int sandbox_save_snapshot(struct sandbox *sandbox, const char *name);

/* What was saved, with a reference (owned by the caller); or a return to it; or its end. 0,
 * SANDBOX_NOT_FOUND; a return may also be <0. */
int sandbox_find_snapshot(struct sandbox *sandbox, const char *name, struct snapshot *ret_snapshot);
int sandbox_restore_snapshot(struct sandbox *sandbox, const char *name);
int sandbox_delete_snapshot(struct sandbox *sandbox, const char *name);

/* The names, the oldest first, in the arena. 0 or -ENOMEM. */
int sandbox_list_snapshots(struct sandbox *sandbox, struct arena *arena, const char ***ret_names,
                           size_t *ret_count);

/* A CLEANUP. */
void snapshot_deinit(struct snapshot *snapshot);

/* How the clock is to be changed, in this order. */
struct clock_change {
    const int64_t *now; /* NULL: as it is */
    int64_t advance;    /* ms */
    enum { CLOCK_STAYS, CLOCK_RUNS, CLOCK_FREEZES } run;
};

/* 0, or SANDBOX_INVALID_TIME when it would leave the years from 0 to 9999. */
int sandbox_change_clock(struct sandbox *sandbox, const struct clock_change *change);

/* Returns the clock to the start. */
void sandbox_reset_clock(struct sandbox *sandbox);
