/* Near misses: what comes closest to a pattern that nothing matches, and what is wrong with it. */
#include "admin/request_pattern.h"
#include "admin/serve_event.h"
#include "admin_input.h"
#include "api/answer.h"
#include "util/cleanup.h"
#include "util/timestamp.h"

enum { MAX_NEAR_MISSES = 3 };

struct near_miss {
    const struct journal_entry *entry;
    struct match_report report;
    const cJSON *pattern_json;
};

struct near_misses {
    struct near_miss items[MAX_NEAR_MISSES]; /* the nearest first */
    size_t count;
};

/* Of two that are equally far the one that came first stays before the other. */
static void keep_nearest(struct near_misses *misses, const struct near_miss *miss) {
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

/* What they differ in stays in the arena. */
static int compare(const struct pattern *pattern, const struct journal_entry *entry, int64_t now,
                   struct arena *arena, struct match_report *ret_report) {
    struct match_subject subject;
    int r = serve_event_get_subject(entry, arena, now, &subject);
    if (r == 0)
        r = pattern_compare(pattern, &subject, ret_report);
    match_subject_deinit(&subject);
    return r;
}

/* 0; >0 when it took too long and the response is there; <0. */
static int find_nearest(struct exchange *exchange, const struct pattern *pattern,
                        const struct journal_list *list, struct near_misses *misses) {
    int64_t now = clock_now(&exchange->sandbox->clock);
    int64_t deadline_us = timestamp_monotonic_us() + (int64_t)SEARCH_MAX_MS * 1000;
    int r = 0;
    for (size_t i = 0; i < list->count && r == 0; i++) {
        struct near_miss miss = {.entry = list->entries[i], .pattern_json = exchange->body};
        struct arena arena;
        arena_init(&arena);
        r = compare(pattern, miss.entry, now, &arena, &miss.report);
        if (r == 0 && miss.report.distance > 0)
            keep_nearest(misses, &miss);
        arena_deinit(&arena);
        if (r == 0 && timestamp_monotonic_us() > deadline_us) {
            request_pattern_refuse_search(exchange);
            r = 1;
        }
    }
    /* Only the differences of those that are shown outlive the search. */
    for (size_t i = 0; i < misses->count && r == 0; i++)
        r = compare(pattern, misses->items[i].entry, now, &exchange->request.arena,
                    &misses->items[i].report);
    return r;
}

static void render_near_misses(struct json_builder *builder, cJSON *root, const void *value) {
    const struct near_misses *misses = value;
    cJSON *list = json_add_array(builder, root, "nearMisses");
    for (size_t i = 0; i < misses->count && !builder->failed; i++) {
        const struct near_miss *miss = &misses->items[i];
        cJSON *object = json_add_object(builder, list, NULL);
        logged_request_render(builder, json_add_object(builder, object, "request"), miss->entry,
                              &miss->report);
        json_add_copy(builder, object, "requestPattern", miss->pattern_json);
        json_add_number(builder, json_add_object(builder, object, "matchResult"), "distance",
                        miss->report.distance);
    }
}

int handle_find_near_misses_for_pattern(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    CLEANUP(cleanup_pattern) struct pattern *pattern = NULL;
    struct near_misses misses = {0};
    (void)input;
    int r = request_pattern_parse(exchange, exchange->body, &pattern);
    if (r == 0)
        r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = find_nearest(exchange, pattern, &list, &misses);
    if (r != 0)
        return r < 0 ? r : 0;
    return answer_object(exchange, 200, render_near_misses, &misses);
}

/* Only stubs can be near to a request, and there are none yet. */
static int answer_no_stubs(struct exchange *exchange) {
    const struct near_misses none = {0};
    return answer_object(exchange, 200, render_near_misses, &none);
}

int handle_find_near_misses_for_request(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_no_stubs(exchange);
}

int handle_find_near_misses_of_unmatched(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_no_stubs(exchange);
}
