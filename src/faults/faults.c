#include "faults/faults.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "iam/users.h"
#include "stubs/delay.h"
#include "util/fatal.h"
#include "util/random.h"
#include "util/timestamp.h"

enum {
    MAX_WINDOWS = 64,   /* users with concurrent membership writes */
    MAX_SUSPECTS = 256, /* usernames with counted failures */
    N_HISTORIES = 2,
    FAILURES_MS = 5 * 60 * 1000,
    LOCK_MS = 30 * 60 * 1000,
    SECOND_US = 1000000,
};

/* Identifies a user by a hash of the name. Clients who construct a collision only fool
 * themselves. */
struct window {
    uint64_t user;
    int64_t until_us;
};

/* A change of one user's credentials. */
struct credential_window {
    struct window window;
    enum credential_change change;
    int64_t last_token; /* before the window */
    bool is_met;        /* by a new password, when `change` is a new token */
};

/* The times of the last `size` events. */
struct ring {
    int64_t *times;
    size_t size;
    size_t next;
};

struct suspect {
    uint64_t user;
    int64_t last_ms;
    int64_t locked_until_ms;
    struct ring failures;
};

/* The state of the profiles that are on. */
struct memory {
    int64_t since_us;
    int64_t n_requests;
    uint64_t random;
    int64_t max_users;
    struct ring requests;     /* the times are (owned) */
    struct suspect *suspects; /* (owned) MAX_SUSPECTS, or NULL */
    int64_t *failures;        /* (owned) the times of all suspects */
    struct window windows[MAX_WINDOWS];
    struct credential_window credential_windows[MAX_WINDOWS];
    struct history histories[N_HISTORIES]; /* by profile */
};

_Static_assert((int)PROFILE_STALE_MEMBERS + PROFILE_STALE_SEARCH == 1,
               "the profiles with a history are the first");

struct faults {
    atomic_uint active; /* a bit for each profile that is on */
    pthread_mutex_t mutex;
    struct fault_set set;
    struct fault_set start;
    struct memory memory;
    int64_t n_creating; /* users in creation; they may exist already */
};

static const int64_t NEVER = INT64_MIN / 2;

struct faults *faults_new(void) {
    struct faults *faults = calloc(1, sizeof(*faults));
    if (faults)
        pthread_mutex_init(&faults->mutex, NULL);
    return faults;
}

static void memory_deinit(struct memory *memory) {
    for (size_t i = 0; i < N_HISTORIES; i++)
        history_clear(&memory->histories[i]);
    free(memory->requests.times);
    free(memory->suspects);
    free(memory->failures);
}

void faults_free(struct faults *faults) {
    if (!faults)
        return;
    memory_deinit(&faults->memory);
    pthread_mutex_destroy(&faults->mutex);
    free(faults);
}

static int64_t *make_times(size_t count) {
    int64_t *times = calloc(count, sizeof(*times));
    for (size_t i = 0; times && i < count; i++)
        times[i] = NEVER;
    return times;
}

static bool make_suspects(struct memory *memory, size_t failures) {
    memory->suspects = calloc(MAX_SUSPECTS, sizeof(*memory->suspects));
    memory->failures = make_times(MAX_SUSPECTS * failures);
    if (!memory->suspects || !memory->failures)
        return false;
    for (size_t i = 0; i < MAX_SUSPECTS; i++)
        memory->suspects[i] =
            (struct suspect){.last_ms = NEVER,
                             .locked_until_ms = NEVER,
                             .failures = {memory->failures + i * failures, failures, 0}};
    return true;
}

static int memory_init(struct memory *memory, const struct fault_set *set, int64_t now_us) {
    const struct fault *faults = set->faults;
    size_t rate = (size_t)faults[PROFILE_RATE_LIMIT].value;
    *memory = (struct memory){
        .since_us = now_us,
        .random = (uint64_t)faults[PROFILE_FLAKY].extra,
        .max_users = (int64_t)faults[PROFILE_LICENSE_LIMIT].value,
    };
    for (size_t i = 0; i < N_HISTORIES; i++)
        memory->histories[i].lag_us = (int64_t)faults[i].value * 1000;
    if (rate > 0)
        memory->requests = (struct ring){.times = make_times(rate), .size = rate};
    if ((rate == 0 || memory->requests.times) &&
        (!faults[PROFILE_LOCK_OUT].on ||
         make_suspects(memory, (size_t)faults[PROFILE_LOCK_OUT].value)))
        return 0;
    memory_deinit(memory);
    return FATAL(ENOMEM);
}

static int apply(struct faults *faults, const struct fault_set *set, int64_t now_us, bool starts) {
    struct memory memory;
    unsigned active = 0;
    for (unsigned i = 0; i < N_PROFILES; i++)
        active |= set->faults[i].on ? 1U << i : 0;
    int r = memory_init(&memory, set, now_us);
    if (r < 0)
        return r;
    pthread_mutex_lock(&faults->mutex);
    struct memory old = faults->memory;
    faults->memory = memory;
    faults->set = *set;
    if (starts)
        faults->start = *set;
    atomic_store_explicit(&faults->active, active, memory_order_release);
    pthread_mutex_unlock(&faults->mutex);
    memory_deinit(&old);
    return 0;
}

int faults_set(struct faults *faults, const struct fault_set *set, int64_t now_us) {
    return apply(faults, set, now_us, false);
}

int faults_start(struct faults *faults, const struct fault_set *set) {
    return apply(faults, set, timestamp_monotonic_us(), true);
}

int faults_start_as(struct faults *faults, const struct faults *other) {
    return faults_start(faults, &other->start);
}

int faults_reset(struct faults *faults) {
    return apply(faults, &faults->start, timestamp_monotonic_us(), false);
}

void faults_get(struct faults *faults, struct fault_set *ret_set) {
    pthread_mutex_lock(&faults->mutex);
    *ret_set = faults->set;
    pthread_mutex_unlock(&faults->mutex);
}

bool faults_are_active(const struct faults *faults) {
    return atomic_load_explicit(&faults->active, memory_order_acquire) != 0;
}

bool faults_is_on(const struct faults *faults, enum profile profile) {
    return (atomic_load_explicit(&faults->active, memory_order_acquire) & 1U << profile) != 0;
}

/* Takes the lock if the profile is on. It may have been turned off just before that. */
static const struct fault *enter(struct faults *faults, enum profile profile) {
    if (!faults_is_on(faults, profile))
        return NULL;
    pthread_mutex_lock(&faults->mutex);
    if (faults->set.faults[profile].on)
        return &faults->set.faults[profile];
    pthread_mutex_unlock(&faults->mutex);
    return NULL;
}

static void leave(struct faults *faults) {
    pthread_mutex_unlock(&faults->mutex);
}

void faults_forget_past(struct faults *faults) {
    pthread_mutex_lock(&faults->mutex);
    for (size_t i = 0; i < N_HISTORIES; i++)
        history_clear(&faults->memory.histories[i]);
    pthread_mutex_unlock(&faults->mutex);
}

bool faults_are_waiting(struct faults *faults, enum profile profile, int64_t now_us) {
    const struct fault *fault = enter(faults, profile);
    if (!fault)
        return false;
    bool waiting = now_us - faults->memory.since_us < (int64_t)fault->value * 1000;
    leave(faults);
    return waiting;
}

int64_t faults_draw_hang(struct faults *faults) {
    const struct fault *fault = enter(faults, PROFILE_HANG);
    if (!fault)
        return 0;
    int64_t ms = ++faults->memory.n_requests % fault->extra == 0 ? (int64_t)fault->value : 0;
    leave(faults);
    return ms;
}

bool faults_draw_failure(struct faults *faults) {
    const struct fault *fault = enter(faults, PROFILE_FLAKY);
    if (!fault)
        return false;
    bool fails = random_share(&faults->memory.random) < fault->value;
    leave(faults);
    return fails;
}

/* Whether the last `size` events all lie within the span before `now`. */
static bool is_full(const struct ring *ring, int64_t now, int64_t span) {
    return now - ring->times[ring->next] < span;
}

static void push(struct ring *ring, int64_t now) {
    ring->times[ring->next] = now;
    ring->next = (ring->next + 1) % ring->size;
}

bool faults_exceed_rate(struct faults *faults, int64_t now_us) {
    if (!enter(faults, PROFILE_RATE_LIMIT))
        return false;
    bool exceeds = is_full(&faults->memory.requests, now_us, SECOND_US);
    if (!exceeds)
        push(&faults->memory.requests, now_us);
    leave(faults);
    return exceeds;
}

int64_t faults_max_users(struct faults *faults) {
    if (!enter(faults, PROFILE_LICENSE_LIMIT))
        return INT64_MAX;
    int64_t max = faults->memory.max_users;
    leave(faults);
    return max;
}

void faults_tell_users(struct faults *faults, int64_t count) {
    if (!enter(faults, PROFILE_LICENSE_LIMIT))
        return;
    if (faults->memory.max_users == 0)
        faults->memory.max_users = count > 0 ? count : 1;
    leave(faults);
}

int faults_take_room(struct faults *faults, struct iam *iam, bool *ret_has_room) {
    pthread_mutex_lock(&faults->mutex);
    bool is_limited = faults->set.faults[PROFILE_LICENSE_LIMIT].on && faults->memory.max_users > 0;
    int64_t count = 0;
    int r = is_limited ? iam_count_users(iam, &count) : 0;
    if (r == 0) {
        *ret_has_room = !is_limited || count + faults->n_creating < faults->memory.max_users;
        faults->n_creating += *ret_has_room;
    }
    pthread_mutex_unlock(&faults->mutex);
    return r;
}

void faults_return_room(struct faults *faults) {
    pthread_mutex_lock(&faults->mutex);
    faults->n_creating--;
    pthread_mutex_unlock(&faults->mutex);
}

/* FNV-1a, but never 0, which means no user. */
static uint64_t hash(const char *text) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

/* Returns NULL when the user has no failures. */
static struct suspect *find_suspect(struct memory *memory, uint64_t user) {
    for (size_t i = 0; i < MAX_SUSPECTS; i++)
        if (memory->suspects[i].user == user)
            return &memory->suspects[i];
    return NULL;
}

/* Replaces the suspect whose last failure is the oldest. */
static struct suspect *add_suspect(struct memory *memory, uint64_t user) {
    struct suspect *oldest = memory->suspects;
    for (size_t i = 1; i < MAX_SUSPECTS; i++)
        if (memory->suspects[i].last_ms < oldest->last_ms)
            oldest = &memory->suspects[i];
    oldest->user = user;
    oldest->locked_until_ms = NEVER;
    for (size_t i = 0; i < oldest->failures.size; i++)
        oldest->failures.times[i] = NEVER;
    return oldest;
}

bool faults_are_locking(struct faults *faults, const char *username, int64_t now_ms) {
    if (!enter(faults, PROFILE_LOCK_OUT))
        return false;
    const struct suspect *suspect = find_suspect(&faults->memory, hash(username));
    bool locked = suspect && now_ms < suspect->locked_until_ms;
    leave(faults);
    return locked;
}

/* Failures during the lock do not prolong it. */
void faults_note_failure(struct faults *faults, const char *username, int64_t now_ms) {
    uint64_t user = hash(username);
    if (!enter(faults, PROFILE_LOCK_OUT))
        return;
    struct suspect *suspect = find_suspect(&faults->memory, user);
    if (!suspect)
        suspect = add_suspect(&faults->memory, user);
    suspect->last_ms = now_ms;
    if (now_ms >= suspect->locked_until_ms) {
        push(&suspect->failures, now_ms);
        if (is_full(&suspect->failures, now_ms, FAILURES_MS)) {
            suspect->locked_until_ms = now_ms + LOCK_MS;
            for (size_t i = 0; i < suspect->failures.size; i++)
                suspect->failures.times[i] = NEVER;
        }
    }
    leave(faults);
}

/* Returns the user's window if it is open, else the one that ends first. */
static struct window *find_window(struct memory *memory, uint64_t user, int64_t now_us) {
    struct window *first = memory->windows;
    for (size_t i = 0; i < MAX_WINDOWS; i++) {
        struct window *window = &memory->windows[i];
        if (window->user == user && window->until_us > now_us)
            return window;
        if (window->until_us < first->until_us)
            first = window;
    }
    return first;
}

/* All writes of a window are answered when it closes, so a client that waits for its answer cannot
 * hit the same window again. */
bool faults_begin_write(struct faults *faults, const char *user, int64_t now_us,
                        int64_t *ret_hold_ms) {
    const struct fault *fault = enter(faults, PROFILE_LOST_UPDATE);
    *ret_hold_ms = 0;
    if (!fault)
        return false;
    uint64_t key = hash(user);
    struct window *window = find_window(&faults->memory, key, now_us);
    bool lost = window->user == key && window->until_us > now_us;
    if (!lost)
        *window = (struct window){key, now_us + (int64_t)fault->value * 1000};
    *ret_hold_ms = (window->until_us - now_us + 999) / 1000;
    leave(faults);
    return lost;
}

void faults_cancel_write(struct faults *faults, const char *user) {
    if (!enter(faults, PROFILE_LOST_UPDATE))
        return;
    uint64_t key = hash(user);
    for (size_t i = 0; i < MAX_WINDOWS; i++)
        if (faults->memory.windows[i].user == key)
            faults->memory.windows[i] = (struct window){0};
    leave(faults);
}

/* As find_window. */
static struct credential_window *find_credential_window(struct memory *memory, uint64_t user,
                                                        int64_t now_us) {
    struct credential_window *first = memory->credential_windows;
    for (size_t i = 0; i < MAX_WINDOWS; i++) {
        struct credential_window *found = &memory->credential_windows[i];
        if (found->window.user == user && found->window.until_us > now_us)
            return found;
        if (found->window.until_us < first->window.until_us)
            first = found;
    }
    return first;
}

void faults_begin_credential(struct faults *faults, const char *user, enum credential_change change,
                             int64_t last_token, int64_t now_us,
                             struct credential_meeting *ret_meeting) {
    const struct fault *fault = enter(faults, PROFILE_LOST_TOKEN);
    *ret_meeting = (struct credential_meeting){0};
    if (!fault)
        return;
    uint64_t key = hash(user);
    struct credential_window *open = find_credential_window(&faults->memory, key, now_us);
    bool is_open = open->window.user == key && open->window.until_us > now_us;
    if (!is_open)
        *open = (struct credential_window){.window = {key, now_us + (int64_t)fault->value * 1000},
                                           .change = change,
                                           .last_token = last_token};
    *ret_meeting = (struct credential_meeting){
        .hold_ms = (open->window.until_us - now_us + 999) / 1000,
        .is_lost = change == CREDENTIAL_NEW_TOKEN && open->change == CREDENTIAL_PASSWORD,
        .window_us = open->window.until_us,
        .last_token = open->last_token};
    leave(faults);
}

/* A token may reach the store after the password that it met has lost all tokens of the window. So
 * the password leaves a mark in the window before it looks, and the token looks for the mark. */
static bool end_credential(struct credential_window *window, enum credential_change change,
                           bool failed) {
    bool is_token = window->change == CREDENTIAL_NEW_TOKEN;
    if (failed && change == window->change)
        *window = (struct credential_window){0};
    if (failed || !is_token)
        return false;
    window->is_met = window->is_met || change == CREDENTIAL_PASSWORD;
    return window->is_met;
}

bool faults_end_credential(struct faults *faults, const char *user, enum credential_change change,
                           const struct credential_meeting *meeting, bool failed) {
    if (!enter(faults, PROFILE_LOST_TOKEN))
        return false;
    uint64_t key = hash(user);
    bool loses = false;
    for (size_t i = 0; i < MAX_WINDOWS && !loses; i++) {
        struct credential_window *found = &faults->memory.credential_windows[i];
        if (found->window.user == key && found->window.until_us == meeting->window_us)
            loses = end_credential(found, change, failed);
    }
    leave(faults);
    return loses;
}

int faults_note_write(struct faults *faults, struct store *store, int64_t now_us) {
    int r = 0;
    for (unsigned i = 0; r == 0 && i < N_HISTORIES; i++) {
        if (!enter(faults, (enum profile)i))
            continue;
        r = history_note_write(&faults->memory.histories[i], store, now_us);
        leave(faults);
    }
    return r;
}

struct past *faults_find_past(struct faults *faults, enum profile profile, int64_t now_us) {
    if (!enter(faults, profile))
        return NULL;
    struct past *past = history_find(&faults->memory.histories[profile], now_us);
    leave(faults);
    return past;
}
