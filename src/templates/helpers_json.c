#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "json/json_path.h"
#include "json/json_print.h"
#include "match/subject.h"
#include "templates/documents.h"
#include "templates/helper_tables.h"
#include "templates/value_print.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static int check_path(const char *text, struct arena *arena, char reterr_error[SYNTAX_ERROR_SIZE]) {
    const struct json_path *path;
    char reason[JSON_PATH_ERROR_SIZE];
    int r = text ? json_path_parse(text, arena, &path, reason) : 0;
    if (r > 0)
        snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has an invalid JSONPath: %s", reason);
    return r;
}

static int check_second(const struct call *call, struct arena *arena,
                        char reterr_error[SYNTAX_ERROR_SIZE]) {
    return check_path(syntax_param_text(call, call->is_body ? 0 : 1), arena, reterr_error);
}

static int check_option(const struct call *call, struct arena *arena,
                        char reterr_error[SYNTAX_ERROR_SIZE]) {
    return check_path(syntax_option_text(call, "jsonPath"), arena, reterr_error);
}

static int check_format(const struct call *call, struct arena *arena,
                        char reterr_error[SYNTAX_ERROR_SIZE]) {
    const char *format = syntax_option_text(call, "format");
    (void)arena;
    if (!format || strcmp(format, "pretty") == 0 || strcmp(format, "compact") == 0)
        return 0;
    snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has the format '%.40s'; it may be pretty or compact",
             format);
    return 1;
}

/* ---- jsonPath */

/* Finds what the path finds: one value, or for a path that may find several a list of copies. */
static int find(struct evaluation *e, const struct call *call, const struct json_path *path,
                const cJSON *json, struct value *ret_value) {
    struct json_nodes nodes = {0};
    int r = json_path_find(path, json, e->room.arena, e->room.budget, &nodes);
    r = evaluation_check(e, call, r);
    if (r != 0)
        return r;
    if (json_path_is_definite(path)) {
        *ret_value = value_of_json(nodes.count > 0 ? nodes.items[0] : NULL, STYLE_ROOT);
        return 0;
    }
    cJSON *list = cJSON_CreateArray();
    r = documents_keep(e, list);
    for (size_t i = 0; r == 0 && i < nodes.count; i++) {
        cJSON *copy =
            documents_afford(e, nodes.items[i]) ? cJSON_Duplicate(nodes.items[i], true) : NULL;
        r = evaluation_check(e, call, 0);
        if (r == 0 && !cJSON_AddItemToArray(list, copy))
            r = FATAL(ENOMEM);
    }
    if (r == 0)
        *ret_value = value_of_json(list, STYLE_ROOT);
    return r;
}

static int run_json_path(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value source = {0};
    struct value text = {0};
    const struct json_path *path = NULL;
    const cJSON *json = NULL;
    char reason[JSON_PATH_ERROR_SIZE];
    if (call->n_params < 2)
        return evaluation_complain(e, ret_value, "The JSONPath cannot be empty");
    int r = evaluation_param(e, call, 0, &source);
    if (r == 0)
        r = evaluation_param(e, call, 1, &text);
    if (r == 0)
        r = evaluation_text(e, call, &text, &text);
    if (r == 0)
        r = documents_read(e, call, &source, &json);
    if (r != 0)
        return r;
    r = json_path_parse(text.text, e->room.arena, &path, reason);
    if (r > 0)
        return evaluation_complain(e, ret_value, "%s is not a valid JSONPath expression",
                                   text.text);
    if (r == 0 && json)
        r = find(e, call, path, json, ret_value);
    return r == 0 && ret_value->kind == VALUE_ABSENT
               ? evaluation_option(e, call, "default", ret_value)
               : r;
}

/* ---- Texts and trees */

/* The JSON text of a helper: parameter `index`, or its block. */
static int text_of(struct evaluation *e, const struct call *call, size_t index,
                   struct value *ret_text) {
    return call->is_body ? evaluation_capture(e, call->body, ret_text)
                         : evaluation_param(e, call, index, ret_text);
}

static int run_parse_json(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct value name = {0};
    const cJSON *json = NULL;
    size_t name_index = call->is_body ? 0 : 1;
    if (!call->is_body && call->n_params == 0)
        return evaluation_complain(e, ret_value, "Missing required JSON string parameter");
    int r = text_of(e, call, 0, &text);
    if (r == 0)
        r = evaluation_text(e, call, &text, &text);
    if (r == 0 && strspn(text.text, " \t\r\n") == text.size)
        text = value_of_text("{}");
    if (r == 0)
        r = documents_read(e, call, &text, &json);
    if (r != 0)
        return r;
    if (!cJSON_IsObject(json) && !cJSON_IsArray(json))
        return evaluation_fail(e, call, "needs an object or a list of JSON, not '%.60s'",
                               text.text);
    struct value value = value_of_json(json, STYLE_JAVA);
    if (call->n_params <= name_index) {
        *ret_value = value;
        return 0;
    }
    r = evaluation_param_text(e, call, name_index, &name);
    return r == 0 ? evaluation_assign(e, name.text, &value) : r;
}

static int run_to_json(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    struct value text = {.kind = VALUE_TEXT};
    int r = evaluation_param(e, call, 0, &value);
    if (r != 0 || value.kind == VALUE_ABSENT)
        return r;
    r = evaluation_check(e, call, value_json_text(&e->room, &value, &text.text, &text.size));
    if (r == 0)
        *ret_value = text;
    return r;
}

/* Returns the tree as short text. */
static int print(struct evaluation *e, const struct call *call, const cJSON *json,
                 struct value *ret_value) {
    CLEANUP(cleanup_free) char *printed = json_print(json);
    size_t size = printed ? strlen(printed) : 0;
    if (!budget_spend(e->room.budget, size / 16))
        return evaluation_check(e, call, 0);
    const char *text = printed ? arena_copy(e->room.arena, printed, size) : NULL;
    *ret_value = value_of_text(text);
    return text ? 0 : FATAL(ENOMEM);
}

static int run_format_json(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct value format = {0};
    struct value printed = {.kind = VALUE_TEXT};
    const cJSON *json = NULL;
    int r = text_of(e, call, 0, &text);
    if (r == 0)
        r = evaluation_option(e, call, "format", &format);
    if (r != 0)
        return r;
    if ((call->n_params == 0 && !call->is_body) || text.kind != VALUE_TEXT)
        return evaluation_complain(e, ret_value,
                                   "formatJson should take a block of JSON to format or a single "
                                   "parameter of type String");
    r = documents_read(e, call, &text, &json);
    if (r == 0 && !json)
        return evaluation_fail(e, call, "needs JSON, not '%.60s'", text.text);
    if (r != 0)
        return r;
    if (format.kind == VALUE_TEXT && strcmp(format.text, "compact") == 0)
        return print(e, call, json, ret_value);
    struct value value = value_of_json(json, STYLE_JAVA);
    r = evaluation_check(e, call, value_json_text(&e->room, &value, &printed.text, &printed.size));
    if (r == 0)
        *ret_value = printed;
    return r;
}

/* ---- Changes */

/* Reads a copy of the first parameter. Returns 0 and NULL with a complaint when it is none. */
static int read_base(struct evaluation *e, const struct call *call, size_t index, const char *what,
                     cJSON **ret_copy, struct value *ret_complaint) {
    struct value text = {0};
    const cJSON *json = NULL;
    int r = evaluation_param(e, call, index, &text);
    *ret_copy = NULL;
    if (r == 0 && (text.kind != VALUE_TEXT || index >= call->n_params))
        return evaluation_complain(e, ret_complaint, "%s must be a string", what);
    if (r == 0)
        r = documents_read(e, call, &text, &json);
    if (r == 0 && !json)
        return evaluation_complain(e, ret_complaint, "%s is not valid JSON ('%s')", what,
                                   text.text);
    return r == 0 ? documents_copy(e, call, json, ret_copy) : r;
}

/* The same for the second one, which may be the block. */
static int read_other(struct evaluation *e, const struct call *call, const char *what,
                      const cJSON **ret_json, struct value *ret_complaint) {
    struct value text = {0};
    int r = text_of(e, call, 1, &text);
    if (r == 0 && text.kind != VALUE_TEXT)
        return evaluation_complain(e, ret_complaint, "%s must be a string", what);
    if (r == 0)
        r = documents_read(e, call, &text, ret_json);
    return r == 0 && !*ret_json
               ? evaluation_complain(e, ret_complaint, "%s is not valid JSON ('%s')", what,
                                     text.text)
               : r;
}

/* Adds the members of `other`; objects on both sides are merged. */
static int merge(struct evaluation *e, cJSON *object, const cJSON *other, bool removes_nulls) {
    const cJSON *member;
    int r = 0;
    cJSON_ArrayForEach (member, other) {
        cJSON *own = cJSON_GetObjectItemCaseSensitive(object, member->string);
        if (!documents_afford(e, member) || !budget_spend(e->room.budget, 10))
            return 0;
        if (cJSON_IsObject(own) && cJSON_IsObject(member)) {
            r = merge(e, own, member, removes_nulls);
            if (r != 0)
                return r;
            continue;
        }
        if (removes_nulls && cJSON_IsNull(member)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(object, own));
            continue;
        }
        cJSON *copy = cJSON_Duplicate(member, true);
        bool is_set = own ? copy && cJSON_ReplaceItemViaPointer(object, own, copy)
                          : cJSON_AddItemToObject(object, member->string, copy);
        if (!is_set) {
            cJSON_Delete(copy);
            return FATAL(ENOMEM);
        }
    }
    return r;
}

static int run_json_merge(struct evaluation *e, const struct call *call, struct value *ret_value) {
    cJSON *base = NULL;
    const cJSON *other = NULL;
    bool removes_nulls = false;
    int r = evaluation_option_flag(e, call, "removeNulls", &removes_nulls);
    if (r == 0)
        r = read_base(e, call, 0, "Base JSON", &base, ret_value);
    if (r != 0 || !base)
        return r;
    if (!cJSON_IsObject(base))
        return evaluation_complain(e, ret_value, "Base JSON is not a JSON object");
    r = read_other(e, call, "JSON to merge", &other, ret_value);
    if (r != 0 || !other)
        return r;
    if (!cJSON_IsObject(other))
        return evaluation_complain(e, ret_value, "JSON to merge is not a JSON object");
    r = evaluation_check(e, call, merge(e, base, other, removes_nulls));
    return r == 0 ? print(e, call, base, ret_value) : r;
}

static int find_nodes(struct evaluation *e, const struct call *call, const char *text,
                      const cJSON *json, struct json_nodes *ret_nodes) {
    const struct json_path *path = NULL;
    char reason[JSON_PATH_ERROR_SIZE];
    int r = json_path_parse(text, e->room.arena, &path, reason);
    if (r > 0)
        return evaluation_fail(e, call, "has an invalid JSONPath: %s", reason);
    if (r == 0)
        r = json_path_find(path, json, e->room.arena, e->room.budget, ret_nodes);
    return evaluation_check(e, call, r);
}

static bool has_node(const struct json_nodes *nodes, const cJSON *json) {
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i] == json)
            return true;
    return false;
}

static void remove_nodes(struct evaluation *e, cJSON *parent, const struct json_nodes *nodes) {
    cJSON *next;
    for (cJSON *child = parent->child; child; child = next) {
        next = child->next;
        if (!budget_spend(e->room.budget, 1 + nodes->count / 8))
            return;
        if (has_node(nodes, child))
            cJSON_Delete(cJSON_DetachItemViaPointer(parent, child));
        else
            remove_nodes(e, child, nodes);
    }
}

static int run_json_remove(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value path = {0};
    struct json_nodes nodes = {0};
    cJSON *base = NULL;
    if (call->n_params != 2)
        return evaluation_complain(e, ret_value,
                                   "A single JSONPath expression parameter must be supplied");
    int r = read_base(e, call, 0, "Input JSON string", &base, ret_value);
    if (r == 0 && base)
        r = evaluation_param_text(e, call, 1, &path);
    if (r != 0 || !base)
        return r;
    r = find_nodes(e, call, path.text, base, &nodes);
    if (r != 0)
        return r;
    remove_nodes(e, base, &nodes);
    r = evaluation_check(e, call, 0);
    return r == 0 ? print(e, call, base, ret_value) : r;
}

/* Finds the list to which jsonArrayAdd adds: the base, or what the option jsonPath finds in it. */
static int find_target(struct evaluation *e, const struct call *call, cJSON *base,
                       cJSON **ret_target) {
    struct value path = {0};
    struct json_nodes nodes = {0};
    int r = evaluation_option(e, call, "jsonPath", &path);
    *ret_target = base;
    if (r != 0 || path.kind == VALUE_ABSENT)
        return r;
    r = evaluation_text(e, call, &path, &path);
    if (r == 0)
        r = find_nodes(e, call, path.text, base, &nodes);
    if (r == 0)
        *ret_target = nodes.count > 0 ? (cJSON *)(uintptr_t)nodes.items[0] : NULL;
    return r;
}

static int add_items(struct evaluation *e, const struct call *call, cJSON *target,
                     const cJSON *item) {
    bool is_flat = false;
    int64_t max = INT64_MAX;
    int r = evaluation_option_flag(e, call, "flatten", &is_flat);
    if (r == 0)
        r = evaluation_option_integer(e, call, "maxItems", &max);
    if (r == 0 && max < 1)
        return evaluation_fail(e, call, "needs maxItems above 0");
    bool is_list = is_flat && cJSON_IsArray(item);
    for (const cJSON *next = is_list ? item->child : item; r == 0 && next;
         next = is_list ? next->next : NULL) {
        cJSON *copy = documents_afford(e, next) ? cJSON_Duplicate(next, true) : NULL;
        r = evaluation_check(e, call, 0);
        if (r == 0 && !cJSON_AddItemToArray(target, copy))
            r = FATAL(ENOMEM);
    }
    for (int64_t count = cJSON_GetArraySize(target); r == 0 && count > max; count--)
        cJSON_DeleteItemFromArray(target, 0);
    return r;
}

static int run_json_array_add(struct evaluation *e, const struct call *call,
                              struct value *ret_value) {
    cJSON *base = NULL;
    cJSON *target = NULL;
    const cJSON *item = NULL;
    int r = read_base(e, call, 0, "Base JSON", &base, ret_value);
    if (r != 0 || !base)
        return r;
    r = read_other(e, call, "Item-to-add JSON", &item, ret_value);
    if (r == 0 && item)
        r = find_target(e, call, base, &target);
    if (r != 0 || !item)
        return r;
    if (!cJSON_IsArray(target))
        return evaluation_complain(e, ret_value, "Target JSON is not a JSON array");
    r = add_items(e, call, target, item);
    return r == 0 ? print(e, call, base, ret_value) : r;
}

static int run_form_data(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct value name = {0};
    bool decodes = false;
    struct value fields = {.kind = VALUE_FIELDS};
    int r = evaluation_param(e, call, 0, &text);
    if (r == 0)
        r = evaluation_text(e, call, &text, &text);
    if (r == 0)
        r = evaluation_option_flag(e, call, "urlDecode", &decodes);
    if (r == 0)
        r = match_form_parse(e->room.arena, text.text, text.size, decodes, &fields.fields);
    if (r != 0)
        return r;
    if (call->n_params < 2) {
        *ret_value = fields;
        return 0;
    }
    r = evaluation_param_text(e, call, 1, &name);
    return r == 0 ? evaluation_assign(e, name.text, &fields) : r;
}

const struct helper helpers_json[] = {
    {"jsonPath", .run = run_json_path, .options = "default", .check = check_second},
    {"parseJson", .run = run_parse_json, .has_body = true},
    {"toJson", .run = run_to_json},
    {"formatJson", .run = run_format_json, .options = "format", .check = check_format,
     .has_body = true},
    {"jsonMerge", .run = run_json_merge, .options = "removeNulls", .has_body = true},
    {"jsonRemove", .run = run_json_remove, .check = check_second},
    {"jsonArrayAdd", .run = run_json_array_add, .options = "jsonPath maxItems flatten",
     .check = check_option, .has_body = true},
    {"formData", .run = run_form_data, .options = "urlDecode"},
    {.name = NULL},
};
