#include "control/stubs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "control/stubs_scenarios.h"

struct settings {
    cJSON *json; /* (owned) NULL: none */
    struct delay fixed_delay;
    struct delay delay;
};

struct stubs {
    pthread_mutex_t mutex;
    atomic_bool active;
    struct stub_list current; /* in the order in which they are tried */
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

static void drop_settings(struct stubs *stubs) {
    cJSON_Delete(stubs->settings.json);
    stubs->settings = (struct settings){0};
}

void stubs_free(struct stubs *stubs) {
    if (!stubs)
        return;
    stub_list_deinit(&stubs->current);
    stub_list_deinit(&stubs->saved);
    scenario_states_clear(&stubs->scenarios);
    drop_settings(stubs);
    pthread_mutex_destroy(&stubs->mutex);
    free(stubs);
}

void stub_list_deinit(struct stub_list *list) {
    for (size_t i = 0; i < list->count; i++)
        stub_release(list->stubs[i]);
    free(list->stubs);
    *list = (struct stub_list){0};
}

bool stubs_are_active(const struct stubs *stubs) {
    return atomic_load_explicit(&stubs->active, memory_order_acquire);
}

/* With the lock. */
static void note_activity(struct stubs *stubs) {
    const struct settings *settings = &stubs->settings;
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
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++)
        stubs[i] = take(list->stubs[i]);
    *ret_list = (struct stub_list){stubs, list->count};
    return 0;
}

/* Whether the stub is there for a request now; `times` and `probability` are asked last. */
static bool is_ready(const struct stubs *stubs, const struct stub *stub) {
    if (stub->state.times_left == 0)
        return false;
    return !stub->required_state ||
           strcmp(scenario_state_of(stubs->scenarios, stub->scenario), stub->required_state) == 0;
}

static bool is_lucky(struct stub *stub) {
    return stub->probability >= 1 || delay_random(&stub->state.random) < stub->probability;
}

static int use(struct stubs *stubs, struct stub *stub, int64_t *ret_delay_ms) {
    int r = stub->new_state ? scenario_state_set(&stubs->scenarios, stub->scenario, stub->new_state)
                            : 0;
    if (r < 0)
        return r;
    stub->state.hits++;
    if (stub->state.times_left != INT64_MAX)
        stub->state.times_left--;
    int64_t delay = delay_draw(&stub->fixed_delay, &stub->state.random) +
                    delay_draw(&stub->delay, &stub->state.random);
    *ret_delay_ms = delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
    return 0;
}

int stubs_match(struct stubs *stubs, struct match_subject *subject, struct stub **ret_stub,
                int64_t *ret_delay_ms) {
    int r = STUBS_NOT_FOUND;
    pthread_mutex_lock(&stubs->mutex);
    for (size_t i = 0; r == STUBS_NOT_FOUND && i < stubs->current.count; i++) {
        struct stub *stub = stubs->current.stubs[i];
        if (!is_ready(stubs, stub))
            continue;
        int matched = stub->pattern ? pattern_match(stub->pattern, subject) : 0;
        if (matched < 0)
            r = matched;
        else if (matched == 0 && is_lucky(stub))
            r = use(stubs, stub, ret_delay_ms);
        if (r == 0)
            *ret_stub = take(stub);
    }
    pthread_mutex_unlock(&stubs->mutex);
    return r;
}

int64_t stubs_draw_delay(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    int64_t delay = delay_draw(&stubs->settings.fixed_delay, &stubs->random) +
                    delay_draw(&stubs->settings.delay, &stubs->random);
    pthread_mutex_unlock(&stubs->mutex);
    return delay;
}

static void remove_at(struct stub_list *list, size_t index) {
    stub_release(list->stubs[index]);
    list->count--;
    memmove(list->stubs + index, list->stubs + index + 1,
            (list->count - index) * sizeof(struct stub *));
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

/* With the lock. The list has room. */
static void insert(struct stubs *stubs, struct stub *stub) {
    struct stub_list *list = &stubs->current;
    size_t index = 0;
    stub->state.number = ++stubs->last_number;
    if (find_index(list, stub->id, &index))
        remove_at(list, index);
    for (index = 0; index < list->count && list->stubs[index]->priority < stub->priority;)
        index++;
    memmove(list->stubs + index + 1, list->stubs + index,
            (list->count - index) * sizeof(struct stub *));
    list->stubs[index] = stub;
    list->count++;
}

int stubs_add(struct stubs *stubs, struct stub *stub) {
    int r = 0;
    pthread_mutex_lock(&stubs->mutex);
    struct stub_list *list = &stubs->current;
    struct stub **larger = list->count < STUBS_MAX
                               ? realloc(list->stubs, (list->count + 1) * sizeof(struct stub *))
                               : NULL;
    if (larger) {
        list->stubs = larger;
        insert(stubs, stub);
        note_activity(stubs);
    } else {
        r = list->count < STUBS_MAX ? -ENOMEM : STUBS_TOO_MANY;
    }
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
        remove_at(&stubs->current, index);
    note_activity(stubs);
    pthread_mutex_unlock(&stubs->mutex);
    return found ? 0 : STUBS_NOT_FOUND;
}

static int compare_age(const void *a, const void *b) {
    uint64_t left = (*(struct stub *const *)a)->state.number;
    uint64_t right = (*(struct stub *const *)b)->state.number;
    return (left < right) - (left > right);
}

int stubs_list(struct stubs *stubs, struct stub_list *ret_list) {
    pthread_mutex_lock(&stubs->mutex);
    int r = copy_list(&stubs->current, ret_list);
    if (r == 0)
        qsort(ret_list->stubs, ret_list->count, sizeof(struct stub *), compare_age);
    pthread_mutex_unlock(&stubs->mutex);
    return r;
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
    scenario_states_clear(&stubs->scenarios);
    note_activity(stubs);
    pthread_mutex_unlock(&stubs->mutex);
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

/* A stub that was saved starts anew: its copy is parsed again, since what it has counted is part of
 * it. */
int stubs_reset(struct stubs *stubs) {
    struct stub_list fresh = {.stubs = NULL};
    struct pattern_error error;
    int r = 0;
    pthread_mutex_lock(&stubs->mutex);
    fresh.stubs = calloc(stubs->saved.count + 1, sizeof(struct stub *));
    if (!fresh.stubs)
        r = -ENOMEM;
    for (size_t i = 0; r == 0 && i < stubs->saved.count; i++) {
        const struct stub *saved = stubs->saved.stubs[i];
        r = stub_parse(saved->json, saved->id, &fresh.stubs[i], &error);
        if (r == 0) {
            fresh.stubs[fresh.count++]->state.number = saved->state.number;
        }
    }
    if (r == 0) {
        struct stub_list old = stubs->current;
        stubs->current = fresh;
        fresh = old;
        scenario_states_clear(&stubs->scenarios);
        drop_settings(stubs);
        stubs->random = 0;
        note_activity(stubs);
    }
    pthread_mutex_unlock(&stubs->mutex);
    stub_list_deinit(&fresh);
    return r;
}

int stubs_start_as(struct stubs *stubs, struct stubs *other) {
    struct stub_list saved;
    pthread_mutex_lock(&other->mutex);
    int r = copy_list(&other->saved, &saved);
    pthread_mutex_unlock(&other->mutex);
    if (r != 0)
        return r;
    stubs->saved = saved;
    return stubs_reset(stubs);
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

cJSON *stubs_render_scenarios(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    cJSON *json = scenarios_render(stubs->scenarios, &stubs->current);
    pthread_mutex_unlock(&stubs->mutex);
    return json;
}

static int parse_settings(const cJSON *json, struct settings *settings,
                          struct pattern_error *error) {
    struct matcher_parser parser = {.error = error};
    const cJSON *fixed = cJSON_GetObjectItemCaseSensitive(json, "fixedDelay");
    const cJSON *delay = cJSON_GetObjectItemCaseSensitive(json, "delayDistribution");
    if (fixed && !cJSON_IsNull(fixed)) {
        size_t mark = matcher_enter(&parser, "fixedDelay", 0);
        if (!cJSON_IsNumber(fixed) || !(fixed->valuedouble >= 0))
            return matcher_refuse(&parser, "must be a number of milliseconds from 0");
        settings->fixed_delay = (struct delay){.kind = DELAY_FIXED, .first = fixed->valuedouble};
        matcher_leave(&parser, mark);
    }
    if (!delay || cJSON_IsNull(delay))
        return 0;
    matcher_enter(&parser, "delayDistribution", 0);
    return delay_parse(&parser, delay, &settings->delay);
}

int stubs_set_settings(struct stubs *stubs, const cJSON *json, struct pattern_error *ret_error) {
    struct settings settings = {0};
    *ret_error = (struct pattern_error){0};
    int r = parse_settings(json, &settings, ret_error);
    if (r != 0)
        return r;
    settings.json = cJSON_Duplicate(json, true);
    if (!settings.json)
        return -ENOMEM;
    pthread_mutex_lock(&stubs->mutex);
    drop_settings(stubs);
    stubs->settings = settings;
    note_activity(stubs);
    pthread_mutex_unlock(&stubs->mutex);
    return 0;
}

cJSON *stubs_render_settings(struct stubs *stubs) {
    pthread_mutex_lock(&stubs->mutex);
    cJSON *json =
        stubs->settings.json ? cJSON_Duplicate(stubs->settings.json, true) : cJSON_CreateObject();
    pthread_mutex_unlock(&stubs->mutex);
    return json;
}
