/* Near misses: the requests or stubs that come closest to a match, and what differs. */
#include <errno.h>

#include "admin/admin_answer.h"
#include "admin/logged_request.h"
#include "admin/near_misses.h"
#include "admin/request_pattern.h"
#include "admin/serve_event.h"
#include "admin_input.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum { MAX_UNMATCHED = 20 }; /* requests for which kestub searches the nearest stubs */

/* Takes over the tree and answers with it, unless the search was given up or the response is
 * already set (r > 0). */
static int answer_misses(struct exchange *exchange, int r, cJSON *root) {
    CLEANUP(cleanup_json) cJSON *tree = root;
    if (r == NEAR_MISSES_GIVEN_UP && exchange->response.status == 0)
        request_pattern_refuse_search(exchange);
    if (r == 0)
        r = response_set_json(&exchange->response, 200, tree);
    return r;
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
    cJSON *root = cJSON_CreateObject();
    cJSON *misses = cJSON_AddArrayToObject(root, "nearMisses");
    if (r == 0)
        r = misses ? near_misses_render(&search, misses) : FATAL(ENOMEM);
    return answer_misses(exchange, r, root);
}

/* Adds to the list the stubs that come closest to the request. */
static int add_nearest_stubs(struct near_miss_search *search, const struct stub_list *stubs,
                             const struct journal_entry *entry, cJSON *misses) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < stubs->count; i++)
        if (stubs->stubs[i]->pattern)
            r = near_misses_consider(search, (struct near_miss){.entry = entry,
                                                                .pattern = stubs->stubs[i]->pattern,
                                                                .stub = stubs->stubs[i]});
    return r == 0 ? near_misses_render(search, misses) : r;
}

int handle_find_near_misses_for_request(struct exchange *exchange, const void *input) {
    CLEANUP(stub_list_deinit) struct stub_list stubs = {0};
    struct near_miss_search search = near_misses_start(exchange);
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
    struct near_miss_search search = near_misses_start(exchange);
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
