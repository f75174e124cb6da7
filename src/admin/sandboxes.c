/* Sandboxes come and go. */
#include "admin_input.h"
#include "api/answer.h"

struct name_list {
    const char **names;
    size_t count;
};

static void render_sandbox(struct json_builder *builder, cJSON *root, const void *value) {
    json_add_text(builder, root, "name", value);
}

static void render_list(struct json_builder *builder, cJSON *root, const void *value) {
    const struct name_list *list = value;
    cJSON *sandboxes = json_add_array(builder, root, "sandboxes");
    for (size_t i = 0; i < list->count; i++)
        render_sandbox(builder, json_add_object(builder, sandboxes, NULL), list->names[i]);
}

int handle_list_sandboxes(struct exchange *exchange, const void *input) {
    struct name_list list;
    (void)input;
    int r = sandboxes_list(exchange->sandboxes, &exchange->request.arena, &list.names, &list.count);
    return r == 0 ? answer_object(exchange, 200, render_list, &list) : r;
}

int handle_create_sandbox(struct exchange *exchange, const void *input) {
    const struct create_sandbox_input *in = input;
    struct sandbox *sandbox;
    int r = sandboxes_create(exchange->sandboxes, in->name, NULL, &sandbox);
    if (r == SANDBOX_EXISTS)
        exchange_fail(exchange, ERROR_CONFLICT, "there is a sandbox of this name");
    if (r != 0)
        return r == SANDBOX_EXISTS ? 0 : exchange_fail_sandbox(exchange, r);
    sandboxes_leave(exchange->sandboxes, sandbox);
    return answer_object(exchange, 201, render_sandbox, in->name);
}

int handle_delete_sandbox(struct exchange *exchange, const void *input) {
    const struct delete_sandbox_input *in = input;
    int r = sandboxes_delete(exchange->sandboxes, in->name);
    if (r == 0)
        response_set_empty(&exchange->response, 204);
    else if (r == SANDBOX_NOT_FOUND)
        exchange_fail(exchange, ERROR_NOT_FOUND, "no sandbox but the default one has this name");
    return r < 0 ? r : 0;
}
