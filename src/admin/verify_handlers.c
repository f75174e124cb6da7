/* Verifies how many requests match a pattern, and waits for them. */
#include <errno.h>
#include <stdlib.h>

#include "admin/admin_answer.h"
#include "admin/near_misses.h"
#include "admin/request_pattern.h"
#include "admin_input.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

enum { MAX_WITHIN_MS = 60000 };

/* What is kept while a verification waits. */
struct verification {
    struct pattern *pattern; /* (owned) */
    int64_t at_least, at_most;
    struct journal_mark mark;
    int64_t count; /* matches up to the mark */
};

static void free_verification(void *cls) {
    struct verification *verification = cls;
    pattern_free(verification->pattern);
    free(verification);
}

/* Reads a limit. Returns whether it is there. */
static bool read_limit(const struct exchange *exchange, const char *name, int64_t value,
                       int64_t *limit) {
    bool is_there = cJSON_GetObjectItemCaseSensitive(exchange->body, name) != NULL;
    if (is_there)
        *limit = value;
    return is_there;
}

/* Returns 0 or what exchange_refuse_member returns. */
static int read_limits(struct exchange *exchange, const struct verify_requests_input *in,
                       struct verification *verification) {
    int64_t exactly;
    verification->at_least = 0;
    verification->at_most = INT64_MAX;
    bool has_least = read_limit(exchange, "atLeast", in->body.at_least, &verification->at_least);
    bool has_most = read_limit(exchange, "atMost", in->body.at_most, &verification->at_most);
    if (read_limit(exchange, "exactly", in->body.exactly, &exactly)) {
        if (has_least || has_most)
            return exchange_refuse_member(exchange, "exactly",
                                          "cannot stand beside atLeast or atMost");
        verification->at_least = verification->at_most = exactly;
    } else if (!has_least && !has_most) {
        verification->at_least = 1;
    }
    return verification->at_least > verification->at_most
               ? exchange_refuse_member(exchange, "atMost", "must not be less than atLeast")
               : 0;
}

/* The contract has checked that `within` is a duration. */
static int read_time(struct exchange *exchange, const struct verify_requests_input *in) {
    int64_t within_ms = 0;
    if (in->body.within && duration_parse(in->body.within, &within_ms) == 0 &&
        within_ms > MAX_WITHIN_MS)
        return exchange_refuse_member(exchange, "within", "must be at most PT60S");
    exchange->wait.due_us = timestamp_monotonic_us() + within_ms * 1000;
    return 0;
}

/* Returns 0, >0 when the request was refused, or <0. */
static int begin(struct exchange *exchange, const struct verify_requests_input *in) {
    const struct json_place place = json_place_member(&json_root, "request");
    struct verification *verification = calloc(1, sizeof(*verification));
    if (!verification)
        return FATAL(ENOMEM);
    exchange->wait.kept = verification;
    exchange->wait.free_kept = free_verification;
    int r = read_limits(exchange, in, verification);
    if (r == 0)
        r = read_time(exchange, in);
    if (r == 0)
        r = request_pattern_parse(exchange, in->body.request, &place, &verification->pattern);
    return r;
}

/* Counts the requests that match, of which it looks only at the new ones. */
static int count_new(struct exchange *exchange, struct verification *verification) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    bool anew;
    int r = journal_list_new(exchange->sandbox->journal, &verification->mark, &list, &anew);
    if (r == 0)
        r = request_pattern_filter(exchange, verification->pattern, &list);
    if (r != 0)
        return r;
    verification->count = (anew ? 0 : verification->count) + (int64_t)list.count;
    exchange->wait.changes = verification->mark.changes;
    return 0;
}

static void render_count(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct exchange *exchange = value;
    const struct verification *verification = exchange->wait.kept;
    json_add_integer(builder, root, "count", verification->count);
    json_add_bool(builder, root, "requestJournalDisabled", !exchange->sandbox->journal);
}

static const char *describe(struct exchange *exchange, const struct verification *verification) {
    struct arena *arena = &exchange->request.arena;
    long long least = verification->at_least;
    long long most = verification->at_most;
    if (!exchange->sandbox->journal)
        return "the journal is switched off";
    const char *expected = least == most       ? arena_format(arena, "exactly %lld", least)
                           : most == INT64_MAX ? arena_format(arena, "at least %lld", least)
                           : least == 0        ? arena_format(arena, "at most %lld", most)
                                               : arena_format(arena, "%lld to %lld", least, most);
    return expected ? arena_format(arena, "%lld requests match, not %s",
                                   (long long)verification->count, expected)
                    : NULL;
}

/* A search that takes too long finds no near misses. */
static int add_near_misses(struct exchange *exchange, const struct verification *verification,
                           struct json_builder *builder, struct json_parent root) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    struct near_miss_search search = near_misses_start(exchange);
    struct json_parent array = json_add_array(builder, root, "nearMisses");
    int r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = near_misses_consider_all(&search, &list, verification->pattern,
                                     cJSON_GetObjectItemCaseSensitive(exchange->body, "request"));
    return r == 0 ? near_misses_render(&search, builder, array) : r < 0 ? r : 0;
}

static int answer_failure(struct exchange *exchange, const struct verification *verification) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const struct error_report report = {.code = ERROR_INVALID_ENTITY,
                                        .detail = describe(exchange, verification),
                                        .request = &exchange->request};
    if (!report.detail)
        return FATAL(ENOMEM);
    struct json_parent root = json_begin_object(&builder);
    error_render(&report, &builder, root);
    render_count(&builder, root, exchange);
    int r = add_near_misses(exchange, verification, &builder, root);
    return r == 0 ? answer_built(exchange, error_status(&report), &builder) : r;
}

/* Whether nothing that comes can change the outcome: no time is left, or no sandbox. */
static bool is_final(const struct exchange *exchange) {
    return timestamp_monotonic_us() >= exchange->wait.due_us ||
           journal_is_closed(exchange->sandbox->journal);
}

int handle_verify_requests(struct exchange *exchange, const void *input) {
    int r = exchange->wait.kept ? 0 : begin(exchange, input);
    /* Asked before the count, which then has all that came in time. */
    bool final = r == 0 && is_final(exchange);
    const struct verification *verification = exchange->wait.kept;
    if (r == 0)
        r = count_new(exchange, exchange->wait.kept);
    if (r != 0)
        return r;
    bool has_least = verification->count >= verification->at_least;
    if (!exchange->sandbox->journal || verification->count > verification->at_most ||
        (final && !has_least))
        return answer_failure(exchange, verification);
    if (has_least && (final || verification->at_most == INT64_MAX))
        return answer_object(exchange, 200, render_count, exchange);
    return EXCHANGE_WAITS;
}
