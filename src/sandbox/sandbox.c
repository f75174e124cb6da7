#include "sandbox/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "contract/contract.h"
#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "sandbox/coverage.h"
#include "sandbox/journal.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

struct saved_checkpoint {
    char name[SANDBOX_NAME_SIZE];
    struct checkpoint checkpoint;
};

static int init(struct sandbox *sandbox, char reterr_error[STORE_ERROR_SIZE]) {
    *sandbox = (struct sandbox){.iam.cache = credential_cache_new(),
                                .stubs = stubs_new(),
                                .faults = faults_new(),
                                .coverage = coverage_new(&contract_routes)};
    pthread_mutex_init(&sandbox->mutex, NULL);
    if (sandbox->iam.cache && sandbox->stubs && sandbox->faults && sandbox->coverage)
        return 0;
    snprintf(reterr_error, STORE_ERROR_SIZE, "out of memory");
    return FATAL(ENOMEM);
}

int sandbox_init(struct sandbox *sandbox, const char *path, char reterr_error[STORE_ERROR_SIZE]) {
    int r = init(sandbox, reterr_error);
    return r == 0 ? store_open(path, &sandbox->iam.store, reterr_error) : r;
}

int sandbox_init_copy(struct sandbox *sandbox, const struct checkpoint *start,
                      char reterr_error[STORE_ERROR_SIZE]) {
    int r = init(sandbox, reterr_error);
    sandbox->start = (struct checkpoint){store_snapshot_share(start->state), start->clock};
    clock_restore(&sandbox->clock, start->clock);
    return r == 0 ? store_open_copy(start->state, &sandbox->iam.store, reterr_error) : r;
}

void checkpoint_deinit(struct checkpoint *checkpoint) {
    store_snapshot_free(checkpoint->state);
    checkpoint->state = NULL;
}

void sandbox_deinit(struct sandbox *sandbox) {
    for (size_t i = 0; i < sandbox->n_saved; i++)
        checkpoint_deinit(&sandbox->saved[i].checkpoint);
    free(sandbox->saved);
    checkpoint_deinit(&sandbox->start);
    store_free(sandbox->iam.store);
    credential_cache_free(sandbox->iam.cache);
    coverage_free(sandbox->coverage);
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

static int take_checkpoint(struct sandbox *sandbox, struct checkpoint *ret_checkpoint) {
    struct checkpoint checkpoint = {.clock = clock_setting(&sandbox->clock)};
    int r = store_snapshot_take(sandbox->iam.store, &checkpoint.state);
    if (r == 0)
        *ret_checkpoint = checkpoint;
    return r;
}

int sandbox_set_start(struct sandbox *sandbox) {
    struct checkpoint checkpoint;
    int r = take_checkpoint(sandbox, &checkpoint);
    if (r < 0)
        return r;
    checkpoint_deinit(&sandbox->start);
    sandbox->start = checkpoint;
    return 0;
}

/* What was verified may be neither true any more nor valid at the new time. */
static void forget_credentials(struct sandbox *sandbox) {
    credential_cache_forget(sandbox->iam.cache, 0);
}

int sandbox_replace(struct sandbox *sandbox, const struct store_snapshot *state) {
    int r = store_snapshot_restore(sandbox->iam.store, state);
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

static int return_to(struct sandbox *sandbox, const struct checkpoint *checkpoint) {
    int r = sandbox_replace(sandbox, checkpoint->state);
    if (r == 0)
        set_clock(sandbox, checkpoint->clock);
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
    return r;
}

/* Called with the lock, as all that look into `saved`; NULL when there is none. */
static struct saved_checkpoint *find(struct sandbox *sandbox, const char *name) {
    for (size_t i = 0; i < sandbox->n_saved; i++)
        if (strcmp(sandbox->saved[i].name, name) == 0)
            return &sandbox->saved[i];
    return NULL;
}

/* Takes the checkpoint over, and leaves in its place what it replaces. */
static int keep(struct sandbox *sandbox, const char *name, struct checkpoint *checkpoint) {
    if (!sandbox->saved)
        sandbox->saved = calloc(SANDBOX_MAX_SNAPSHOTS, sizeof(*sandbox->saved));
    if (!sandbox->saved)
        return FATAL(ENOMEM);
    struct saved_checkpoint *saved = find(sandbox, name);
    if (!saved && sandbox->n_saved == SANDBOX_MAX_SNAPSHOTS)
        return SANDBOX_NO_ROOM;
    if (!saved) {
        saved = &sandbox->saved[sandbox->n_saved++];
        *saved = (struct saved_checkpoint){0};
        strcpy(saved->name, name);
    }
    struct checkpoint replaced = saved->checkpoint;
    saved->checkpoint = *checkpoint;
    *checkpoint = replaced;
    return 0;
}

int sandbox_save(struct sandbox *sandbox, const char *name) {
    if (!sandbox_name_is_valid(name))
        return SANDBOX_INVALID_NAME;
    CLEANUP(checkpoint_deinit) struct checkpoint checkpoint = {0};
    int r = take_checkpoint(sandbox, &checkpoint);
    if (r < 0)
        return r;
    pthread_mutex_lock(&sandbox->mutex);
    r = keep(sandbox, name, &checkpoint);
    pthread_mutex_unlock(&sandbox->mutex);
    return r;
}

int sandbox_find_saved(struct sandbox *sandbox, const char *name,
                       struct checkpoint *ret_checkpoint) {
    pthread_mutex_lock(&sandbox->mutex);
    const struct saved_checkpoint *saved = find(sandbox, name);
    if (saved)
        *ret_checkpoint = (struct checkpoint){store_snapshot_share(saved->checkpoint.state),
                                              saved->checkpoint.clock};
    pthread_mutex_unlock(&sandbox->mutex);
    return saved ? 0 : SANDBOX_NOT_FOUND;
}

int sandbox_restore(struct sandbox *sandbox, const char *name) {
    CLEANUP(checkpoint_deinit) struct checkpoint checkpoint = {0};
    int r = sandbox_find_saved(sandbox, name, &checkpoint);
    return r == 0 ? return_to(sandbox, &checkpoint) : r;
}

int sandbox_delete_saved(struct sandbox *sandbox, const char *name) {
    pthread_mutex_lock(&sandbox->mutex);
    struct saved_checkpoint *saved = find(sandbox, name);
    if (saved) {
        const struct saved_checkpoint *end = sandbox->saved + sandbox->n_saved--;
        checkpoint_deinit(&saved->checkpoint);
        memmove(saved, saved + 1, (size_t)(end - saved - 1) * sizeof(*saved));
    }
    pthread_mutex_unlock(&sandbox->mutex);
    return saved ? 0 : SANDBOX_NOT_FOUND;
}

int sandbox_list_saved(struct sandbox *sandbox, struct arena *arena, const char ***ret_names,
                       size_t *ret_count) {
    pthread_mutex_lock(&sandbox->mutex);
    size_t count = sandbox->n_saved;
    const char **names = arena_alloc(arena, (count + 1) * sizeof(*names));
    bool failed = !names;
    for (size_t i = 0; !failed && i < count; i++) {
        names[i] = arena_copy(arena, sandbox->saved[i].name, strlen(sandbox->saved[i].name));
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
