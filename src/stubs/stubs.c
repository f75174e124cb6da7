#include "stubs/stubs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/json_build.h"
#include "stubs/scenarios.h"
#include "stubs/settings.h"
#include "stubs/stub_index.h"
#include "stubs/stub_table.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/random.h"

/* Hostile patterns are expensive. This limits the work of one request to some seconds. */
enum { MAX_WORK = 20 * 1000 * 1000 };

struct stubs {
    pthread_mutex_t mutex;
    atomic_bool active;
    struct stub_list current; /* in the order in which they are tried */
    struct stub_index index;  /* of `current`; none after a change, until a request needs it */
    size_t memory;            /* bytes that `current` takes */
    struct stub_list saved;
    uint64_t last_number;
    struct scenario_states *scenarios; /* (owned) */
    struct settings settings;
    uint64_t random;
};

struct stubs *stubs_new(void) {
    struct stubs *stubs = calloc(1, sizeof(*stubs));
    if (stubs)
        pthread_mutex_init(&stubs->mutex, NULL);
    return stubs;
}

void stubs_free(struct stubs *stubs) {
    if (!stubs)
        return;
    stub_list_deinit(&stubs->current);
    stub_list_deinit(&stubs->saved);
    stub_index_deinit(&stubs->index);
    scenario_states_clear(&stubs->scenarios);
    settings_deinit(&stubs->settings);
    pthread_mutex_destroy(&stubs->mutex);
    free(stubs);
}

bool stubs_are_active(const struct stubs *stubs) {
    return atomic_load_explicit(&stubs->active, memory_order_acquire);
}

/* Called with the lock, after each change of stubs or settings. */
static void note_change(struct stubs *stubs) {
    const struct settings *settings = &stubs->settings;
    stub_index_deinit(&stubs->index);
    bool active = stubs->current.count > 0 || settings->fixed_delay.kind != DELAY_NONE ||
                  settings->delay.kind != DELAY_NONE;
    atomic_store_explicit(&stubs->active, active, memory_order_release);
}

static struct stub *take(struct stub *stub) {
    atomic_fetch_add_explicit(&stub->references, 1, memory_order_relaxed);
    return stub;
}

static int copy_list(const struct stub_list *list, struct stub_list *ret_list) {
    struct stub **stubs = malloc((list->count + 1) * sizeof(struct stub *));
    if (!stubs)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < list->count; i++)
        stubs[i] = take(list->stubs[i]);
    *ret_list = (struct stub_list){stubs, list->count};
    return 0;
}

/* Whether the stub may answer now. Its probability is checked only after it has matched. */
static bool is_ready(const struct stubs *stubs, const struct stub *stub) {
    if (stub->state.times_left == 0)
        return false;
    return !stub->required_state ||
           strcmp(scenario_state_of(stubs->scenarios, stub->scenario), stub->required_state) == 0;
}

static bool is_lucky(struct stub *stub) {
    return stub->probability >= 1 || random_share(&stub->state.random) < stub->probability;
}

static int use(struct stubs *stubs, struct stub *stub, struct stubs_use *ret_use) {
    int r = stub->new_state ? scenario_state_set(&stubs->scenarios, stub->scenario, stub->new_state)
                            : 0;
    if (r < 0)
        return r;
    stub->state.hits++;
    if (stub->state.times_left != INT64_MAX)
        stub->state.times_left--;
    int64_t delay = delay_draw(&stub->fixed_delay, &stub->state.random) +
                    delay_draw(&stub->delay, &stub->state.random);
    ret_use->delay_ms = delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
    if (stub->templates.is_active)
        ret_use->seed = random_bits(&stub->state.random) ^ stub->salt;
    ret_use->stub = take(stub);
    return 0;
}

int stubs_match(struct stubs *stubs, struct match_subject *subject, bool is_foreign,
                struct stubs_use *ret_use) {
    struct stub_walk walk;
    pthread_mutex_lock(&stubs->mutex);
    int r = stubs->index.chains ? 0 : stub_index_init(&stubs->index, &stubs->current);
    if (r == 0) {
        stub_walk_init(&walk, &stubs->index, subject->target ? subject->target : "");
        r = STUBS_NOT_FOUND;
    }
    while (r == STUBS_NOT_FOUND && subject->work <= MAX_WORK) {
        struct stub *stub = stub_walk_next(&walk);
        if (!stub)
            break;
        if (!is_ready(stubs, stub))
            continue;
        int matched = stub->pattern ? pattern_match(stub->pattern, subject) : 0;
        if (matched < 0)
            r = matched;
        else if (matched == 0 && is_foreign && !stub->is_for_pages)
            r = STUBS_FORBIDDEN;
        else if (matched == 0 && is_lucky(stub))
            r = use(stubs, stub, ret_use);
    }
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int64_t stubs_draw_delay(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    int64_t delay = delay_draw(&stubs->settings.fixed_delay, &stubs->random) +
                    delay_draw(&stubs->settings.delay, &stubs->random);
    pthread_mutex_unlock(&stubs->mutex);
    return delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
}

/* Removes the stub from the list. The list's reference passes to the caller. */
static struct stub *take_out(struct stub_list *list, size_t index) {
    struct stub *stub = list->stubs[index];
    list->count--;
    memmove(list->stubs + index, list->stubs + index + 1,
            (list->count - index) * sizeof(struct stub *));
    return stub;
}

static bool find_index(const struct stub_list *list, const char *id, size_t *ret_index) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcasecmp(list->stubs[i]->id, id) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* Returns the stub that it replaces, whose reference passes to the caller, or NULL. The list must
 * have room. */
static struct stub *insert(struct stub_list *list, struct stub *stub) {
    size_t index = 0;
    struct stub *replaced = find_index(list, stub->id, &index) ? take_out(list, index) : NULL;
    for (index = 0; index < list->count && stub_table_compare(&list->stubs[index], &stub) < 0;)
        index++;
    memmove(list->stubs + index + 1, list->stubs + index,
            (list->count - index) * sizeof(struct stub *));
    list->stubs[index] = stub;
    list->count++;
    return replaced;
}

/* Called with the lock. Forgets a scenario that has no stubs left; otherwise names would pile
 * up. */
static void let_go(struct stubs *stubs, struct stub *stub) {
    if (!stub)
        return;
    stubs->memory -= stub->memory;
    if (stub->scenario && !scenario_has_stub(&stubs->current, stub->scenario))
        scenario_state_drop(&stubs->scenarios, stub->scenario);
    stub_release(stub);
}

/* Called with the lock. Returns 0, STUBS_TOO_MANY or -ENOMEM. */
static int make_room(struct stubs *stubs, const struct stub *stub) {
    struct stub_list *list = &stubs->current;
    size_t index;
    const struct stub *old = find_index(list, stub->id, &index) ? list->stubs[index] : NULL;
    size_t memory = stubs->memory + stub->memory - (old ? old->memory : 0);
    if ((!old && list->count >= STUBS_MAX) || memory > STUBS_MAX_BYTES)
        return STUBS_TOO_MANY;
    struct stub **larger = realloc(list->stubs, (list->count + 1) * sizeof(struct stub *));
    if (!larger)
        return FATAL(ENOMEM);
    list->stubs = larger;
    return 0;
}

/* Called with the lock. */
static int put(struct stubs *stubs, struct stub *stub) {
    int r = make_room(stubs, stub);
    if (r != 0)
        return r;
    size_t index;
    stub->state.number = find_index(&stubs->current, stub->id, &index)
                             ? stubs->current.stubs[index]->state.number
                             : ++stubs->last_number;
    stubs->memory += stub->memory;
    let_go(stubs, insert(&stubs->current, stub));
    note_change(stubs);
    return 0;
}

int stubs_add(struct stubs *stubs, struct stub *stub) {
    pthread_mutex_lock(&stubs->mutex);
    int r = put(stubs, stub);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int stubs_add_new(struct stubs *stubs, struct stub *stub) {
    size_t index;
    pthread_mutex_lock(&stubs->mutex);
    int r = find_index(&stubs->current, stub->id, &index) ? STUBS_EXISTS : put(stubs, stub);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int stubs_find(struct stubs *stubs, const char *id, struct stub **ret_stub) {
    size_t index;
    pthread_mutex_lock(&stubs->mutex);
    bool found = find_index(&stubs->current, id, &index);
    if (found)
        *ret_stub = take(stubs->current.stubs[index]);
    pthread_mutex_unlock(&stubs->mutex);
    return found ? 0 : STUBS_NOT_FOUND;
}

int stubs_remove(struct stubs *stubs, const char *id) {
    size_t index;
    pthread_mutex_lock(&stubs->mutex);
    bool found = find_index(&stubs->current, id, &index);
    if (found)
        let_go(stubs, take_out(&stubs->current, index));
    note_change(stubs);
    pthread_mutex_unlock(&stubs->mutex);
    return found ? 0 : STUBS_NOT_FOUND;
}

int stubs_list(struct stubs *stubs, struct stub_list *ret_list) {
    pthread_mutex_lock(&stubs->mutex);
    int r = copy_list(&stubs->current, ret_list);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

size_t stubs_measure(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    size_t memory = stubs->memory;
    pthread_mutex_unlock(&stubs->mutex);
    return memory;
}

bool stubs_was_used(struct stubs *stubs, const struct stub *stub) {
    pthread_mutex_lock(&stubs->mutex);
    bool used = stub->state.hits > 0;
    pthread_mutex_unlock(&stubs->mutex);
    return used;
}

void stubs_clear(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    stub_list_deinit(&stubs->current);
    stubs->memory = 0;
    scenario_states_clear(&stubs->scenarios);
    note_change(stubs);
    pthread_mutex_unlock(&stubs->mutex);
}

static size_t memory_of(const struct stub_list *list) {
    size_t memory = 0;
    for (size_t i = 0; i < list->count; i++)
        memory += list->stubs[i]->memory;
    return memory;
}

/* Called with the lock. Swaps the current stubs with `list`, so that the caller owns the old
 * ones. */
static void swap_current(struct stubs *stubs, struct stub_list *list) {
    struct stub_list old = stubs->current;
    stubs->current = *list;
    *list = old;
    stubs->memory = memory_of(&stubs->current);
}

/* Called with the lock. Makes the set of stubs as the import will leave it. */
static int merge(struct stubs *stubs, const struct stub_list *imported, unsigned options,
                 struct stub_table **merged) {
    CLEANUP(stub_table_clear) struct stub_table *wanted = NULL;
    int r = options & IMPORT_REMOVES_OTHERS ? stub_table_put_all(&wanted, imported) : 0;
    for (size_t i = 0; r == 0 && i < stubs->current.count; i++) {
        struct stub *stub = stubs->current.stubs[i];
        if (!(options & IMPORT_REMOVES_OTHERS) || stub_table_find(wanted, stub->id))
            r = stub_table_put(merged, stub);
    }
    for (size_t i = imported->count; r == 0 && i-- > 0;) {
        struct stub *stub = imported->stubs[i];
        const struct stub *known = stub_table_find(*merged, stub->id);
        if (known && options & IMPORT_KEEPS_KNOWN)
            continue;
        stub->state.number = known ? known->state.number : ++stubs->last_number;
        r = stub_table_put(merged, stub);
    }
    return r;
}

/* With the lock: the same as a list of references. */
static int list_merged(const struct stubs *stubs, const struct stub_list *imported,
                       struct stub_table *merged, struct stub_list *list) {
    list->stubs = calloc(stubs->current.count + imported->count + 1, sizeof(struct stub *));
    if (!list->stubs)
        return FATAL(ENOMEM);
    list->count = stub_table_sort(merged, list->stubs);
    for (size_t i = 0; i < list->count; i++)
        take(list->stubs[i]);
    return list->count > STUBS_MAX || memory_of(list) > STUBS_MAX_BYTES ? STUBS_TOO_MANY : 0;
}

int stubs_import(struct stubs *stubs, const struct stub_list *imported, unsigned options) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    CLEANUP(stub_table_clear) struct stub_table *merged = NULL;
    pthread_mutex_lock(&stubs->mutex);
    int r = merge(stubs, imported, options, &merged);
    if (r == 0)
        r = list_merged(stubs, imported, merged, &list);
    if (r == 0) {
        swap_current(stubs, &list);
        scenario_states_prune(&stubs->scenarios, &stubs->current);
        note_change(stubs);
    }
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int stubs_remove_all(struct stubs *stubs, const struct stub_list *removed) {
    CLEANUP(stub_list_deinit) struct stub_list gone = {0};
    CLEANUP(stub_table_clear) struct stub_table *table = NULL;
    int r = stub_table_put_all(&table, removed);
    pthread_mutex_lock(&stubs->mutex);
    struct stub_list *list = &stubs->current;
    gone.stubs = r == 0 ? calloc(list->count + 1, sizeof(struct stub *)) : NULL;
    if (r == 0 && !gone.stubs)
        r = FATAL(ENOMEM);
    size_t count = r == 0 ? list->count : 0;
    for (size_t i = 0, kept = 0; i < count; i++) {
        struct stub *stub = list->stubs[i];
        if (stub_table_find(table, stub->id))
            gone.stubs[gone.count++] = stub;
        else
            list->stubs[kept++] = stub;
    }
    if (r == 0) {
        list->count -= gone.count;
        stubs->memory -= memory_of(&gone);
        scenario_states_prune(&stubs->scenarios, list);
        note_change(stubs);
    }
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int stubs_save(struct stubs *stubs) {
    struct stub_list saved;
    pthread_mutex_lock(&stubs->mutex);
    int r = copy_list(&stubs->current, &saved);
    if (r == 0) {
        stub_list_deinit(&stubs->saved);
        stubs->saved = saved;
    }
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

/* Called with the lock. Parses each saved stub again. A stub counts its own matches, so a copy that
 * shared it would not start anew. Leaves the replaced stubs in `fresh`, which must be empty. */
static int return_to(struct stubs *stubs, const struct stub_list *saved, struct stub_list *fresh) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct violations none = {.arena = &arena};
    fresh->stubs = calloc(saved->count + 1, sizeof(struct stub *));
    if (!fresh->stubs)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < saved->count; i++) {
        const struct stub *stub = saved->stubs[i];
        int r =
            stub_parse(stub->json, stub->id, stub->options, &json_root, &none, &fresh->stubs[i]);
        if (r != 0)
            return r;
        fresh->stubs[fresh->count++]->state.number = stub->state.number;
        if (stubs->last_number < stub->state.number)
            stubs->last_number = stub->state.number;
    }
    swap_current(stubs, fresh);
    scenario_states_clear(&stubs->scenarios);
    settings_deinit(&stubs->settings);
    stubs->random = 0;
    note_change(stubs);
    return 0;
}

int stubs_reset(struct stubs *stubs) {
    CLEANUP(stub_list_deinit) struct stub_list fresh = {0};
    pthread_mutex_lock(&stubs->mutex);
    int r = return_to(stubs, &stubs->saved, &fresh);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int stubs_start_as(struct stubs *stubs, struct stubs *other) {
    CLEANUP(stub_list_deinit) struct stub_list saved = {0};
    CLEANUP(stub_list_deinit) struct stub_list fresh = {0};
    pthread_mutex_lock(&other->mutex);
    int r = copy_list(&other->saved, &saved);
    pthread_mutex_unlock(&other->mutex);
    if (r != 0)
        return r;
    pthread_mutex_lock(&stubs->mutex);
    r = return_to(stubs, &saved, &fresh);
    if (r == 0) {
        struct stub_list replaced = stubs->saved;
        stubs->saved = saved;
        saved = replaced;
    }
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

void stubs_reset_scenarios(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    scenario_states_clear(&stubs->scenarios);
    pthread_mutex_unlock(&stubs->mutex);
}

int stubs_set_scenario(struct stubs *stubs, const char *name, const char *state) {
    int r = STUBS_NOT_FOUND;
    bool is_known = !state || strcmp(state, SCENARIO_STARTED) == 0;
    pthread_mutex_lock(&stubs->mutex);
    for (size_t i = 0; i < stubs->current.count; i++) {
        const struct stub *stub = stubs->current.stubs[i];
        if (!stub->scenario || strcmp(stub->scenario, name) != 0)
            continue;
        r = 0;
        is_known = is_known || (stub->required_state && strcmp(stub->required_state, state) == 0) ||
                   (stub->new_state && strcmp(stub->new_state, state) == 0);
    }
    if (r == 0)
        r = is_known ? scenario_state_set(&stubs->scenarios, name, state ? state : SCENARIO_STARTED)
                     : STUBS_UNKNOWN_STATE;
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

void stubs_render_scenarios(struct stubs *stubs, struct json_builder *builder,
                            struct json_parent array) {
    pthread_mutex_lock(&stubs->mutex);
    scenarios_render(stubs->scenarios, &stubs->current, builder, array);
    pthread_mutex_unlock(&stubs->mutex);
}

/* Called with the lock, when settings were read with this result. */
static int take_settings(struct stubs *stubs, int r, const struct settings *settings) {
    if (r != 0)
        return r;
    settings_deinit(&stubs->settings);
    stubs->settings = *settings;
    note_change(stubs);
    return 0;
}

int stubs_set_settings(struct stubs *stubs, const cJSON *json, struct violations *violations) {
    struct settings settings;
    int r = settings_read(cJSON_Duplicate(json, true), violations, &settings);
    pthread_mutex_lock(&stubs->mutex);
    r = take_settings(stubs, r, &settings);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int stubs_extend_settings(struct stubs *stubs, const cJSON *members,
                          struct violations *violations) {
    struct settings settings;
    pthread_mutex_lock(&stubs->mutex);
    int r = settings_extend(&stubs->settings, members, violations, &settings);
    r = take_settings(stubs, r, &settings);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

cJSON *stubs_render_settings(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    cJSON *json = settings_copy(&stubs->settings);
    pthread_mutex_unlock(&stubs->mutex);
    return json;
}
