/* Invitations. */
#include "iam/invitations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "iam/acceptance.h"
#include "util/fatal.h"
#include "util/text.h"

/* An invitation as answers show it. */
struct shown {
    const struct exchange *exchange;
    const struct invitation_view *view;
    int64_t now;
};

struct shown_page {
    const struct exchange *exchange;
    const struct invitation_page *page;
    int64_t now;
};

static int64_t now_of(const struct exchange *exchange) {
    return clock_now(&exchange->sandbox->clock);
}

/* The link leads to the server as the client calls it. */
static void add_link(struct json_builder *builder, struct json_parent object,
                     const struct shown *shown) {
    const struct request *request = &shown->exchange->request;
    const char *host = request_find_header(request, "Host");
    bool usable = host && *host && text_is_utf8(host, strlen(host));
    char *link;
    if (asprintf(&link, "%s://%s%s/ui/invitation/%s", request_scheme(request),
                 usable ? host : "localhost", request->prefix, shown->view->invitation.id) < 0) {
        builder->failed = true;
        return;
    }
    json_add_text(builder, object, "link", link);
    free(link);
}

/* Adds what both forms of an invitation have. */
static void add_invitation(struct json_builder *builder, struct json_parent object,
                           const struct shown *shown) {
    const struct invitation *invitation = &shown->view->invitation;
    json_add_text(builder, object, "tenantId", invitation->tenant);
    json_add_text(builder, object, "email", invitation->email);
    json_add_text(builder, object, "status", invitation_status(invitation, shown->now));
    json_add_instant(builder, object, "sentAt", invitation->sent_at);
    json_add_instant(builder, object, "expiredAt", invitation->expires_at);
    if (invitation->accepted_at != INT64_MIN)
        json_add_instant(builder, object, "acceptedAt", invitation->accepted_at);
    json_add_bool(builder, object, shown->exchange->iam->version->privilege,
                  invitation->super_admin);
    add_link(builder, object, shown);
}

/* A role that is granted in several namespaces is listed once. */
static bool is_first(const struct invitation_view *view, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (view->grants[j].grant.role_pk == view->grants[i].grant.role_pk &&
            view->grants[j].grant.group_pk == view->grants[i].grant.group_pk)
            return false;
    return true;
}

static void add_detail(struct json_builder *builder, struct json_parent object,
                       const struct shown *shown) {
    const struct invitation_view *view = shown->view;
    json_add_text(builder, object, "id", view->invitation.id);
    struct json_parent roles = json_add_array(builder, object, "roles");
    for (size_t i = 0; i < view->n_grants; i++)
        if (view->grants[i].grant.group_pk == 0 && is_first(view, i))
            answer_add_role(builder, json_add_object(builder, roles, NULL),
                            shown->exchange->iam->version, &view->grants[i].role);
    struct json_parent groups = json_add_array(builder, object, "groups");
    for (size_t i = 0; i < view->n_grants; i++)
        if (view->grants[i].grant.group_pk != 0 && is_first(view, i))
            answer_render_group(builder, json_add_object(builder, groups, NULL),
                                &view->grants[i].group);
    add_invitation(builder, object, shown);
}

static void add_binding(struct json_builder *builder, struct json_parent bindings,
                        const char *email, const struct grant_view *grant) {
    struct json_parent binding = json_add_object(builder, bindings, NULL);
    json_add_text(builder, binding, "type", "USER");
    json_add_text(builder, binding, "externalId", email);
    json_add_text(builder, binding, "roleId", grant->role.id);
    json_add_text(builder, binding, "namespaceId", grant->grant.namespace);
    json_add_bool(builder, binding, "deleted", false);
}

/* The form that the invited user sees. */
static void add_own(struct json_builder *builder, struct json_parent object,
                    const struct shown *shown) {
    const struct invitation_view *view = shown->view;
    json_add_text(builder, object, "id", view->invitation.id);
    struct json_parent bindings = json_add_array(builder, object, "bindings");
    for (size_t i = 0; i < view->n_grants; i++)
        if (view->grants[i].grant.group_pk == 0)
            add_binding(builder, bindings, view->invitation.email, &view->grants[i]);
    struct json_parent groups = json_add_array(builder, object, "groupIds");
    for (size_t i = 0; i < view->n_grants; i++)
        if (view->grants[i].grant.group_pk != 0)
            json_add_text(builder, groups, NULL, view->grants[i].group.id);
    add_invitation(builder, object, shown);
    json_add_bool(builder, object, "isExpired",
                  strcmp(invitation_status(&view->invitation, shown->now), "EXPIRED") == 0);
    json_add_bool(builder, object, "deleted", false);
    json_add_text(builder, object, "userType", "STANDARD");
}

static void render_detail(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    add_detail(builder, root, value);
}

static void add_each(struct json_builder *builder, struct json_parent list,
                     const struct shown_page *shown,
                     void (*add)(struct json_builder *builder, struct json_parent object,
                                 const struct shown *shown)) {
    for (size_t i = 0; i < shown->page->count; i++) {
        const struct shown one = {shown->exchange, &shown->page->invitations[i], shown->now};
        add(builder, json_add_object(builder, list, NULL), &one);
    }
}

static void render_list(struct json_builder *builder, struct json_parent root, const void *value) {
    add_each(builder, root, value, add_detail);
}

static void render_own_list(struct json_builder *builder, struct json_parent root,
                            const void *value) {
    add_each(builder, root, value, add_own);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct shown_page *shown = value;
    add_each(builder, json_add_array(builder, root, "results"), shown, add_detail);
    json_add_integer(builder, root, "total", shown->page->total);
}

static int answer_invitation(struct exchange *exchange, int status,
                             const struct invitation_view *view) {
    const struct shown shown = {exchange, view, now_of(exchange)};
    return answer_object(exchange, status, render_detail, &shown);
}

static int read_texts(const cJSON *list, struct arena *arena, struct string_list *ret_texts) {
    size_t count = (size_t)cJSON_GetArraySize(list);
    struct string_list texts = {.items = arena_alloc(arena, count * sizeof(*texts.items))};
    const cJSON *item;
    if (!texts.items)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (item, list) {
        texts.items[texts.count++] = item->valuestring;
    }
    *ret_texts = texts;
    return 0;
}

/* Reads the roles of a valid body. */
static int read_roles(const cJSON *list, struct arena *arena, struct new_invitation *invitation) {
    size_t count = (size_t)cJSON_GetArraySize(list);
    struct invited_role *roles = arena_alloc(arena, count * sizeof(*roles));
    int r = roles ? 0 : FATAL(ENOMEM);
    const cJSON *item = list ? list->child : NULL;
    for (size_t i = 0; r == 0 && item; item = item->next, i++) {
        roles[i].id = cJSON_GetObjectItemCaseSensitive(item, "id")->valuestring;
        r = read_texts(cJSON_GetObjectItemCaseSensitive(item, "namespaces"), arena,
                       &roles[i].namespaces);
    }
    invitation->roles = roles;
    invitation->n_roles = count;
    return r;
}

int handle_create_invitation(struct exchange *exchange, const void *input) {
    const struct create_invitation_input *in = input;
    struct new_invitation invitation = {
        .email = in->body.email,
        .creates_user = in->body.create_user_if_not_exist.value,
        .super_admin = answer_privilege(in->body.instance_owner, in->body.super_admin).value,
        .groups = in->body.groups,
    };
    struct invitation_view view;
    const char *id = in->tenant;
    bool granted;
    int r = read_roles(in->body.roles, &exchange->request.arena, &invitation);
    if (r == 0)
        r = iam_invite(exchange->iam, &exchange->principal, exchange->tenant_pk, &invitation,
                       now_of(exchange), &exchange->request.arena, &granted, &view, &id);
    if (r == IAM_IS_INVITED || r == IAM_HAS_ACCESS || r == IAM_EMAIL_TAKEN)
        id = in->body.email;
    if (r != 0)
        return answer_refusal(exchange, r, id);
    if (!granted)
        return answer_invitation(exchange, 201, &view);
    response_set_empty(&exchange->response, 204);
    return 0;
}

int handle_list_invitations_by_email(struct exchange *exchange, const void *input) {
    const struct list_invitations_by_email_input *in = input;
    struct invitation_page page;
    const struct shown_page shown = {exchange, &page, now_of(exchange)};
    int r = iam_list_invitations_by_email(exchange->iam, exchange->tenant_pk, in->email,
                                          &exchange->request.arena, &page);
    return r == 0 ? answer_array(exchange, 200, render_list, &shown) : r;
}

int handle_search_invitations(struct exchange *exchange, const void *input) {
    const struct search_invitations_input *in = input;
    struct arena *arena = &exchange->request.arena;
    struct listing_request request = LISTING_REQUEST(in->query);
    struct invitation_page page;
    const struct shown_page shown = {exchange, &page, now_of(exchange)};
    const char *problem = NULL;
    int r = listing_request_filter(&request, "email", in->query.email, arena);
    if (r == 0)
        r = listing_request_filter(&request, "status", in->query.status, arena);
    if (r == 0)
        r = iam_list_invitations(exchange->iam, exchange->tenant_pk, &request, shown.now, arena,
                                 &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &shown)
                  : answer_refusal(exchange, r, problem);
}

int handle_get_invitation(struct exchange *exchange, const void *input) {
    const struct get_invitation_input *in = input;
    struct invitation_view view;
    int r = iam_get_invitation(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena,
                               &view);
    return r == 0 ? answer_invitation(exchange, 200, &view) : answer_refusal(exchange, r, in->id);
}

int handle_delete_invitation(struct exchange *exchange, const void *input) {
    const struct delete_invitation_input *in = input;
    int r =
        iam_delete_invitation(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena);
    return answer_done(exchange, r, 204, in->id);
}

int handle_find_all_invitations_for_current_user(struct exchange *exchange, const void *input) {
    struct invitation_page page;
    const struct shown_page shown = {exchange, &page, now_of(exchange)};
    const char *id;
    (void)input;
    int r = answer_find_self(exchange, &id);
    if (r == 0)
        r = iam_list_invitations_of_user(exchange->iam, id, &exchange->request.arena, &page);
    return r == 0 ? answer_array(exchange, 200, render_own_list, &shown)
                  : answer_refusal(exchange, r, id);
}

int handle_accept_invitation(struct exchange *exchange, const void *input) {
    const struct accept_invitation_input *in = input;
    const char *id = in->invitation_id;
    int r = iam_accept_invitation(exchange->iam, in->invitation_id, now_of(exchange),
                                  &exchange->request.arena, &id);
    return r == 0 ? answer_empty_object(exchange) : answer_refusal(exchange, r, id);
}

int handle_create_from_invitation(struct exchange *exchange, const void *input) {
    const struct create_from_invitation_input *in = input;
    const struct invited_user invited = {in->body.first_name, in->body.last_name,
                                         in->body.password};
    const char *id = in->invitation_id;
    bool weak = false;
    int r = answer_weak_password(exchange, "password", in->body.password, &weak);
    if (r < 0 || weak)
        return r;
    r = iam_create_from_invitation(exchange->iam, in->invitation_id, &invited, now_of(exchange),
                                   &exchange->request.arena, &id);
    return r == 0 ? answer_empty_object(exchange) : answer_refusal(exchange, r, id);
}
