/* Matches request patterns that clients send against the journal. */
#pragma once

#include "exchange/exchange.h"
#include "match/pattern.h"
#include "sandbox/journal.h"

/* How long one request of the control plane may search the journal. */
enum { SEARCH_MAX_MS = 2000 };

/* `place` is that of the pattern in the body. Returns 0 and the pattern (owned by the caller,
 * pattern_free), >0 when the request was refused and the response is set, or <0. */
int request_pattern_parse(struct exchange *exchange, const cJSON *json,
                          const struct json_place *place, struct pattern **ret_pattern);

/* Answers that the search took too long. */
void request_pattern_refuse_search(struct exchange *exchange);

/* Removes from the list all entries that do not match. Returns 0, >0 when the search took too long
 * and the response is set, or <0. */
int request_pattern_filter(struct exchange *exchange, const struct pattern *pattern,
                           struct journal_list *list);

/* For CLEANUP. */
static inline void cleanup_pattern(struct pattern **pattern) {
    pattern_free(*pattern);
}
