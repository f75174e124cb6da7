#include <errno.h>
#include <string.h>

#include "match/operators.h"
#include "json/json_compare.h"

/* What a path leads to is printed for the operator that looks at it. */
enum { PRINTED_BYTES_PER_STEP = 4 };

/* The argument: JSON, or a string that holds JSON. */
static int read_json(struct matcher_parser *parser, const cJSON *argument, const cJSON **ret_json) {
    const char *reason = "";
    *ret_json = argument;
    if (!cJSON_IsString(argument))
        return 0;
    const char *text = argument->valuestring;
    int r = json_trees_parse(&parser->trees, parser->arena, text, strlen(text), ret_json, &reason);
    return r > 0 ? matcher_refuse(parser, "is no JSON: %s", reason) : r;
}

/* NULL when memory is out. */
static const char *print(struct arena *arena, const cJSON *json) {
    char *printed = cJSON_PrintUnformatted(json);
    const char *text = printed ? arena_copy(arena, printed, strlen(printed)) : NULL;
    cJSON_free(printed);
    return text;
}

static int read_flag(struct matcher_parser *parser, const cJSON *object, const char *name,
                     bool *ret_flag) {
    const cJSON *option = cJSON_GetObjectItemCaseSensitive(object, name);
    *ret_flag = cJSON_IsTrue(option);
    return !option || cJSON_IsBool(option) || cJSON_IsNull(option)
               ? 0
               : matcher_refuse(parser, "has a \"%s\" that is not true or false", name);
}

int operator_parse_json(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                        struct matcher *matcher) {
    int r = read_json(parser, argument, &matcher->json);
    if (r == 0)
        r = read_flag(parser, object, "ignoreArrayOrder", &matcher->ignores_array_order);
    if (r == 0)
        r = read_flag(parser, object, "ignoreExtraElements", &matcher->ignores_extra_elements);
    if (r != 0)
        return r;
    matcher->text = print(parser->arena, matcher->json);
    if (!matcher->text)
        return -ENOMEM;
    matcher->size = strlen(matcher->text);
    return 0;
}

int operator_equal_to_json(const struct matcher *matcher, struct matching *matching,
                           struct match_value *value) {
    const cJSON *json = NULL;
    struct json_comparison comparison = {
        .ignore_array_order = matcher->ignores_array_order,
        .ignore_extra_elements = matcher->ignores_extra_elements,
        .placeholders = true,
        .arena = &matching->arena,
        .budget = &matching->budget,
    };
    int r = matching_read_json(matching, value, &json);
    return r == 0 ? json_compare(&comparison, matcher->json, json) : r;
}

int operator_parse_schema(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                          struct matcher *matcher) {
    char reason[JSON_SCHEMA_ERROR_SIZE];
    const cJSON *tree = NULL;
    (void)object;
    int r = read_json(parser, argument, &tree);
    if (r != 0)
        return r;
    r = json_schema_parse(tree, parser->arena, &matcher->schema, reason);
    return r > 0 ? matcher_refuse(parser, "%s", reason) : r;
}

int operator_matches_schema(const struct matcher *matcher, struct matching *matching,
                            struct match_value *value) {
    const cJSON *json = NULL;
    int r = matching_read_json(matching, value, &json);
    return r == 0 ? json_schema_check(matcher->schema, json, &matching->arena, &matching->budget)
                  : r;
}

int operator_parse_path(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                        struct matcher *matcher) {
    char reason[JSON_PATH_ERROR_SIZE];
    const cJSON *expression = argument;
    (void)object;
    if (cJSON_IsObject(argument)) {
        expression = cJSON_GetObjectItemCaseSensitive(argument, "expression");
        matcher->n_children =
            expression && expression->next == NULL && expression == argument->child ? 0 : 1;
    }
    const char *text = cJSON_GetStringValue(expression);
    if (!text)
        return matcher_refuse(parser, "must be a JSONPath, or have one as its \"expression\"");
    int r = json_path_parse(text, parser->arena, &matcher->path, reason);
    if (r != 0)
        return r > 0 ? matcher_refuse(parser, "%s", reason) : r;
    if (matcher->n_children == 0)
        return 0;
    matcher->children = arena_alloc(parser->arena, sizeof(struct matcher *));
    if (!matcher->children)
        return -ENOMEM;
    return matcher_parse(parser, argument, "expression", &matcher->children[0]);
}

/* Without an operator of its own a path must lead to something that is neither null nor empty. */
static int match_existence(const struct matcher *matcher, const struct json_nodes *nodes) {
    if (nodes->count == 0)
        return 1;
    const cJSON *node = nodes->items[0];
    bool is_empty = (cJSON_IsArray(node) || cJSON_IsObject(node)) && !node->child;
    return json_path_is_definite(matcher->path) && (cJSON_IsNull(node) || is_empty) ? 1 : 0;
}

static int match_node(const struct matcher *matcher, struct matching *matching, const cJSON *node) {
    struct match_value value = {.text = node->valuestring};
    if (cJSON_IsNull(node))
        return matcher_match(matcher, matching, NULL);
    if (!cJSON_IsString(node)) {
        value.json = node;
        value.json_state = MATCH_JSON_VALID;
        value.text = print(&matching->arena, node);
        if (!value.text)
            return -ENOMEM;
    }
    value.size = strlen(value.text);
    if (!budget_spend(&matching->budget, value.size / PRINTED_BYTES_PER_STEP + 1))
        return 1;
    return matcher_match(matcher, matching, &value);
}

int operator_matches_path(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value) {
    const cJSON *json = NULL;
    struct json_nodes nodes = {0};
    int r = matching_read_json(matching, value, &json);
    if (r == 0)
        r = json_path_find(matcher->path, json, &matching->arena, &matching->budget, &nodes);
    if (r != 0)
        return r;
    if (matcher->n_children == 0)
        return match_existence(matcher, &nodes);
    const struct matcher *child = matcher->children[0];
    r = nodes.count == 0 ? matcher_match(child, matching, NULL) : 1;
    for (size_t i = 0; i < nodes.count && r > 0 && !matching->budget.exhausted; i++)
        r = match_node(child, matching, nodes.items[i]);
    if (r <= 0 || !json_path_is_definite(matcher->path) || nodes.count == 0 ||
        !cJSON_IsArray(nodes.items[0]))
        return r;
    /* A list may match as a whole or by one of its items. */
    for (const cJSON *item = nodes.items[0]->child; item && r > 0 && !matching->budget.exhausted;
         item = item->next)
        r = match_node(child, matching, item);
    return r;
}
