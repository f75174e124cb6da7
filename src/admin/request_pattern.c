#include "admin/request_pattern.h"

#include "admin/admin_answer.h"
#include "admin/serve_event.h"
#include "util/timestamp.h"

int request_pattern_parse(struct exchange *exchange, const cJSON *json,
                          const struct json_place *place, struct pattern **ret_pattern) {
    struct violations violations = {.arena = &exchange->request.arena};
    int r = pattern_parse(json, place, &violations, ret_pattern);
    return r > 0 ? exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations) : r;
}

void request_pattern_refuse_search(struct exchange *exchange) {
    exchange_fail(exchange, ERROR_INVALID_ENTITY,
                  "matching against all requests of the journal takes too long");
}

struct search {
    const struct pattern *pattern;
    const struct cancellation *cancellation;
    int64_t now;
    int64_t deadline_us;
    bool given_up;
};

static int test_entry(void *cls, const struct journal_entry *entry) {
    struct search *search = cls;
    struct arena arena;
    struct match_subject subject;
    search->given_up |= timestamp_monotonic_us() > search->deadline_us;
    if (search->given_up)
        return 1;
    int r = cancellation_check(search->cancellation);
    if (r < 0)
        return r;
    arena_init(&arena);
    r = serve_event_get_subject(entry, &arena, search->now, &subject);
    if (r == 0)
        r = pattern_match(search->pattern, &subject);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    return r;
}

int request_pattern_filter(struct exchange *exchange, const struct pattern *pattern,
                           struct journal_list *list) {
    struct search search = {
        .pattern = pattern,
        .cancellation = exchange->cancellation,
        .now = clock_now(&exchange->sandbox->clock),
        .deadline_us = timestamp_monotonic_us() + (int64_t)SEARCH_MAX_MS * 1000,
    };
    int r = journal_list_filter(list, test_entry, &search);
    if (r == 0 && search.given_up) {
        request_pattern_refuse_search(exchange);
        return 1;
    }
    return r;
}
