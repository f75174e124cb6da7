#include "sandbox/sandboxes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/journal.h"

/* Tags that are no hash: nothing was ever here, or it is gone and the search goes on. */
enum { TAG_EMPTY, TAG_GONE, FIRST_HASH };

/* A place in an open hash table. Readers look at the tag, and take the lock only when it is the one
 * that they look for, so that they meet nobody who looks for another name. */
struct place {
    _Atomic uint64_t tag;
    pthread_mutex_t mutex;
    struct sandbox *sandbox; /* (owned) one reference; NULL when there is none */
};

struct sandboxes {
    struct sandbox *home;
    struct stubs *stubs; /* (owned) what every new sandbox starts with */
    size_t max;
    size_t n_places; /* a power of two, so large that three of four stay empty */
    struct place *places;
    pthread_mutex_t mutex; /* of those who add and remove */
    size_t count;
};

int sandboxes_new(struct sandbox *home, size_t max, struct sandboxes **ret_sandboxes) {
    struct sandboxes *sandboxes = calloc(1, sizeof(*sandboxes));
    if (!sandboxes)
        return -ENOMEM;
    *sandboxes = (struct sandboxes){.home = home, .max = max, .n_places = 4};
    while (sandboxes->n_places < max * 4)
        sandboxes->n_places *= 2;
    pthread_mutex_init(&sandboxes->mutex, NULL);
    sandboxes->places = calloc(sandboxes->n_places, sizeof(*sandboxes->places));
    sandboxes->stubs = stubs_new();
    int r = sandboxes->places && sandboxes->stubs ? sandbox_set_start(home) : -ENOMEM;
    if (r == 0)
        r = stubs_start_as(sandboxes->stubs, home->stubs);
    if (r < 0) {
        sandboxes_free(sandboxes);
        return r;
    }
    for (size_t i = 0; i < sandboxes->n_places; i++)
        pthread_mutex_init(&sandboxes->places[i].mutex, NULL);
    strcpy(home->name, SANDBOX_DEFAULT);
    *ret_sandboxes = sandboxes;
    return 0;
}

static void release(struct sandbox *sandbox) {
    if (sandbox && atomic_fetch_sub_explicit(&sandbox->references, 1, memory_order_acq_rel) == 1) {
        sandbox_deinit(sandbox);
        free(sandbox);
    }
}

void sandboxes_free(struct sandboxes *sandboxes) {
    if (!sandboxes)
        return;
    for (size_t i = 0; sandboxes->places && i < sandboxes->n_places; i++) {
        release(sandboxes->places[i].sandbox);
        pthread_mutex_destroy(&sandboxes->places[i].mutex);
    }
    pthread_mutex_destroy(&sandboxes->mutex);
    stubs_free(sandboxes->stubs);
    free(sandboxes->places);
    free(sandboxes);
}

/* FNV-1a; names come from the tests, who could only slow themselves down with chosen ones. */
static uint64_t hash_name(const char *name) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return hash < FIRST_HASH ? hash + FIRST_HASH : hash;
}

/* A reference to the sandbox of the place when it has this name. */
static struct sandbox *take(struct place *place, const char *name) {
    pthread_mutex_lock(&place->mutex);
    struct sandbox *sandbox = place->sandbox;
    if (sandbox && strcmp(sandbox->name, name) == 0)
        atomic_fetch_add_explicit(&sandbox->references, 1, memory_order_relaxed);
    else
        sandbox = NULL;
    pthread_mutex_unlock(&place->mutex);
    return sandbox;
}

/* A reference, and the place; NULL when it is not there. */
static struct sandbox *find(struct sandboxes *sandboxes, const char *name,
                            struct place **ret_place) {
    uint64_t hash = hash_name(name);
    for (size_t i = 0; i < sandboxes->n_places; i++) {
        struct place *place = &sandboxes->places[(hash + i) & (sandboxes->n_places - 1)];
        uint64_t tag = atomic_load_explicit(&place->tag, memory_order_acquire);
        struct sandbox *sandbox = tag == hash ? take(place, name) : NULL;
        if (sandbox || tag == TAG_EMPTY) {
            *ret_place = place;
            return sandbox;
        }
    }
    return NULL;
}

static int make_sandbox(struct sandboxes *sandboxes, const char *name,
                        const struct checkpoint *start, struct sandbox **ret_sandbox) {
    char error[STORE_ERROR_SIZE];
    struct sandbox *sandbox = malloc(sizeof(*sandbox));
    if (!sandbox)
        return -ENOMEM;
    int r = sandbox_init_copy(sandbox, start, error);
    if (r == 0)
        r = stubs_start_as(sandbox->stubs, sandboxes->stubs);
    if (r == 0)
        r = faults_start_as(sandbox->faults, sandboxes->home->faults);
    if (r == 0)
        r = journal_new_alike(sandboxes->home->journal, &sandbox->journal);
    if (r < 0) {
        sandbox_deinit(sandbox);
        free(sandbox);
        return r;
    }
    strcpy(sandbox->name, name);
    atomic_init(&sandbox->references, 1);
    *ret_sandbox = sandbox;
    return 0;
}

static void put(struct sandboxes *sandboxes, struct sandbox *sandbox) {
    uint64_t hash = hash_name(sandbox->name);
    for (size_t i = 0;; i++) {
        struct place *place = &sandboxes->places[(hash + i) & (sandboxes->n_places - 1)];
        if (atomic_load_explicit(&place->tag, memory_order_relaxed) >= FIRST_HASH)
            continue;
        pthread_mutex_lock(&place->mutex);
        place->sandbox = sandbox;
        pthread_mutex_unlock(&place->mutex);
        atomic_store_explicit(&place->tag, hash, memory_order_release);
        sandboxes->count++;
        return;
    }
}

static bool is_home(const char *name) {
    return !name || strcmp(name, SANDBOX_DEFAULT) == 0;
}

/* To make a sandbox takes the table's lock, so that of two who come first one makes it. */
static int create(struct sandboxes *sandboxes, const char *name, const struct checkpoint *start,
                  bool may_exist, struct sandbox **ret_sandbox) {
    struct place *place;
    pthread_mutex_lock(&sandboxes->mutex);
    struct sandbox *sandbox = find(sandboxes, name, &place);
    int r = 0;
    if (sandbox && !may_exist) {
        release(sandbox);
        r = SANDBOX_EXISTS;
    } else if (!sandbox && sandboxes->count >= sandboxes->max) {
        r = SANDBOX_NO_ROOM;
    } else if (!sandbox) {
        r = make_sandbox(sandboxes, name, start ? start : sandboxes_seed(sandboxes), &sandbox);
        if (r == 0) {
            atomic_fetch_add_explicit(&sandbox->references, 1, memory_order_relaxed);
            put(sandboxes, sandbox);
        }
    }
    pthread_mutex_unlock(&sandboxes->mutex);
    if (r == 0)
        *ret_sandbox = sandbox;
    return r;
}

int sandboxes_enter(struct sandboxes *sandboxes, const char *name, struct sandbox **ret_sandbox) {
    struct place *place;
    if (is_home(name)) {
        *ret_sandbox = sandboxes->home;
        return 0;
    }
    if (!sandbox_name_is_valid(name))
        return SANDBOX_INVALID_NAME;
    struct sandbox *sandbox = find(sandboxes, name, &place);
    if (!sandbox)
        return create(sandboxes, name, NULL, true, ret_sandbox);
    *ret_sandbox = sandbox;
    return 0;
}

void sandboxes_leave(struct sandboxes *sandboxes, struct sandbox *sandbox) {
    if (sandbox != sandboxes->home)
        release(sandbox);
}

int sandboxes_create(struct sandboxes *sandboxes, const char *name, const struct checkpoint *start,
                     struct sandbox **ret_sandbox) {
    if (is_home(name))
        return SANDBOX_EXISTS;
    if (!sandbox_name_is_valid(name))
        return SANDBOX_INVALID_NAME;
    return create(sandboxes, name, start, false, ret_sandbox);
}

/* The end of a run of places that are gone is as good as empty, and keeps searches short. */
static void mark_gone(struct sandboxes *sandboxes, struct place *place) {
    size_t mask = sandboxes->n_places - 1;
    size_t i = (size_t)(place - sandboxes->places);
    atomic_store_explicit(&place->tag, TAG_GONE, memory_order_release);
    if (atomic_load_explicit(&sandboxes->places[(i + 1) & mask].tag, memory_order_relaxed) !=
        TAG_EMPTY)
        return;
    while (atomic_load_explicit(&sandboxes->places[i].tag, memory_order_relaxed) == TAG_GONE) {
        atomic_store_explicit(&sandboxes->places[i].tag, TAG_EMPTY, memory_order_release);
        i = (i - 1) & mask;
    }
}

int sandboxes_delete(struct sandboxes *sandboxes, const char *name) {
    struct place *place;
    if (is_home(name))
        return SANDBOX_NOT_FOUND;
    pthread_mutex_lock(&sandboxes->mutex);
    struct sandbox *sandbox = find(sandboxes, name, &place);
    if (sandbox) {
        pthread_mutex_lock(&place->mutex);
        place->sandbox = NULL;
        pthread_mutex_unlock(&place->mutex);
        mark_gone(sandboxes, place);
        sandboxes->count--;
        release(sandbox); /* the table's own */
    }
    pthread_mutex_unlock(&sandboxes->mutex);
    release(sandbox);
    return sandbox ? 0 : SANDBOX_NOT_FOUND;
}

int sandboxes_list(struct sandboxes *sandboxes, struct arena *arena, const char ***ret_names,
                   size_t *ret_count) {
    size_t count = 0;
    pthread_mutex_lock(&sandboxes->mutex);
    const char **names = arena_alloc(arena, (sandboxes->count + 1) * sizeof(*names));
    bool failed = !names;
    if (names)
        names[count++] = SANDBOX_DEFAULT;
    for (size_t i = 0; !failed && i < sandboxes->n_places; i++) {
        const struct sandbox *sandbox = sandboxes->places[i].sandbox;
        if (!sandbox)
            continue;
        names[count] = arena_copy(arena, sandbox->name, strlen(sandbox->name));
        failed = !names[count++];
    }
    pthread_mutex_unlock(&sandboxes->mutex);
    if (failed)
        return -ENOMEM;
    *ret_names = names;
    *ret_count = count;
    return 0;
}

const struct checkpoint *sandboxes_seed(const struct sandboxes *sandboxes) {
    return &sandboxes->home->start;
}
