#include <errno.h>
#include <string.h>

#include "json/json_compare.h"
#include "json/json_print.h"
#include "match/operators.h"
#include "util/fatal.h"

/* The value at a path is printed as JSON for its operator. */
enum { PRINTED_BYTES_PER_STEP = 4 };

/* Reads an argument that is JSON, or a string that contains JSON. */
static int read_json(struct json_reader *reader, const struct json_place *place, const cJSON *value,
                     const cJSON **ret_json) {
    const char *reason;
    if (!cJSON_IsString(value)) {
        *ret_json = value;
        return 0;
    }
    const char *text = value->valuestring;
    int r = json_trees_parse(&reader->trees, reader->arena, text, strlen(text), ret_json, &reason);
    return r > 0 ? violations_refuse(reader->violations, place, "is not valid JSON: %s", reason)
                 : r;
}

/* Returns NULL when memory is out. */
static const char *print(struct arena *arena, const cJSON *json) {
    char *printed = json_print(json);
    const char *text = printed ? arena_copy(arena, printed, strlen(printed)) : NULL;
    cJSON_free(printed);
    return text;
}

int operator_parse_json(struct json_reader *reader, const struct json_place *place,
                        const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    char reason[JSON_PLACEHOLDER_ERROR_SIZE];
    int r = read_json(reader, place, value, &matcher->json);
    if (r == 0) {
        r = json_placeholders_parse(matcher->json, reader->arena, &matcher->placeholders, reason);
        if (r > 0)
            return violations_refuse(reader->violations, place, "%s", reason);
    }
    if (r != 0)
        return r;
    matcher->text = print(reader->arena, matcher->json);
    if (!matcher->text)
        return FATAL(ENOMEM);
    matcher->size = strlen(matcher->text);
    return 0;
}

int operator_equal_to_json(const struct matcher *matcher, struct matching *matching,
                           struct match_value *value) {
    const cJSON *json = NULL;
    struct json_comparison comparison = {
        .ignore_array_order = matcher->ignores_array_order,
        .ignore_extra_elements = matcher->ignores_extra_elements,
        .placeholders = matcher->placeholders,
        .arena = &matching->arena,
        .budget = &matching->budget,
    };
    int r = matching_read_json(matching, value, &json);
    return r == 0 ? json_compare(&comparison, matcher->json, json) : r;
}

int operator_parse_schema(struct json_reader *reader, const struct json_place *place,
                          const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    char reason[JSON_SCHEMA_ERROR_SIZE];
    const cJSON *tree = NULL;
    int r = read_json(reader, place, value, &tree);
    if (r != 0)
        return r;
    r = json_schema_parse(tree, reader->arena, &matcher->schema, reason);
    return r > 0 ? violations_refuse(reader->violations, place, "%s", reason) : r;
}

int operator_check_schema_version(struct json_reader *reader, const struct json_place *place,
                                  const cJSON *value, void *target, int argument) {
    static const char *const versions[] = {"V4", "V6", "V7", "V201909", "V202012"};
    (void)target;
    (void)argument;
    for (size_t i = 0; cJSON_IsString(value) && i < sizeof(versions) / sizeof(versions[0]); i++)
        if (strcmp(value->valuestring, versions[i]) == 0)
            return 0;
    return violations_refuse(reader->violations, place, "must be V4, V6, V7, V201909 or V202012");
}

/* A number, true, false, null and a text that is no JSON may also match as a string. */
static int match_text_schema(const struct matcher *matcher, struct matching *matching,
                             const struct match_value *value) {
    cJSON text = {.type = cJSON_String};
    if (value->size > 0 && memchr(value->text, '\0', value->size))
        return 1;
    if (!budget_spend(&matching->budget, value->size / PRINTED_BYTES_PER_STEP + 1))
        return 1;
    text.valuestring = arena_copy(&matching->arena, value->text, value->size);
    if (!text.valuestring)
        return FATAL(ENOMEM);
    return json_schema_check(matcher->schema, &text, &matching->arena, &matching->budget);
}

int operator_matches_schema(const struct matcher *matcher, struct matching *matching,
                            struct match_value *value) {
    const cJSON *json = NULL;
    int r = matching_read_json(matching, value, &json);
    bool is_plain = r != 0 || !(json->type & (cJSON_String | cJSON_Array | cJSON_Object));
    if (r == 0)
        r = json_schema_check(matcher->schema, json, &matching->arena, &matching->budget);
    return r > 0 && is_plain ? match_text_schema(matcher, matching, value) : r;
}

int operator_parse_path(struct json_reader *reader, const struct json_place *place,
                        const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    char reason[JSON_PATH_ERROR_SIZE];
    const cJSON *expression = value;
    bool has_operator = false;
    if (cJSON_IsObject(value)) {
        expression = cJSON_GetObjectItemCaseSensitive(value, "expression");
        has_operator = !expression || expression != value->child || expression->next;
    }
    const char *text = cJSON_GetStringValue(expression);
    if (!text)
        return violations_refuse(
            reader->violations, place,
            "must be a JSONPath, or an object with a JSONPath as \"expression\"");
    int r = json_path_parse(text, reader->arena, &matcher->path, reason);
    if (r > 0)
        return violations_refuse(reader->violations, place, "%s", reason);
    if (r < 0 || !has_operator)
        return r;
    matcher->n_children = 1;
    matcher->children = arena_alloc(reader->arena, sizeof(struct matcher *));
    if (!matcher->children)
        return FATAL(ENOMEM);
    return matcher_parse(reader, place, value, "expression", &matcher->children[0]);
}

/* A path without an operator matches when it finds a value that is neither null nor empty. */
static int match_existence(const struct matcher *matcher, const struct json_nodes *nodes) {
    if (nodes->count == 0)
        return 1;
    const cJSON *node = nodes->items[0];
    bool is_empty = (cJSON_IsArray(node) || cJSON_IsObject(node)) && !node->child;
    return json_path_is_definite(matcher->path) && (cJSON_IsNull(node) || is_empty) ? 1 : 0;
}

/* What a path does not find matches nothing but "absent", not even "doesNotMatch". */
static int match_missing(const struct matcher *matcher) {
    return matcher_wants_absence(matcher) ? 0 : 1;
}

static int match_node(const struct matcher *matcher, struct matching *matching, const cJSON *node) {
    struct match_value value = {.text = node->valuestring};
    if (cJSON_IsNull(node))
        return match_missing(matcher);
    if (!cJSON_IsString(node)) {
        value.json = node;
        value.json_state = MATCH_JSON_VALID;
        value.text = print(&matching->arena, node);
    }
    if (!value.text)
        return FATAL(ENOMEM);
    value.size = strlen(value.text);
    if (!budget_spend(&matching->budget, value.size / PRINTED_BYTES_PER_STEP + 1))
        return 1;
    return matcher_match(matcher, matching, &value);
}

/* "equalToJson" gets all that a path found, which is a list unless the path is definite. The others
 * match a value, or any item of a list. */
static int match_nodes(const struct matcher *matcher, struct matching *matching,
                       const struct json_nodes *nodes) {
    const struct matcher *child = matcher->children[0];
    bool is_definite = json_path_is_definite(matcher->path);
    const cJSON *found = NULL;
    if (nodes->count == 0 && (is_definite || nodes->is_missing))
        return match_missing(child);
    found = is_definite ? nodes->items[0] : json_nodes_list(nodes, &matching->arena);
    if (!found)
        return FATAL(ENOMEM);
    if (!cJSON_IsArray(found) || child->op->match == operator_equal_to_json)
        return match_node(child, matching, found);
    int r = found->child ? 1 : match_missing(child);
    for (const cJSON *item = found->child; item && r > 0 && !matching->budget.exhausted;
         item = item->next)
        r = match_node(child, matching, item);
    return r;
}

int operator_matches_path(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value) {
    const cJSON *json = NULL;
    struct json_nodes nodes = {0};
    int r = value ? matching_read_json(matching, value, &json) : 1;
    if (r > 0 && matcher->n_children > 0)
        return match_missing(matcher->children[0]);
    if (r == 0)
        r = json_path_find(matcher->path, json, &matching->arena, &matching->budget, &nodes);
    if (r != 0)
        return r;
    return matcher->n_children == 0 ? match_existence(matcher, &nodes)
                                    : match_nodes(matcher, matching, &nodes);
}
