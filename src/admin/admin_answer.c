#include "admin/admin_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"

int admin_answer_text(struct exchange *exchange, int status, const char *json) {
    char *copy = strdup(json);
    if (!copy)
        return FATAL(ENOMEM);
    response_set_owned(&exchange->response, status, "application/json", copy, strlen(copy));
    return 0;
}

int admin_answer_printed(struct exchange *exchange, const char *content_type,
                         void (*print)(FILE *out, const void *cls), const void *cls) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return FATAL(ENOMEM);
    print(out, cls);
    if (fclose(out) != 0) {
        free(text);
        return FATAL(ENOMEM);
    }
    response_set_owned(&exchange->response, 200, content_type, text, size);
    return 0;
}

void admin_render_name(struct json_builder *builder, struct json_parent root, const void *value) {
    json_add_text(builder, root, "name", value);
}

struct name_list {
    const char *member;
    const char *const *names;
    size_t count;
};

static void render_names(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct name_list *list = value;
    struct json_parent array = json_add_array(builder, root, list->member);
    for (size_t i = 0; i < list->count; i++)
        admin_render_name(builder, json_add_object(builder, array, NULL), list->names[i]);
}

int admin_answer_names(struct exchange *exchange, const char *member, const char *const *names,
                       size_t count) {
    const struct name_list list = {member, names, count};
    return answer_object(exchange, 200, render_names, &list);
}

static int check(struct admin_list *list) {
    int r = cancellation_check_growth(list->exchange->cancellation, list->builder.text.size);
    return r == 0 && list->builder.failed ? json_end(&list->builder) : r;
}

void admin_list_begin(struct admin_list *list, struct exchange *exchange, const char *member) {
    *list = (struct admin_list){.exchange = exchange, .builder = answer_builder(exchange)};
    list->root = json_begin_object(&list->builder);
    list->items = json_add_array(&list->builder, list->root, member);
}

int admin_list_add_text(struct admin_list *list, const char *json) {
    json_add_printed(&list->builder, list->items, NULL, json);
    return check(list);
}

int admin_list_add(struct admin_list *list, answer_render render, const void *value) {
    render(&list->builder, json_add_object(&list->builder, list->items, NULL), value);
    return check(list);
}

int admin_list_end(struct admin_list *list, answer_render render, const void *value) {
    if (render)
        render(&list->builder, list->root, value);
    return answer_built(list->exchange, 200, &list->builder);
}

void admin_list_deinit(struct admin_list *list) {
    json_builder_deinit(&list->builder);
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
