#include "sandbox/sandboxes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"
#include "util/hash.h"

/* What a sandbox with a connection takes, in bytes. It shares its state until it changes that. */
enum { ORDINARY = 100 << 10 };

struct entry {
    struct sandbox sandbox; /* the first member, so that a pointer to it is one to the entry */
    bool lost;              /* see util/hash.h */
    UT_hash_handle hh;
};

struct sandboxes {
    struct sandbox *home;
    struct stubs *stubs; /* (owned) the stubs that every new sandbox starts with */
    size_t max;
    struct memory_limit *memory; /* (borrowed) or NULL */
    pthread_mutex_t changing;    /* held while a sandbox is added or removed */
    pthread_rwlock_t lock;       /* guards `entries`; held for writing only while they change */
    struct entry *entries;       /* (owned) by name, the oldest first, with a reference to each */
};

/* Prefers writers, so that requests that look up sandboxes cannot block a new one forever. */
static void init_lock(pthread_rwlock_t *lock) {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

int sandboxes_new(struct sandbox *home, size_t max, struct sandboxes **ret_sandboxes) {
    struct sandboxes *sandboxes = calloc(1, sizeof(*sandboxes));
    if (!sandboxes)
        return FATAL(ENOMEM);
    *sandboxes = (struct sandboxes){.home = home, .max = max};
    init_lock(&sandboxes->lock);
    pthread_mutex_init(&sandboxes->changing, NULL);
    sandboxes->stubs = stubs_new();
    int r = sandboxes->stubs ? sandbox_set_start(home) : FATAL(ENOMEM);
    if (r == 0)
        r = stubs_start_as(sandboxes->stubs, home->stubs);
    if (r < 0) {
        sandboxes_free(sandboxes);
        return r;
    }
    strcpy(home->name, SANDBOX_DEFAULT);
    *ret_sandboxes = sandboxes;
    return 0;
}

void sandboxes_limit_memory(struct sandboxes *sandboxes, struct memory_limit *memory) {
    sandboxes->memory = memory;
}

struct memory_limit *sandboxes_memory(const struct sandboxes *sandboxes) {
    return sandboxes->memory;
}

static void release(struct sandbox *sandbox) {
    if (sandbox && atomic_fetch_sub_explicit(&sandbox->references, 1, memory_order_acq_rel) == 1) {
        sandbox_deinit(sandbox);
        free((struct entry *)sandbox);
    }
}

void sandboxes_free(struct sandboxes *sandboxes) {
    struct entry *entry;
    struct entry *next;
    if (!sandboxes)
        return;
    HASH_ITER (hh, sandboxes->entries, entry, next) {
        HASH_DEL(sandboxes->entries, entry);
        release(&entry->sandbox);
    }
    pthread_mutex_destroy(&sandboxes->changing);
    pthread_rwlock_destroy(&sandboxes->lock);
    stubs_free(sandboxes->stubs);
    free(sandboxes);
}

/* Returns a reference, or NULL when there is no such sandbox. */
static struct sandbox *find(struct sandboxes *sandboxes, const char *name) {
    struct entry *entry;
    pthread_rwlock_rdlock(&sandboxes->lock);
    HASH_FIND_STR(sandboxes->entries, name, entry);
    if (entry)
        atomic_fetch_add_explicit(&entry->sandbox.references, 1, memory_order_relaxed);
    pthread_rwlock_unlock(&sandboxes->lock);
    return entry ? &entry->sandbox : NULL;
}

static int make_sandbox(struct sandboxes *sandboxes, const char *name, const struct snapshot *start,
                        const struct version *version, struct sandbox **ret_sandbox) {
    struct entry *entry = calloc(1, sizeof(*entry));
    if (!entry)
        return FATAL(ENOMEM);
    struct sandbox *sandbox = &entry->sandbox;
    const struct sandbox *home = sandboxes->home;
    int r = sandbox_init_copy(sandbox, home, start, version ? version : home->iam.version);
    sandbox->iam.password_cost = home->iam.password_cost;
    if (r == 0)
        r = stubs_start_as(sandbox->stubs, sandboxes->stubs);
    if (r == 0)
        r = faults_start_as(sandbox->faults, home->faults);
    if (r == 0)
        r = journal_new_alike(home->journal, &sandbox->journal);
    if (r < 0) {
        sandbox_deinit(sandbox);
        free(entry);
        return r;
    }
    strcpy(sandbox->name, name);
    atomic_init(&sandbox->references, 1);
    *ret_sandbox = sandbox;
    return 0;
}

/* Puts a new sandbox into the table, which takes over the caller's reference. Returns false when
 * memory is out. */
static bool put(struct sandboxes *sandboxes, struct sandbox *sandbox) {
    struct entry *entry = (struct entry *)sandbox;
    pthread_rwlock_wrlock(&sandboxes->lock);
    HASH_ADD_STR(sandboxes->entries, sandbox.name, entry);
    pthread_rwlock_unlock(&sandboxes->lock);
    return !entry->lost;
}

static bool is_home(const char *name) {
    return !name || strcmp(name, SANDBOX_DEFAULT) == 0;
}

/* Called with `changing` held. */
static int make(struct sandboxes *sandboxes, const char *name, const struct snapshot *start,
                const struct version *version, struct sandbox **ret_sandbox) {
    struct sandbox *sandbox;
    if (HASH_COUNT(sandboxes->entries) >= sandboxes->max)
        return SANDBOX_NO_ROOM;
    start = start ? start : sandboxes_seed(sandboxes);
    if (!memory_limit_reserve(sandboxes->memory, MEMORY_TO_KEEP, ORDINARY))
        return SANDBOX_NO_MEMORY;
    int r = make_sandbox(sandboxes, name, start, version, &sandbox);
    memory_limit_release(sandboxes->memory, ORDINARY);
    if (r < 0)
        return r;
    atomic_fetch_add_explicit(&sandbox->references, 1, memory_order_relaxed);
    if (!put(sandboxes, sandbox)) {
        release(sandbox);
        release(sandbox);
        return FATAL(ENOMEM);
    }
    *ret_sandbox = sandbox;
    return 0;
}

static int create(struct sandboxes *sandboxes, const char *name, const struct snapshot *start,
                  const struct version *version, bool may_exist, struct sandbox **ret_sandbox) {
    pthread_mutex_lock(&sandboxes->changing);
    struct sandbox *sandbox = find(sandboxes, name);
    int r = 0;
    if (!sandbox) {
        r = make(sandboxes, name, start, version, &sandbox);
    } else if (!may_exist) {
        release(sandbox);
        r = SANDBOX_EXISTS;
    }
    pthread_mutex_unlock(&sandboxes->changing);
    if (r == 0)
        *ret_sandbox = sandbox;
    return r;
}

int sandboxes_enter(struct sandboxes *sandboxes, const char *name, struct sandbox **ret_sandbox) {
    if (is_home(name)) {
        *ret_sandbox = sandboxes->home;
        return 0;
    }
    if (!sandbox_name_is_valid(name))
        return SANDBOX_INVALID_NAME;
    struct sandbox *sandbox = find(sandboxes, name);
    if (!sandbox)
        return create(sandboxes, name, NULL, NULL, true, ret_sandbox);
    *ret_sandbox = sandbox;
    return 0;
}

void sandboxes_leave(struct sandboxes *sandboxes, struct sandbox *sandbox) {
    if (sandbox != sandboxes->home)
        release(sandbox);
}

int sandboxes_create(struct sandboxes *sandboxes, const char *name, const struct snapshot *start,
                     const struct version *version, struct sandbox **ret_sandbox) {
    if (is_home(name))
        return SANDBOX_EXISTS;
    if (!sandbox_name_is_valid(name))
        return SANDBOX_INVALID_NAME;
    return create(sandboxes, name, start, version, false, ret_sandbox);
}

int sandboxes_find_version(struct sandboxes *sandboxes, const char *name,
                           const struct version **ret_version) {
    if (is_home(name)) {
        *ret_version = sandboxes->home->iam.version;
        return 0;
    }
    struct sandbox *sandbox = find(sandboxes, name);
    if (!sandbox)
        return SANDBOX_NOT_FOUND;
    *ret_version = sandbox->iam.version;
    release(sandbox);
    return 0;
}

int sandboxes_delete(struct sandboxes *sandboxes, const char *name) {
    struct entry *entry;
    pthread_mutex_lock(&sandboxes->changing);
    pthread_rwlock_wrlock(&sandboxes->lock);
    HASH_FIND_STR(sandboxes->entries, name, entry);
    if (entry)
        HASH_DEL(sandboxes->entries, entry);
    pthread_rwlock_unlock(&sandboxes->lock);
    pthread_mutex_unlock(&sandboxes->changing);
    if (!entry)
        return SANDBOX_NOT_FOUND;
    atomic_fetch_add(&entry->sandbox.generation, 1);
    journal_close(entry->sandbox.journal);
    release(&entry->sandbox);
    return 0;
}

int sandboxes_list(struct sandboxes *sandboxes, struct arena *arena, const char ***ret_names,
                   size_t *ret_count) {
    struct entry *entry;
    struct entry *next;
    size_t count = 0;
    pthread_rwlock_rdlock(&sandboxes->lock);
    const char **names = arena_alloc(arena, (HASH_COUNT(sandboxes->entries) + 1) * sizeof(*names));
    bool failed = !names;
    if (names)
        names[count++] = SANDBOX_DEFAULT;
    HASH_ITER (hh, sandboxes->entries, entry, next) {
        if (failed)
            break;
        names[count] = arena_copy(arena, entry->sandbox.name, strlen(entry->sandbox.name));
        failed = !names[count++];
    }
    pthread_rwlock_unlock(&sandboxes->lock);
    if (failed)
        return FATAL(ENOMEM);
    *ret_names = names;
    *ret_count = count;
    return 0;
}

static void add_journal(const struct sandbox *sandbox, struct journal_statistics *sum) {
    struct journal_statistics one;
    journal_measure(sandbox->journal, &one);
    sum->count += one.count;
    sum->capacity += one.capacity;
    sum->bytes += one.bytes;
    sum->recorded += one.recorded;
    sum->evicted += one.evicted;
    sum->lost += one.lost;
}

void sandboxes_measure(struct sandboxes *sandboxes, size_t *ret_count,
                       struct journal_statistics *ret_journals) {
    struct journal_statistics journals = {0};
    struct entry *entry;
    struct entry *next;
    add_journal(sandboxes->home, &journals);
    pthread_rwlock_rdlock(&sandboxes->lock);
    *ret_count = HASH_COUNT(sandboxes->entries) + 1;
    HASH_ITER (hh, sandboxes->entries, entry, next) {
        add_journal(&entry->sandbox, &journals);
    }
    pthread_rwlock_unlock(&sandboxes->lock);
    *ret_journals = journals;
}

int sandboxes_share_stubs(struct sandboxes *sandboxes, struct stubs *stubs) {
    return stubs_start_as(sandboxes->stubs, stubs);
}

const struct snapshot *sandboxes_seed(const struct sandboxes *sandboxes) {
    return &sandboxes->home->start;
}
