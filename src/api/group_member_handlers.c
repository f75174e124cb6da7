/* The members of a group. */
#include "iam/group_members.h"

#include "api/answer.h"
#include "contract_input.h"

static void render_member(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct user_view *view = value;
    answer_add_user(builder, root, view);
    struct json_parent groups = json_add_array(builder, root, "groups");
    for (size_t i = 0; i < view->n_groups; i++) {
        const struct user_group *group = &view->groups[i];
        struct json_parent object = json_add_object(builder, groups, NULL);
        json_add_text(builder, object, "id", group->id);
        json_add_text(builder, object, "name", group->name);
        json_add_bool(builder, object, "external", group->external);
        json_add_text(builder, object, "membership", membership_kind_name(group->kind));
    }
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct user_page *page = value;
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < page->count; i++)
        render_member(builder, json_add_object(builder, results, NULL), &page->users[i]);
    json_add_integer(builder, root, "total", page->total);
}

int handle_search_group_members(struct exchange *exchange, const void *input) {
    const struct search_group_members_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct user_page page;
    const char *problem = in->id;
    if (listing_request_searches(&request) && answer_leaves_thread(exchange, ROWS_USERS, &request))
        return EXCHANGE_SLOW;
    int r = iam_list_members(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                             &request, &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, problem);
}

static int answer_change(struct exchange *exchange, int r, const struct user_view *view,
                         const char *group_id, const char *user_id) {
    return r == 0 ? answer_object(exchange, 200, render_member, view)
                  : answer_refusal(exchange, r, r == IAM_UNKNOWN_GROUP ? group_id : user_id);
}

int handle_add_user_to_group(struct exchange *exchange, const void *input) {
    const struct add_user_to_group_input *in = input;
    struct user_view view;
    int r = iam_add_member(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                           in->user_id, &exchange->request.arena, &view);
    return answer_change(exchange, r, &view, in->id, in->user_id);
}

int handle_delete_user_from_group(struct exchange *exchange, const void *input) {
    const struct delete_user_from_group_input *in = input;
    struct user_view view;
    int r = iam_remove_member(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                              in->user_id, &exchange->request.arena, &view);
    return answer_change(exchange, r, &view, in->id, in->user_id);
}

int handle_set_user_membership_for_group(struct exchange *exchange, const void *input) {
    const struct set_user_membership_for_group_input *in = input;
    struct user_view view;
    enum membership_kind kind = membership_kind_of(in->query.membership);
    int r = iam_set_member_kind(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                                in->user_id, kind, &exchange->request.arena, &view);
    return answer_change(exchange, r, &view, in->id, in->user_id);
}
