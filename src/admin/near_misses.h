/* Searches for the requests or stubs that come closest to a match. */
#pragma once

#include "exchange/exchange.h"
#include "match/pattern.h"
#include "sandbox/journal.h"

struct near_miss {
    const struct journal_entry *entry;
    const struct pattern *pattern;
    const cJSON *pattern_json;
    const struct stub *stub; /* the stub that has the pattern; NULL: the client sent it */
    struct match_report report;
};

enum {
    MAX_NEAR_MISSES = 3, /* for one pattern or one request */
    NEAR_MISSES_GIVEN_UP = 1,
};

struct near_miss_search {
    struct exchange *exchange;
    int64_t now;
    int64_t deadline_us;
    struct near_miss items[MAX_NEAR_MISSES]; /* the nearest first */
    size_t count;
};

/* Starts a search, which may take SEARCH_MAX_MS. */
struct near_miss_search near_misses_start(struct exchange *exchange);

/* Keeps the miss if it is among the nearest. Returns 0, NEAR_MISSES_GIVEN_UP when the search took
 * too long, or <0. */
int near_misses_consider(struct near_miss_search *search, struct near_miss miss);

/* The same for all requests of the list and one pattern that a client sent. */
int near_misses_consider_all(struct near_miss_search *search, const struct journal_list *list,
                             const struct pattern *pattern, const cJSON *pattern_json);

/* Adds the misses that were found to the array and forgets them. Returns 0 or -ENOMEM. */
int near_misses_render(struct near_miss_search *search, struct json_builder *builder,
                       struct json_parent array);
