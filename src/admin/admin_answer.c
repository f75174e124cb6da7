#include "admin/admin_answer.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/fatal.h"

int admin_answer_text(struct exchange *exchange, int status, const char *json) {
    char *copy = strdup(json);
    if (!copy)
        return FATAL(ENOMEM);
    response_set_owned(&exchange->response, status, "application/json", copy, strlen(copy));
    return 0;
}

int admin_answer_tree(struct exchange *exchange, int status, cJSON *tree) {
    CLEANUP(cleanup_json) cJSON *root = tree;
    return root ? response_set_json(&exchange->response, status, root) : FATAL(ENOMEM);
}

void admin_render_name(struct json_builder *builder, cJSON *root, const void *value) {
    json_add_text(builder, root, "name", value);
}

struct name_list {
    const char *member;
    const char *const *names;
    size_t count;
};

static void render_names(struct json_builder *builder, cJSON *root, const void *value) {
    const struct name_list *list = value;
    cJSON *array = json_add_array(builder, root, list->member);
    for (size_t i = 0; i < list->count; i++)
        admin_render_name(builder, json_add_object(builder, array, NULL), list->names[i]);
}

int admin_answer_names(struct exchange *exchange, const char *member, const char *const *names,
                       size_t count) {
    const struct name_list list = {member, names, count};
    return answer_object(exchange, 200, render_names, &list);
}

int admin_parse_matcher(struct exchange *exchange, struct json_tree **ret_trees,
                        const struct matcher **ret_matcher) {
    struct violations violations = {.arena = &exchange->request.arena};
    struct json_reader reader = {.arena = &exchange->request.arena, .violations = &violations};
    const struct json_place root = exchange_body_place(exchange);
    int r = matcher_parse(&reader, &root, exchange->body, NULL, ret_matcher);
    *ret_trees = reader.trees;
    return r > 0 ? exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations) : r;
}
