#include "admin/near_misses.h"

#include "admin/request_pattern.h"
#include "admin/serve_event.h"
#include "util/timestamp.h"

struct near_miss_search near_misses_start(struct exchange *exchange) {
    return (struct near_miss_search){
        .exchange = exchange,
        .now = clock_now(&exchange->sandbox->clock),
        .deadline_us = timestamp_monotonic_us() + (int64_t)SEARCH_MAX_MS * 1000,
    };
}

/* Of two equally distant misses the earlier one stays first. */
static void keep_nearest(struct near_miss_search *misses, const struct near_miss *miss) {
    size_t place = misses->count;
    while (place > 0 && misses->items[place - 1].report.distance > miss->report.distance)
        place--;
    if (place == MAX_NEAR_MISSES)
        return;
    size_t last = misses->count < MAX_NEAR_MISSES ? misses->count++ : MAX_NEAR_MISSES - 1;
    for (size_t i = last; i > place; i--)
        misses->items[i] = misses->items[i - 1];
    misses->items[place] = *miss;
}

/* The differences live in the arena. */
static int compare(const struct near_miss_search *search, struct near_miss *miss,
                   struct arena *arena) {
    struct match_subject subject;
    int r = serve_event_get_subject(miss->entry, arena, search->now, &subject);
    if (r == 0)
        r = pattern_compare(miss->pattern, &subject, &miss->report);
    match_subject_deinit(&subject);
    return r;
}

int near_misses_consider(struct near_miss_search *search, struct near_miss miss) {
    struct arena arena;
    if (timestamp_monotonic_us() > search->deadline_us)
        return NEAR_MISSES_GIVEN_UP;
    int r = cancellation_check(search->exchange->cancellation);
    if (r < 0)
        return r;
    arena_init(&arena);
    r = compare(search, &miss, &arena);
    if (r == 0 && miss.report.distance > 0)
        keep_nearest(search, &miss);
    arena_deinit(&arena);
    return r;
}

int near_misses_consider_all(struct near_miss_search *search, const struct journal_list *list,
                             const struct pattern *pattern, const cJSON *pattern_json) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->count; i++)
        r = near_misses_consider(search, (struct near_miss){.entry = list->entries[i],
                                                            .pattern = pattern,
                                                            .pattern_json = pattern_json});
    return r;
}

static void render_miss(struct json_builder *builder, struct json_parent list,
                        const struct near_miss *miss) {
    struct json_parent object = json_add_object(builder, list, NULL);
    logged_request_render(builder, json_add_object(builder, object, "request"), miss->entry,
                          &miss->report);
    if (miss->stub)
        json_add_copy(builder, object, "stubMapping", miss->stub->json);
    else
        json_add_copy(builder, object, "requestPattern", miss->pattern_json);
    json_add_number(builder, json_add_object(builder, object, "matchResult"), "distance",
                    miss->report.distance);
}

/* Compares each one again, since the search has not kept the differences. */
int near_misses_render(struct near_miss_search *search, struct json_builder *builder,
                       struct json_parent array) {
    int r = 0;
    for (size_t i = 0; i < search->count && r == 0; i++) {
        struct near_miss *miss = &search->items[i];
        struct arena arena;
        arena_init(&arena);
        r = compare(search, miss, &arena);
        if (r == 0)
            render_miss(builder, array, miss);
        arena_deinit(&arena);
    }
    search->count = 0;
    return r;
}
