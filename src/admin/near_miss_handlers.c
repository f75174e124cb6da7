/* Near misses: the requests or stubs that come closest to a match, and what differs. */
#include "admin/admin_answer.h"
#include "admin/logged_request.h"
#include "admin/near_misses.h"
#include "admin/request_pattern.h"
#include "admin/serve_event.h"
#include "admin_input.h"
#include "util/cleanup.h"

enum { MAX_UNMATCHED = 20 }; /* requests for which kestub searches the nearest stubs */

static struct json_parent begin_misses(struct json_builder *builder) {
    return json_add_array(builder, json_begin_object(builder), "nearMisses");
}

/* Answers with the misses, unless the search was given up or the response is already set
 * (r > 0). */
static int answer_misses(struct exchange *exchange, int r, struct json_builder *builder) {
    if (r == NEAR_MISSES_GIVEN_UP && exchange->response.status == 0)
        request_pattern_refuse_search(exchange);
    return r == 0 ? answer_built(exchange, 200, builder) : r;
}

int handle_find_near_misses_for_pattern(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    CLEANUP(cleanup_pattern) struct pattern *pattern = NULL;
    struct near_miss_search search = near_misses_start(exchange);
    (void)input;
    int r = request_pattern_parse(exchange, exchange->body, &json_root, &pattern);
    if (r == 0)
        r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = near_misses_consider_all(&search, &list, pattern, exchange->body);
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    struct json_parent misses = begin_misses(&builder);
    if (r == 0)
        r = near_misses_render(&search, &builder, misses);
    return answer_misses(exchange, r, &builder);
}

/* Adds to the list the stubs that come closest to the request. */
static int add_nearest_stubs(struct near_miss_search *search, const struct stub_list *stubs,
                             const struct journal_entry *entry, struct json_builder *builder,
                             struct json_parent misses) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < stubs->count; i++)
        if (stubs->stubs[i]->pattern)
            r = near_misses_consider(search, (struct near_miss){.entry = entry,
                                                                .pattern = stubs->stubs[i]->pattern,
                                                                .stub = stubs->stubs[i]});
    return r == 0 ? near_misses_render(search, builder, misses) : r;
}

int handle_find_near_misses_for_request(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list stubs = {0};
    struct near_miss_search search = near_misses_start(exchange);
    struct journal_entry entry;
    (void)input;
    int r = logged_request_read(exchange, exchange->body, &entry);
    if (r == 0)
        r = stubs_list(exchange->sandbox->stubs, &stubs);
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    struct json_parent misses = begin_misses(&builder);
    if (r == 0)
        r = add_nearest_stubs(&search, &stubs, &entry, &builder, misses);
    return answer_misses(exchange, r, &builder);
}

int handle_find_near_misses_of_unmatched(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    CLEANUP(stub_list_deinit) struct stub_list stubs = {0};
    struct near_miss_search search = near_misses_start(exchange);
    (void)input;
    int r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = stubs_list(exchange->sandbox->stubs, &stubs);
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    struct json_parent misses = begin_misses(&builder);
    size_t shown = 0;
    for (size_t i = 0; r == 0 && i < list.count && shown < MAX_UNMATCHED; i++) {
        if (!serve_event_is_matched(list.entries[i])) {
            r = add_nearest_stubs(&search, &stubs, list.entries[i], &builder, misses);
            shown++;
        }
    }
    return answer_misses(exchange, r, &builder);
}
