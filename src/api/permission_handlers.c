/* What roles can permit. */
#include "api/answer.h"
#include "contract/permissions.h"
#include "contract_input.h"

static void add_actions(struct json_builder *builder, struct json_parent list,
                        const struct vocabulary *vocabulary, uint64_t actions) {
    for (size_t i = 0; i < vocabulary->n_actions; i++)
        if (actions & UINT64_C(1) << i)
            json_add_text(builder, list, NULL, vocabulary->actions[i]);
}

static void render_map(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct vocabulary *vocabulary = value;
    for (size_t i = 0; i < vocabulary->n_resources; i++)
        add_actions(builder, json_add_array(builder, root, vocabulary->resources[i].name),
                    vocabulary, vocabulary->resources[i].actions);
}

static void render_names(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct vocabulary *vocabulary = value;
    for (size_t i = 0; i < vocabulary->n_resources; i++)
        json_add_text(builder, root, NULL, vocabulary->resources[i].name);
}

static void render_actions(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct vocabulary *vocabulary = value;
    uint64_t actions = 0;
    for (size_t i = 0; i < vocabulary->n_resources; i++)
        actions |= vocabulary->resources[i].actions;
    add_actions(builder, root, vocabulary, actions);
}

static void render_templates(struct json_builder *builder, struct json_parent root,
                             const void *value) {
    const struct vocabulary *vocabulary = value;
    for (size_t i = 0; i < vocabulary->n_managed; i++)
        permissions_show(vocabulary, NULL, vocabulary->managed[i].template, builder, root,
                         vocabulary->managed[i].template);
}

int handle_list_permissions(struct exchange *exchange, const void *input) {
    const struct version *version = exchange_version(exchange);
    (void)input;
    return version->lists_resources ? answer_array(exchange, 200, render_names, version->vocabulary)
                                    : answer_object(exchange, 200, render_map, version->vocabulary);
}

int handle_list_templates(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_object(exchange, 200, render_templates, exchange_version(exchange)->vocabulary);
}

int handle_list_actions(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_array(exchange, 200, render_actions, exchange_version(exchange)->vocabulary);
}
