#include "admin/admin_answer.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_print.h"
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

static int append(struct admin_list *list, const char *text) {
    size_t size = strlen(text);
    int r = cancellation_check_growth(list->exchange->cancellation, list->text.size + size);
    return r == 0 ? buffer_append(&list->text, text, size, SIZE_MAX / 2) : r;
}

int admin_list_begin(struct admin_list *list, struct exchange *exchange, const char *member) {
    *list = (struct admin_list){.exchange = exchange};
    int r = append(list, "{\"");
    if (r == 0)
        r = append(list, member);
    return r == 0 ? append(list, "\":[") : r;
}

int admin_list_add_text(struct admin_list *list, const char *json) {
    int r = list->has_items ? append(list, ",") : 0;
    list->has_items = true;
    return r == 0 ? append(list, json) : r;
}

/* Returns 0 and the text of the object (owned by the caller), or -ENOMEM. */
static int print_object(answer_render render, const void *value, char **ret_text) {
    CLEANUP(cleanup_json) cJSON *root = cJSON_CreateObject();
    struct json_builder builder = {.failed = !root};
    render(&builder, root, value);
    char *text = builder.failed ? NULL : json_print(root);
    if (!text)
        return FATAL(ENOMEM);
    *ret_text = text;
    return 0;
}

int admin_list_add(struct admin_list *list, answer_render render, const void *value) {
    CLEANUP(cleanup_free) char *text = NULL;
    int r = print_object(render, value, &text);
    return r == 0 ? admin_list_add_text(list, text) : r;
}

int admin_list_end(struct admin_list *list, answer_render render, const void *value) {
    CLEANUP(cleanup_free) char *rest = NULL;
    int r = render ? print_object(render, value, &rest) : 0;
    if (r == 0)
        r = append(list, rest ? "]," : "]}");
    if (r == 0 && rest)
        r = append(list, rest + 1); /* without its brace */
    if (r == 0)
        response_set_owned(&list->exchange->response, 200, "application/json",
                           TAKE(list->text.bytes), list->text.size);
    return r;
}

void admin_list_deinit(struct admin_list *list) {
    buffer_deinit(&list->text);
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
