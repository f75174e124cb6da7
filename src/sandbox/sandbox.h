/* A sandbox: everything that a test can change. */
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
    SANDBOX_NO_MEMORY,
};

/* A state and the clock that goes with it. */
struct snapshot {
    struct store_copy *state; /* (owned) one reference */
    int64_t clock;            /* from clock_setting */
};

struct named_snapshot;

struct audit_log;
struct coverage;
struct journal;

struct sandbox {
    char name[SANDBOX_NAME_SIZE];
    struct iam iam;
    struct clock clock;
    struct stubs *stubs;              /* (owned) */
    struct faults *faults;            /* (owned) */
    struct coverage *coverage;        /* (owned) */
    struct audit_log *audit_log;      /* (owned) */
    struct journal *journal;          /* (owned) NULL when switched off */
    struct snapshot start;            /* what a reset returns to */
    pthread_mutex_t mutex;            /* guards `snapshots`; whoever sets the clock holds it */
    struct named_snapshot *snapshots; /* (owned) an array, or NULL before the first */
    size_t n_snapshots;
    atomic_int references;  /* only used by struct sandboxes */
    atomic_uint generation; /* grows with each reset, and when the sandbox is deleted */
};

/* `path` is as in store_open. The sandbox emulates `version` from now on. Returns 0, or <0 with a
 * sentence in `reterr_error`. The sandbox needs sandbox_deinit in both cases. It has no journal
 * yet. */
int sandbox_init(struct sandbox *sandbox, const char *path, const struct version *version,
                 char reterr_error[STORE_ERROR_SIZE]);

/* Like sandbox_init, but in memory, and starting from the snapshot, to which it takes a reference.
 * `home` must outlive the sandbox. Returns 0 or -ENOMEM. */
int sandbox_init_copy(struct sandbox *sandbox, const struct sandbox *home,
                      const struct snapshot *start, const struct version *version);
void sandbox_deinit(struct sandbox *sandbox);

/* Tells whether a sandbox or snapshot may have this name: 1 to 64 letters, digits, dots, hyphens
 * and underscores, starting with a letter or digit. */
bool sandbox_name_is_valid(const char *name);

/* Makes the current state and clock the start of the sandbox. Returns 0 or <0. */
int sandbox_set_start(struct sandbox *sandbox);

/* Returns everything to the start, except the saved snapshots. Returns 0, or <0 and then parts may
 * have returned already. */
int sandbox_reset(struct sandbox *sandbox);

/* Replaces the state, all or nothing. A request in progress may act on the old or the new state,
 * with the permissions that it had before. Returns 0 or <0. */
int sandbox_replace(struct sandbox *sandbox, const struct store_copy *state);

/* Saves state and clock under a name, and replaces the snapshot that has it. Returns 0,
 * SANDBOX_INVALID_NAME, SANDBOX_NO_ROOM or <0. */
int sandbox_save_snapshot(struct sandbox *sandbox, const char *name);

/* Finds a snapshot (owned by the caller, snapshot_deinit), restores it, or deletes it. Each returns
 * 0 or SANDBOX_NOT_FOUND; a restore may also return <0. */
int sandbox_find_snapshot(struct sandbox *sandbox, const char *name, struct snapshot *ret_snapshot);
int sandbox_restore_snapshot(struct sandbox *sandbox, const char *name);
int sandbox_delete_snapshot(struct sandbox *sandbox, const char *name);

/* Lists the names in the arena, the oldest first. Returns 0 or -ENOMEM. */
int sandbox_list_snapshots(struct sandbox *sandbox, struct arena *arena, const char ***ret_names,
                           size_t *ret_count);

/* For CLEANUP. */
void snapshot_deinit(struct snapshot *snapshot);

/* A change of the clock, applied in the order of the members. */
struct clock_change {
    const int64_t *now; /* NULL keeps the time */
    int64_t advance;    /* ms */
    enum { CLOCK_STAYS, CLOCK_RUNS, CLOCK_FREEZES } run;
};

/* Returns 0, or SANDBOX_INVALID_TIME when the time would leave the years 0 to 9999. */
int sandbox_change_clock(struct sandbox *sandbox, const struct clock_change *change);

/* Returns the clock to that of the start. */
void sandbox_reset_clock(struct sandbox *sandbox);
