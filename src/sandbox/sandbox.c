#include "sandbox/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "contract/contract.h"
#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/rights_cache.h"
#include "sandbox/audit_log.h"
#include "sandbox/coverage.h"
#include "sandbox/journal.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

struct named_snapshot {
    char name[SANDBOX_NAME_SIZE];
    struct snapshot snapshot;
};

static int init(struct sandbox *sandbox, const struct version *version,
                const struct credential_cache *cache) {
    *sandbox = (struct sandbox){.iam.cache = credential_cache_new(cache),
                                .iam.rights = rights_cache_new(),
                                .iam.version = version,
                                .stubs = stubs_new(),
                                .faults = faults_new(),
                                .coverage = coverage_new(&version->routes),
                                .audit_log = audit_log_new()};
    pthread_mutex_init(&sandbox->mutex, NULL);
    return sandbox->iam.cache && sandbox->iam.rights && sandbox->stubs && sandbox->faults &&
                   sandbox->coverage && sandbox->audit_log
               ? 0
               : FATAL(ENOMEM);
}

int sandbox_init(struct sandbox *sandbox, const char *path, const struct version *version,
                 char reterr_error[STORE_ERROR_SIZE]) {
    int r = init(sandbox, version, NULL);
    if (r == 0)
        return store_open(path, &sandbox->iam.store, reterr_error);
    snprintf(reterr_error, STORE_ERROR_SIZE, "out of memory");
    return r;
}

int sandbox_init_copy(struct sandbox *sandbox, const struct sandbox *home,
                      const struct snapshot *start, const struct version *version) {
    int r = init(sandbox, version, home->iam.cache);
    sandbox->start = (struct snapshot){store_copy_share(start->state), start->clock};
    clock_restore(&sandbox->clock, start->clock);
    return r == 0 ? store_open_copy(start->state, &sandbox->iam.store) : r;
}

void snapshot_deinit(struct snapshot *snapshot) {
    store_copy_free(snapshot->state);
    snapshot->state = NULL;
}

void sandbox_deinit(struct sandbox *sandbox) {
    for (size_t i = 0; i < sandbox->n_snapshots; i++)
        snapshot_deinit(&sandbox->snapshots[i].snapshot);
    free(sandbox->snapshots);
    snapshot_deinit(&sandbox->start);
    store_free(sandbox->iam.store);
    credential_cache_free(sandbox->iam.cache);
    rights_cache_free(sandbox->iam.rights);
    coverage_free(sandbox->coverage);
    audit_log_free(sandbox->audit_log);
    journal_free(sandbox->journal);
    stubs_free(sandbox->stubs);
    faults_free(sandbox->faults);
    pthread_mutex_destroy(&sandbox->mutex);
    *sandbox = (struct sandbox){0};
}

bool sandbox_name_is_valid(const char *name) {
    static const char letters[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
    size_t length = strspn(name, letters);
    return length > 0 && length < SANDBOX_NAME_SIZE && name[length] == '\0' &&
           !strchr("._-", name[0]);
}

static int take_snapshot(struct sandbox *sandbox, struct snapshot *ret_snapshot) {
    struct snapshot snapshot = {.clock = clock_setting(&sandbox->clock)};
    int r = store_copy_take(sandbox->iam.store, &snapshot.state);
    if (r == 0)
        *ret_snapshot = snapshot;
    return r;
}

int sandbox_set_start(struct sandbox *sandbox) {
    struct snapshot snapshot;
    int r = take_snapshot(sandbox, &snapshot);
    if (r < 0)
        return r;
    snapshot_deinit(&sandbox->start);
    sandbox->start = snapshot;
    return 0;
}

/* Credentials that were verified before may be wrong in the new state, or expired at the new
 * time. */
static void forget_credentials(struct sandbox *sandbox) {
    credential_cache_forget(sandbox->iam.cache, 0);
    rights_cache_forget(sandbox->iam.rights, 0);
}

int sandbox_replace(struct sandbox *sandbox, const struct store_copy *state) {
    int r = store_copy_restore(sandbox->iam.store, state);
    forget_credentials(sandbox);
    faults_forget_past(sandbox->faults);
    return r;
}

static void set_clock(struct sandbox *sandbox, int64_t setting) {
    pthread_mutex_lock(&sandbox->mutex);
    clock_restore(&sandbox->clock, setting);
    pthread_mutex_unlock(&sandbox->mutex);
    forget_credentials(sandbox);
}

static int return_to(struct sandbox *sandbox, const struct snapshot *snapshot) {
    int r = sandbox_replace(sandbox, snapshot->state);
    if (r == 0)
        set_clock(sandbox, snapshot->clock);
    return r;
}

int sandbox_reset(struct sandbox *sandbox) {
    int r = return_to(sandbox, &sandbox->start);
    if (r == 0)
        r = stubs_reset(sandbox->stubs);
    if (r == 0)
        r = faults_reset(sandbox->faults);
    journal_clear(sandbox->journal);
    coverage_clear(sandbox->coverage);
    audit_log_clear(sandbox->audit_log);
    atomic_fetch_add(&sandbox->generation, 1);
    return r;
}

/* Called with the lock, which guards `snapshots`. Returns NULL when there is none of this name. */
static struct named_snapshot *find(struct sandbox *sandbox, const char *name) {
    for (size_t i = 0; i < sandbox->n_snapshots; i++)
        if (strcmp(sandbox->snapshots[i].name, name) == 0)
            return &sandbox->snapshots[i];
    return NULL;
}

/* Takes over the snapshot, and leaves the snapshot that it replaces in its place. */
static int keep(struct sandbox *sandbox, const char *name, struct snapshot *snapshot) {
    if (!sandbox->snapshots)
        sandbox->snapshots = calloc(SANDBOX_MAX_SNAPSHOTS, sizeof(*sandbox->snapshots));
    if (!sandbox->snapshots)
        return FATAL(ENOMEM);
    struct named_snapshot *found = find(sandbox, name);
    if (!found && sandbox->n_snapshots == SANDBOX_MAX_SNAPSHOTS)
        return SANDBOX_NO_ROOM;
    if (!found) {
        found = &sandbox->snapshots[sandbox->n_snapshots++];
        *found = (struct named_snapshot){0};
        strcpy(found->name, name);
    }
    struct snapshot replaced = found->snapshot;
    found->snapshot = *snapshot;
    *snapshot = replaced;
    return 0;
}

int sandbox_save_snapshot(struct sandbox *sandbox, const char *name) {
    if (!sandbox_name_is_valid(name))
        return SANDBOX_INVALID_NAME;
    CLEANUP(snapshot_deinit) struct snapshot snapshot = {0};
    int r = take_snapshot(sandbox, &snapshot);
    if (r < 0)
        return r;
    pthread_mutex_lock(&sandbox->mutex);
    r = keep(sandbox, name, &snapshot);
    pthread_mutex_unlock(&sandbox->mutex);
    return r;
}

int sandbox_find_snapshot(struct sandbox *sandbox, const char *name,
                          struct snapshot *ret_snapshot) {
    pthread_mutex_lock(&sandbox->mutex);
    const struct named_snapshot *found = find(sandbox, name);
    if (found)
        *ret_snapshot =
            (struct snapshot){store_copy_share(found->snapshot.state), found->snapshot.clock};
    pthread_mutex_unlock(&sandbox->mutex);
    return found ? 0 : SANDBOX_NOT_FOUND;
}

int sandbox_restore_snapshot(struct sandbox *sandbox, const char *name) {
    CLEANUP(snapshot_deinit) struct snapshot snapshot = {0};
    int r = sandbox_find_snapshot(sandbox, name, &snapshot);
    return r == 0 ? return_to(sandbox, &snapshot) : r;
}

int sandbox_delete_snapshot(struct sandbox *sandbox, const char *name) {
    pthread_mutex_lock(&sandbox->mutex);
    struct named_snapshot *found = find(sandbox, name);
    if (found) {
        const struct named_snapshot *end = sandbox->snapshots + sandbox->n_snapshots--;
        snapshot_deinit(&found->snapshot);
        memmove(found, found + 1, (size_t)(end - found - 1) * sizeof(*found));
    }
    pthread_mutex_unlock(&sandbox->mutex);
    return found ? 0 : SANDBOX_NOT_FOUND;
}

int sandbox_list_snapshots(struct sandbox *sandbox, struct arena *arena, const char ***ret_names,
                           size_t *ret_count) {
    pthread_mutex_lock(&sandbox->mutex);
    size_t count = sandbox->n_snapshots;
    const char **names = arena_alloc(arena, (count + 1) * sizeof(*names));
    bool failed = !names;
    for (size_t i = 0; !failed && i < count; i++) {
        names[i] =
            arena_copy(arena, sandbox->snapshots[i].name, strlen(sandbox->snapshots[i].name));
        failed = !names[i];
    }
    pthread_mutex_unlock(&sandbox->mutex);
    if (failed)
        return FATAL(ENOMEM);
    *ret_names = names;
    *ret_count = count;
    return 0;
}

static int change_clock(struct clock *clock, const struct clock_change *change) {
    int64_t now = change->now ? *change->now : clock_now(clock);
    bool frozen =
        change->run == CLOCK_STAYS ? clock_is_frozen(clock) : change->run == CLOCK_FREEZES;
    now += change->advance;
    if (now < TIMESTAMP_MIN || now > TIMESTAMP_MAX)
        return SANDBOX_INVALID_TIME;
    if (frozen)
        clock_freeze(clock, now);
    else
        clock_set(clock, now);
    return 0;
}

int sandbox_change_clock(struct sandbox *sandbox, const struct clock_change *change) {
    pthread_mutex_lock(&sandbox->mutex);
    int r = change_clock(&sandbox->clock, change);
    pthread_mutex_unlock(&sandbox->mutex);
    if (r == 0)
        forget_credentials(sandbox);
    return r;
}

void sandbox_reset_clock(struct sandbox *sandbox) {
    set_clock(sandbox, sandbox->start.clock);
}
