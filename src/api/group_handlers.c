/* Groups. */
#include "iam/groups.h"

#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "util/fatal.h"

enum { AUTOCOMPLETE_SIZE = 50 };

static void render_list(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct group_page *page = value;
    for (size_t i = 0; i < page->count; i++)
        answer_render_group(builder, json_add_object(builder, root, NULL), &page->groups[i]);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct group_page *page = value;
    render_list(builder, json_add_array(builder, root, "results"), page);
    json_add_integer(builder, root, "total", page->total);
}

int handle_create_group(struct exchange *exchange, const void *input) {
    const struct create_group_input *in = input;
    struct group group;
    const char *unknown = in->body.name;
    int r =
        iam_create_group(exchange->iam, exchange->tenant_pk, in->body.name, in->body.description,
                         &in->body.members_id, &exchange->request.arena, &group, &unknown);
    return r == 0 ? answer_object(exchange, 200, answer_render_group, &group)
                  : answer_refusal(exchange, r, r == IAM_UNKNOWN_TENANT ? in->tenant : unknown);
}

int handle_search_groups(struct exchange *exchange, const void *input) {
    const struct search_groups_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct group_page page;
    const char *problem = NULL;
    if (answer_leaves_thread(exchange, ROWS_GROUPS, &request))
        return EXCHANGE_SLOW;
    int r = iam_list_groups(exchange->iam, exchange->tenant_pk, &request, &exchange->request.arena,
                            &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, problem);
}

/* Appends the groups of `more` that are not in the page yet. */
static int append(struct arena *arena, struct group_page *page, const struct group_page *more) {
    struct group *groups = arena_alloc(arena, (page->count + more->count) * sizeof(*groups));
    if (!groups)
        return FATAL(ENOMEM);
    size_t count = page->count;
    if (count > 0)
        memcpy(groups, page->groups, count * sizeof(*groups));
    for (size_t i = 0; i < more->count; i++) {
        bool listed = false;
        for (size_t j = 0; !listed && j < page->count; j++)
            listed = page->groups[j].pk == more->groups[i].pk;
        if (!listed && count < AUTOCOMPLETE_SIZE)
            groups[count++] = more->groups[i];
    }
    *page = (struct group_page){groups, count, (int64_t)count};
    return 0;
}

int handle_autocomplete_groups(struct exchange *exchange, const void *input) {
    const struct autocomplete_groups_input *in = input;
    struct arena *arena = &exchange->request.arena;
    const struct listing_request request = {
        .page = 1, .size = AUTOCOMPLETE_SIZE, .q = in->body.q, .filters = in->query.filters};
    bool has_filters = request.filters.count > 0;
    bool searches =
        !in->body.existing_only.value && (request.q || has_filters || in->body.ids.count == 0);
    const char *problem = NULL;
    struct group_page page;
    struct group_page found;
    if (searches && answer_leaves_thread(exchange, ROWS_GROUPS, &request))
        return EXCHANGE_SLOW;
    int r = iam_find_groups(exchange->iam, exchange->tenant_pk, &in->body.ids, arena, &page);
    if (r == 0 && (searches || has_filters)) /* invalid filters are always refused */
        r = iam_list_groups(exchange->iam, exchange->tenant_pk, &request, arena, &found, &problem);
    if (r == 0 && searches)
        r = append(arena, &page, &found);
    return r == 0 ? answer_array(exchange, 200, render_list, &page)
                  : answer_refusal(exchange, r, problem);
}

int handle_list_group_ids(struct exchange *exchange, const void *input) {
    const struct list_group_ids_input *in = input;
    struct group_page page;
    int r = iam_find_groups(exchange->iam, exchange->tenant_pk, &in->body.ids,
                            &exchange->request.arena, &page);
    return r == 0 ? answer_array(exchange, 200, render_list, &page) : r;
}

int handle_get_group(struct exchange *exchange, const void *input) {
    const struct get_group_input *in = input;
    struct group group;
    int r =
        iam_get_group(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena, &group);
    return r == 0 ? answer_object(exchange, 200, answer_render_group, &group)
                  : answer_refusal(exchange, r, in->id);
}

int handle_update_group(struct exchange *exchange, const void *input) {
    const struct update_group_input *in = input;
    struct group group;
    int r = iam_update_group(exchange->iam, exchange->tenant_pk, in->id, in->body.name,
                             in->body.description, &exchange->request.arena, &group);
    return r == 0 ? answer_object(exchange, 200, answer_render_group, &group)
                  : answer_refusal(exchange, r, r == IAM_NAME_TAKEN ? in->body.name : in->id);
}

int handle_delete_group(struct exchange *exchange, const void *input) {
    const struct delete_group_input *in = input;
    int r = iam_delete_group(exchange->iam, exchange->tenant_pk, in->id);
    return answer_done(exchange, r, 200, in->id);
}
