/* The journal: lists, counts, finds and removes the exchanges that were recorded. */
#include <errno.h>
#include <strings.h>

#include "admin/admin_answer.h"
#include "admin/request_pattern.h"
#include "admin/serve_event.h"
#include "admin_input.h"
#include "json/json.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

struct answer_list {
    struct journal_list list;
    size_t total;
    bool is_disabled;
};

static struct answer_list make_answer(const struct exchange *exchange,
                                      const struct journal_list *list) {
    return (struct answer_list){
        .list = *list, .total = list->count, .is_disabled = !exchange->sandbox->journal};
}

static void render_event(struct json_builder *builder, struct json_parent root, const void *value) {
    serve_event_render(builder, root, value);
}

static void render_request(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    logged_request_render(builder, root, value, NULL);
}

static void render_whether_disabled(struct json_builder *builder, struct json_parent root,
                                    const void *value) {
    const struct answer_list *answer = value;
    json_add_bool(builder, root, "requestJournalDisabled", answer->is_disabled);
}

static void render_total(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct answer_list *answer = value;
    json_add_integer(builder, json_add_object(builder, root, "meta"), "total",
                     (int64_t)answer->total);
    render_whether_disabled(builder, root, value);
}

/* Answers with the entries as `render_entry` shows each, and the members that `render_rest` adds.
 */
static int answer_entries(struct exchange *exchange, const char *member, answer_render render_entry,
                          answer_render render_rest, const struct answer_list *answer) {
    CLEANUP(admin_list_deinit) struct admin_list list = {0};
    admin_list_begin(&list, exchange, member);
    int r = 0;
    for (size_t i = 0; r == 0 && i < answer->list.count; i++)
        r = admin_list_add(&list, render_entry, answer->list.entries[i]);
    return r == 0 ? admin_list_end(&list, render_rest, answer) : r;
}

static void render_count(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct answer_list *answer = value;
    json_add_integer(builder, root, "count", (int64_t)answer->list.count);
    json_add_bool(builder, root, "requestJournalDisabled", answer->is_disabled);
}

static int test_unmatched(void *cls, const struct journal_entry *entry) {
    (void)cls;
    return serve_event_is_matched(entry);
}

static int test_stub(void *cls, const struct journal_entry *entry) {
    const char *id = cls;
    return !entry->record.stub_id || strcasecmp(entry->record.stub_id, id) != 0;
}

static int test_since(void *cls, const struct journal_entry *entry) {
    const int64_t *since = cls;
    return entry->record.time <= *since;
}

static int test_older(void *cls, const struct journal_entry *entry) {
    size_t *left = cls;
    (void)entry;
    return (*left)-- == 0 ? ++*left, 1 : 0;
}

/* Keeps the entries that the query asks for. The contract has checked that `since` is an
 * instant. */
static int select_page(struct journal_list *list, const struct list_requests_input *in,
                       size_t *ret_total) {
    char *stub = (char *)(uintptr_t)in->query.matching_stub;
    size_t limit = (size_t)in->query.limit;
    int64_t since;
    int r = 0;
    if (in->query.unmatched.value)
        r = journal_list_filter(list, test_unmatched, NULL);
    if (r == 0 && stub)
        r = journal_list_filter(list, test_stub, stub);
    *ret_total = list->count;
    if (r == 0 && in->query.since && timestamp_parse(in->query.since, &since) == 0)
        r = journal_list_filter(list, test_since, &since);
    return r == 0 ? journal_list_filter(list, test_older, &limit) : r;
}

int handle_list_requests(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    size_t total = 0;
    int r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = select_page(&list, input, &total);
    if (r < 0)
        return r;
    struct answer_list answer = make_answer(exchange, &list);
    answer.total = total;
    return answer_entries(exchange, "requests", render_event, render_total, &answer);
}

int handle_delete_requests(struct exchange *exchange, const void *input) {
    (void)input;
    journal_clear(exchange->sandbox->journal);
    return answer_done(exchange, 0, 200, NULL);
}

int handle_reset_requests(struct exchange *exchange, const void *input) {
    return handle_delete_requests(exchange, input);
}

int handle_get_request(struct exchange *exchange, const void *input) {
    const struct get_request_input *in = input;
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    int r = journal_find(exchange->sandbox->journal, in->id, &list);
    if (r == 0 && list.count == 0)
        response_set_empty(&exchange->response, 404);
    else if (r == 0)
        r = answer_object(exchange, 200, render_event, list.entries[0]);
    return r;
}

int handle_delete_request(struct exchange *exchange, const void *input) {
    const struct delete_request_input *in = input;
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    int r = journal_find(exchange->sandbox->journal, in->id, &list);
    if (r < 0)
        return r;
    journal_remove(exchange->sandbox->journal, &list);
    return answer_done(exchange, 0, 200, NULL);
}

/* Lists the entries that match the pattern in the body. Returns 0, >0 when the response is set, or
 * <0. The caller must deinit the list in all cases. */
static int find_matching(struct exchange *exchange, const cJSON *json, struct journal_list *list) {
    CLEANUP(cleanup_pattern) struct pattern *pattern = NULL;
    int r = request_pattern_parse(exchange, json, &json_root, &pattern);
    if (r == 0)
        r = journal_list(exchange->sandbox->journal, list);
    return r == 0 ? request_pattern_filter(exchange, pattern, list) : r;
}

int handle_count_requests(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    (void)input;
    int r = find_matching(exchange, exchange->body, &list);
    if (r != 0)
        return r;
    const struct answer_list answer = make_answer(exchange, &list);
    return answer_object(exchange, 200, render_count, &answer);
}

/* This list, unlike others, starts with the oldest request: clients read it as their story. */
static void reverse(struct journal_list *list) {
    for (size_t i = 0; i < list->count / 2; i++) {
        struct journal_entry *entry = list->entries[i];
        list->entries[i] = list->entries[list->count - 1 - i];
        list->entries[list->count - 1 - i] = entry;
    }
}

int handle_find_requests(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    (void)input;
    int r = find_matching(exchange, exchange->body, &list);
    if (r != 0)
        return r;
    reverse(&list);
    const struct answer_list answer = make_answer(exchange, &list);
    return answer_entries(exchange, "requests", render_request, render_whether_disabled, &answer);
}

/* Removes the entries only after the response that shows them is set. */
static int answer_removed(struct exchange *exchange, const struct journal_list *list) {
    const struct answer_list answer = make_answer(exchange, list);
    int r = answer_entries(exchange, "serveEvents", render_event, NULL, &answer);
    if (r == 0)
        journal_remove(exchange->sandbox->journal, list);
    return r;
}

int handle_remove_requests(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    (void)input;
    int r = find_matching(exchange, exchange->body, &list);
    return r == 0 ? answer_removed(exchange, &list) : r;
}

static int test_metadata(void *cls, const struct journal_entry *entry) {
    const struct matcher *matcher = cls;
    if (!entry->record.stub_json)
        return 1;
    CLEANUP(cleanup_json) cJSON *stub = json_parse_own(entry->record.stub_json);
    return stub ? stub_match_metadata(cJSON_GetObjectItemCaseSensitive(stub, "metadata"), matcher)
                : FATAL(ENOMEM);
}

int handle_remove_requests_by_metadata(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    const struct matcher *matcher = NULL;
    struct json_tree *trees = NULL;
    (void)input;
    int r = admin_parse_matcher(exchange, &trees, &matcher);
    if (r == 0)
        r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = journal_list_filter(&list, test_metadata, (void *)(uintptr_t)matcher);
    json_trees_free(trees);
    return r == 0 ? answer_removed(exchange, &list) : r;
}

int handle_list_unmatched_requests(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    (void)input;
    int r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = journal_list_filter(&list, test_unmatched, NULL);
    if (r < 0)
        return r;
    const struct answer_list answer = make_answer(exchange, &list);
    return answer_entries(exchange, "requests", render_request, render_whether_disabled, &answer);
}

static void render_journal(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct journal_statistics *statistics = value;
    json_add_integer(builder, root, "entries", (int64_t)statistics->count);
    json_add_integer(builder, root, "maxEntries", (int64_t)statistics->capacity);
    json_add_integer(builder, root, "bytes", (int64_t)statistics->bytes);
    json_add_integer(builder, root, "maxBytes", JOURNAL_MAX_BYTES);
    json_add_integer(builder, root, "recorded", (int64_t)statistics->recorded);
    json_add_integer(builder, root, "evicted", (int64_t)statistics->evicted);
    json_add_integer(builder, root, "lost", (int64_t)statistics->lost);
}

int handle_get_journal(struct exchange *exchange, const void *input) {
    struct journal_statistics statistics;
    (void)input;
    journal_measure(exchange->sandbox->journal, &statistics);
    return answer_object(exchange, 200, render_journal, &statistics);
}
