/* Near misses: the requests or stubs that come closest to a match, and what differs. */
#include <errno.h>

#include "admin/admin_answer.h"
#include "admin/logged_request.h"
#include "admin/request_pattern.h"
#include "admin/serve_event.h"
#include "admin_input.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

enum {
    MAX_NEAR_MISSES = 3, /* for one pattern or one request */
    MAX_UNMATCHED = 20,  /* requests for which kestub searches the nearest stubs */
};

struct near_miss {
    const struct journal_entry *entry;
    const struct pattern *pattern;
    const cJSON *pattern_json;
    const struct stub *stub; /* the stub that has the pattern; NULL: the client sent it */
    struct match_report report;
};

struct near_misses {
    struct near_miss items[MAX_NEAR_MISSES]; /* the nearest first */
    size_t count;
};

struct search {
    struct exchange *exchange;
    int64_t now;
    int64_t deadline_us;
    struct near_misses misses;
};

static struct search start_search(struct exchange *exchange) {
    return (struct search){
        .exchange = exchange,
        .now = clock_now(&exchange->sandbox->clock),
        .deadline_us = timestamp_monotonic_us() + (int64_t)SEARCH_MAX_MS * 1000,
    };
}

/* Of two equally distant misses the earlier one stays first. */
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

/* The differences live in the arena. */
static int compare(const struct search *search, struct near_miss *miss, struct arena *arena) {
    struct match_subject subject;
    int r = serve_event_get_subject(miss->entry, arena, search->now, &subject);
    if (r == 0)
        r = pattern_compare(miss->pattern, &subject, &miss->report);
    match_subject_deinit(&subject);
    return r;
}

/* Keeps the miss if it is among the nearest. Returns 0, >0 when the search took too long and the
 * response is set, or <0. */
static int consider(struct search *search, struct near_miss miss) {
    struct arena arena;
    if (timestamp_monotonic_us() > search->deadline_us) {
        request_pattern_refuse_search(search->exchange);
        return 1;
    }
    int r = cancellation_check(search->exchange->cancellation);
    if (r < 0)
        return r;
    arena_init(&arena);
    r = compare(search, &miss, &arena);
    if (r == 0 && miss.report.distance > 0)
        keep_nearest(&search->misses, &miss);
    arena_deinit(&arena);
    return r;
}

static void render_miss(struct json_builder *builder, cJSON *list, const struct near_miss *miss) {
    cJSON *object = json_add_object(builder, list, NULL);
    logged_request_render(builder, json_add_object(builder, object, "request"), miss->entry,
                          &miss->report);
    if (miss->stub)
        json_add_copy(builder, object, "stubMapping", miss->stub->json);
    else
        json_add_copy(builder, object, "requestPattern", miss->pattern_json);
    json_add_number(builder, json_add_object(builder, object, "matchResult"), "distance",
                    miss->report.distance);
}

/* Adds the misses that were found to the list and forgets them. Compares each one again, since the
 * search has not kept the differences. */
static int render_misses(struct search *search, cJSON *list) {
    struct json_builder builder = {0};
    int r = 0;
    for (size_t i = 0; i < search->misses.count && r == 0; i++) {
        struct near_miss *miss = &search->misses.items[i];
        struct arena arena;
        arena_init(&arena);
        r = compare(search, miss, &arena);
        if (r == 0)
            render_miss(&builder, list, miss);
        arena_deinit(&arena);
    }
    search->misses.count = 0;
    return builder.failed ? FATAL(ENOMEM) : r;
}

/* Takes over the tree and answers with it, unless the response is already set (r > 0). */
static int answer_misses(struct exchange *exchange, int r, cJSON *root) {
    CLEANUP(cleanup_json) cJSON *tree = root;
    if (r == 0)
        r = response_set_json(&exchange->response, 200, tree);
    return r;
}

int handle_find_near_misses_for_pattern(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    CLEANUP(cleanup_pattern) struct pattern *pattern = NULL;
    struct search search = start_search(exchange);
    (void)input;
    int r = request_pattern_parse(exchange, exchange->body, &pattern);
    if (r == 0)
        r = journal_list(exchange->sandbox->journal, &list);
    for (size_t i = 0; r == 0 && i < list.count; i++)
        r = consider(&search, (struct near_miss){.entry = list.entries[i],
                                                 .pattern = pattern,
                                                 .pattern_json = exchange->body});
    cJSON *root = cJSON_CreateObject();
    cJSON *misses = cJSON_AddArrayToObject(root, "nearMisses");
    if (r == 0)
        r = misses ? render_misses(&search, misses) : FATAL(ENOMEM);
    return answer_misses(exchange, r, root);
}

/* Adds to the list the stubs that come closest to the request. */
static int add_nearest_stubs(struct search *search, const struct stub_list *stubs,
                             const struct journal_entry *entry, cJSON *misses) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < stubs->count; i++)
        if (stubs->stubs[i]->pattern)
            r = consider(search, (struct near_miss){.entry = entry,
                                                    .pattern = stubs->stubs[i]->pattern,
                                                    .stub = stubs->stubs[i]});
    return r == 0 ? render_misses(search, misses) : r;
}

int handle_find_near_misses_for_request(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list stubs = {0};
    struct search search = start_search(exchange);
    struct journal_entry entry;
    (void)input;
    int r = logged_request_read(exchange, exchange->body, &entry);
    if (r == 0)
        r = stubs_list(exchange->sandbox->stubs, &stubs);
    cJSON *root = cJSON_CreateObject();
    cJSON *misses = cJSON_AddArrayToObject(root, "nearMisses");
    if (r == 0)
        r = misses ? add_nearest_stubs(&search, &stubs, &entry, misses) : FATAL(ENOMEM);
    return answer_misses(exchange, r, root);
}

int handle_find_near_misses_of_unmatched(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    CLEANUP(stub_list_deinit) struct stub_list stubs = {0};
    struct search search = start_search(exchange);
    (void)input;
    int r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = stubs_list(exchange->sandbox->stubs, &stubs);
    cJSON *root = cJSON_CreateObject();
    cJSON *misses = cJSON_AddArrayToObject(root, "nearMisses");
    if (!misses)
        r = FATAL(ENOMEM);
    size_t shown = 0;
    for (size_t i = 0; r == 0 && i < list.count && shown < MAX_UNMATCHED; i++) {
        if (!serve_event_is_matched(list.entries[i])) {
            r = add_nearest_stubs(&search, &stubs, list.entries[i], misses);
            shown++;
        }
    }
    return answer_misses(exchange, r, root);
}
