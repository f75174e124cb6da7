/* Roles. */
#include "iam/roles.h"

#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "util/fatal.h"

enum { AUTOCOMPLETE_SIZE = 50 };

/* A role as answers show it. */
struct shown {
    const struct version *version;
    const struct role *role;
};

struct shown_page {
    const struct version *version;
    const struct role_page *page;
};

static void add_detail(struct json_builder *builder, struct json_parent object,
                       const struct version *version, const struct role *role) {
    json_add_text(builder, object, "id", role->id);
    json_add_text(builder, object, "name", role->name);
    json_add_text(builder, object, "description", role->description);
    permissions_show(version->vocabulary, role->permissions, role->template, builder, object,
                     "permissions");
    json_add_bool(builder, object, "isDefault", role->is_default);
    json_add_bool(builder, object, "isManaged", role->template != NULL);
}

static void render_detail(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct shown *shown = value;
    add_detail(builder, root, shown->version, shown->role);
}

static void render_list(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct shown_page *shown = value;
    for (size_t i = 0; i < shown->page->count; i++)
        answer_add_role(builder, json_add_object(builder, root, NULL), shown->version,
                        &shown->page->roles[i]);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct shown_page *shown = value;
    render_list(builder, json_add_array(builder, root, "results"), shown);
    json_add_integer(builder, root, "total", shown->page->total);
}

static void render_whole_list(struct json_builder *builder, struct json_parent root,
                              const void *value) {
    const struct shown_page *shown = value;
    for (size_t i = 0; i < shown->page->count; i++) {
        struct json_parent object = json_add_object(builder, root, NULL);
        add_detail(builder, object, shown->version, &shown->page->roles[i]);
        json_add_bool(builder, object, "deleted", false);
    }
}

static int answer_role(struct exchange *exchange, int r, const struct role *role,
                       const char *problem) {
    const struct shown shown = {.version = exchange_version(exchange), .role = role};
    return r == 0 ? answer_object(exchange, 200, render_detail, &shown)
                  : answer_refusal(exchange, r, problem);
}

/* Returns 0, EXCHANGE_ANSWERED when the permissions are invalid, or <0. */
static int read_details(struct exchange *exchange, const struct role_request_body *body,
                        struct role_details *ret_details) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place place = json_place_member(&root, "permissions");
    struct role_details details = {
        .name = body->name, .description = body->description, .is_default = body->is_default.value};
    int r = permissions_read(exchange->iam->version->vocabulary, body->permissions, &place,
                             &violations, &details.permissions);
    if (r > 0)
        return exchange_refuse_body(exchange,
                                    violations_have_unreadable(&violations) ? ERROR_INVALID_JSON
                                                                            : ERROR_INVALID_ENTITY,
                                    &violations);
    if (r == 0)
        *ret_details = details;
    return r;
}

int handle_create_role(struct exchange *exchange, const void *input) {
    const struct create_role_input *in = input;
    struct role_details details;
    struct role role;
    int r = read_details(exchange, &in->body, &details);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_create_role(exchange->iam, &exchange->principal, exchange->tenant_pk, &details,
                        &exchange->request.arena, &role);
    return answer_role(exchange, r, &role, in->tenant);
}

int handle_get_role(struct exchange *exchange, const void *input) {
    const struct get_role_input *in = input;
    struct role role;
    int r =
        iam_get_role(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena, &role);
    return answer_role(exchange, r, &role, in->id);
}

int handle_update_role(struct exchange *exchange, const void *input) {
    const struct update_role_input *in = input;
    struct role_details details;
    struct role role;
    int r = read_details(exchange, &in->body, &details);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_update_role(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id, &details,
                        &exchange->request.arena, &role);
    return answer_role(exchange, r, &role, in->id);
}

int handle_delete_role(struct exchange *exchange, const void *input) {
    const struct delete_role_input *in = input;
    int r = iam_delete_role(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena);
    return answer_done(exchange, r, 204, in->id);
}

int handle_search_roles(struct exchange *exchange, const void *input) {
    const struct search_roles_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct role_page page;
    const struct shown_page shown = {exchange_version(exchange), &page};
    const char *problem = NULL;
    int r = iam_list_roles(exchange->iam, exchange->tenant_pk, &request, &exchange->request.arena,
                           &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &shown)
                  : answer_refusal(exchange, r, problem);
}

/* Appends the roles of `more` that are not in the page yet. */
static int append(struct arena *arena, struct role_page *page, const struct role_page *more) {
    struct role *roles = arena_alloc(arena, (page->count + more->count) * sizeof(*roles));
    if (!roles)
        return FATAL(ENOMEM);
    size_t count = page->count;
    if (count > 0)
        memcpy(roles, page->roles, count * sizeof(*roles));
    for (size_t i = 0; i < more->count; i++) {
        bool listed = false;
        for (size_t j = 0; !listed && j < page->count; j++)
            listed = page->roles[j].pk == more->roles[i].pk;
        if (!listed && count < AUTOCOMPLETE_SIZE)
            roles[count++] = more->roles[i];
    }
    *page = (struct role_page){roles, count, (int64_t)count};
    return 0;
}

int handle_autocomplete_roles(struct exchange *exchange, const void *input) {
    const struct autocomplete_roles_input *in = input;
    struct arena *arena = &exchange->request.arena;
    const struct listing_request request = {.page = 1, .size = AUTOCOMPLETE_SIZE, .q = in->body.q};
    bool searches = !in->body.existing_only.value && (request.q || in->body.ids.count == 0);
    const char *problem = NULL;
    struct role_page page;
    struct role_page found;
    const struct shown_page shown = {exchange_version(exchange), &page};
    int r = iam_find_roles(exchange->iam, exchange->tenant_pk, &in->body.ids, arena, &page);
    if (r == 0 && searches)
        r = iam_list_roles(exchange->iam, exchange->tenant_pk, &request, arena, &found, &problem);
    if (r == 0 && searches)
        r = append(arena, &page, &found);
    return r == 0 ? answer_array(exchange, 200, render_list, &shown)
                  : answer_refusal(exchange, r, problem);
}

int handle_list_roles_from_given_ids(struct exchange *exchange, const void *input) {
    const struct list_roles_from_given_ids_input *in = input;
    struct role_page page;
    const struct shown_page shown = {exchange_version(exchange), &page};
    int r = iam_find_roles(exchange->iam, exchange->tenant_pk, &in->body.ids,
                           &exchange->request.arena, &page);
    return r == 0 ? answer_array(exchange, 200, render_whole_list, &shown) : r;
}
