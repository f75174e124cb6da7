#include "match/matcher.h"

#include <errno.h>
#include <string.h>

#include "match/operators.h"
#include "util/edit_distance.h"
#include "util/fatal.h"
#include "util/text.h"

/* The body is parsed once, but other values are parsed by every matcher that needs it. */
enum {
    MAX_DEPTH = 64, /* of the JSON; nesting an operator takes two or three levels */
    MAX_QUOTED = 80,
    MATCH_BUDGET = 1000000,
    MATCH_COST = 4,
    BODY_BYTES_PER_STEP = 64,
    VALUE_BYTES_PER_STEP = 4,
};

void matching_init(struct matching *matching, struct match_subject *subject) {
    matching->subject = subject;
    matching->budget = (struct budget){.left = MATCH_BUDGET};
    matching->trees = NULL;
    arena_init(&matching->arena);
}

void matching_deinit(struct matching *matching) {
    const struct budget *budget = &matching->budget;
    matching->subject->work += MATCH_BUDGET - (budget->exhausted ? 0 : budget->left);
    json_trees_free(matching->trees);
    arena_deinit(&matching->arena);
}

int matching_read_json(struct matching *matching, struct match_value *value,
                       const cJSON **ret_json) {
    struct match_subject *subject = matching->subject;
    bool is_body = value == &subject->body_value;
    size_t bytes_per_step = is_body ? BODY_BYTES_PER_STEP : VALUE_BYTES_PER_STEP;
    if (value->json_state == MATCH_JSON_UNKNOWN) {
        const char *reason;
        if (!budget_spend(&matching->budget, value->size / bytes_per_step + 1))
            return 1;
        int r = json_trees_parse(is_body ? &subject->trees : &matching->trees,
                                 is_body ? subject->arena : &matching->arena, value->text,
                                 value->size, &value->json, &reason);
        if (r < 0)
            return r;
        value->json_state = r == 0 ? MATCH_JSON_VALID : MATCH_JSON_INVALID;
    }
    *ret_json = value->json;
    return value->json_state == MATCH_JSON_VALID ? 0 : 1;
}

static int parse_list(struct json_reader *reader, const struct json_place *place, const cJSON *list,
                      const struct matcher ***ret_items, size_t *ret_count) {
    if (!cJSON_IsArray(list) || !list->child)
        return violations_refuse(reader->violations, place, "must be a non-empty list of matchers");
    size_t count = (size_t)cJSON_GetArraySize(list);
    const struct matcher **items = arena_alloc(reader->arena, count * sizeof(struct matcher *));
    if (!items)
        return FATAL(ENOMEM);
    size_t i = 0;
    int outcome = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, list) {
        const struct json_place element = json_place_element(place, i);
        int r = matcher_parse(reader, &element, item, NULL, &items[i++]);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    if (outcome == 0) {
        *ret_items = items;
        *ret_count = count;
    }
    return outcome;
}

static int parse_nothing(struct json_reader *reader, const struct json_place *place,
                         const cJSON *value, void *target, int argument) {
    (void)reader;
    (void)place;
    (void)value;
    (void)target;
    (void)argument;
    return 0;
}

static int parse_absent(struct json_reader *reader, const struct json_place *place,
                        const cJSON *value, void *target, int argument) {
    (void)target;
    (void)argument;
    return cJSON_IsFalse(value) ? violations_refuse(reader->violations, place, "must be true") : 0;
}

static int parse_children(struct json_reader *reader, const struct json_place *place,
                          const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    return parse_list(reader, place, value, &matcher->children, &matcher->n_children);
}

static int parse_child(struct json_reader *reader, const struct json_place *place,
                       const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    matcher->n_children = 1;
    matcher->children = arena_alloc(reader->arena, sizeof(struct matcher *));
    if (!matcher->children)
        return FATAL(ENOMEM);
    return matcher_parse(reader, place, value, NULL, &matcher->children[0]);
}

static int parse_xml(struct json_reader *reader, const struct json_place *place, const cJSON *value,
                     void *target, int argument) {
    (void)value;
    (void)target;
    (void)argument;
    return violations_refuse(reader->violations, place,
                             "is not supported: kestub does not parse XML");
}

static int match_anything(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value) {
    (void)matcher;
    (void)matching;
    (void)value;
    return 0;
}

static int match_nothing(const struct matcher *matcher, struct matching *matching,
                         struct match_value *value) {
    (void)matcher;
    (void)matching;
    (void)value;
    return 1;
}

/* A request without a body has no text, but no bytes too. */
static int match_bytes(const struct matcher *matcher, struct matching *matching,
                       struct match_value *value) {
    struct match_value nothing = {.text = ""};
    return operator_equal_to(matcher, matching, value ? value : &nothing);
}

static int match_and(const struct matcher *matcher, struct matching *matching,
                     struct match_value *value) {
    int r = 0;
    for (size_t i = 0; i < matcher->n_children && r == 0; i++)
        r = matcher_match(matcher->children[i], matching, value);
    return r;
}

static int match_or(const struct matcher *matcher, struct matching *matching,
                    struct match_value *value) {
    int r = 1;
    for (size_t i = 0; i < matcher->n_children && r > 0; i++)
        r = matcher_match(matcher->children[i], matching, value);
    return r;
}

static int match_not(const struct matcher *matcher, struct matching *matching,
                     struct match_value *value) {
    int r = matcher_match(matcher->children[0], matching, value);
    return r < 0 ? r : !r;
}

/* Reads true or false, which may be a text, as in WireMock. */
static int read_flag(struct json_reader *reader, const struct json_place *place, const cJSON *value,
                     void *target, int argument) {
    const char *text = cJSON_GetStringValue(value);
    (void)argument;
    bool is_true = cJSON_IsTrue(value) || (text && strcmp(text, "true") == 0);
    if (!is_true && !cJSON_IsFalse(value) && !(text && strcmp(text, "false") == 0))
        return violations_refuse(reader->violations, place, "must be true or false");
    *(bool *)target = is_true;
    return 0;
}

#define FLAG(member) JSON_CUSTOM, .read = read_flag, .offset = offsetof(struct matcher, member)
static const struct json_member text_options[] = {{"caseInsensitive", FLAG(ignores_case)}};
static const struct json_member json_options[] = {
    {"ignoreArrayOrder", FLAG(ignores_array_order)},
    {"ignoreExtraElements", FLAG(ignores_extra_elements)},
};
static const struct json_member schema_options[] = {
    {"schemaVersion", JSON_CUSTOM, .read = operator_check_schema_version},
};
#define OPTIONS(table) .options = (table), .n_options = sizeof(table) / sizeof((table)[0])

static const struct match_operator operators[] = {
    {.name = "absent", .parse = parse_absent, .match = match_nothing, .absent = ABSENT_MATCHES},
    {.name = "after",
     .parse = operator_parse_date,
     .match = operator_after,
     .options = operator_date_options,
     .n_options = OPERATOR_DATE_OPTIONS},
    {.name = "and", .parse = parse_children, .match = match_and, .absent = ABSENT_PASSED_ON},
    {.name = "anything", .parse = parse_nothing, .match = match_anything, .absent = ABSENT_MATCHES},
    {.name = "before",
     .parse = operator_parse_date,
     .match = operator_before,
     .options = operator_date_options,
     .n_options = OPERATOR_DATE_OPTIONS},
    {.name = "binaryEqualTo",
     .parse = operator_parse_base64,
     .match = match_bytes,
     .absent = ABSENT_PASSED_ON,
     .is_graded = true},
    {.name = "contains",
     .parse = operator_parse_text,
     .match = operator_contains,
     .is_graded = true},
    {.name = "doesNotContain",
     .parse = operator_parse_text,
     .match = operator_does_not_contain,
     .absent = ABSENT_MATCHES},
    {.name = "doesNotMatch",
     .parse = operator_parse_regex,
     .match = operator_does_not_match,
     .absent = ABSENT_MATCHES},
    {.name = "equalTo",
     .parse = operator_parse_text,
     .match = operator_equal_to,
     OPTIONS(text_options),
     .is_graded = true},
    {.name = "equalToDateTime",
     .parse = operator_parse_date,
     .match = operator_same_date,
     .options = operator_date_options,
     .n_options = OPERATOR_DATE_OPTIONS},
    {.name = "equalToJson",
     .parse = operator_parse_json,
     .match = operator_equal_to_json,
     OPTIONS(json_options),
     .is_graded = true},
    {.name = "equalToNumber", .parse = operator_parse_number, .match = operator_equal_to_number},
    {.name = "equalToXml", .parse = parse_xml},
    {.name = "greaterThanEqualNumber",
     .parse = operator_parse_number,
     .match = operator_greater_or_equal},
    {.name = "greaterThanNumber", .parse = operator_parse_number, .match = operator_greater_than},
    {.name = "lessThanEqualNumber",
     .parse = operator_parse_number,
     .match = operator_less_or_equal},
    {.name = "lessThanNumber", .parse = operator_parse_number, .match = operator_less_than},
    {.name = "matches", .parse = operator_parse_regex, .match = operator_matches},
    {.name = "matchesJsonPath",
     .parse = operator_parse_path,
     .match = operator_matches_path,
     .absent = ABSENT_PASSED_ON},
    {.name = "matchesJsonSchema",
     .parse = operator_parse_schema,
     .match = operator_matches_schema,
     OPTIONS(schema_options)},
    {.name = "matchesXPath", .parse = parse_xml},
    {.name = "not", .parse = parse_child, .match = match_not, .absent = ABSENT_PASSED_ON},
    {.name = "or", .parse = parse_children, .match = match_or, .absent = ABSENT_PASSED_ON},
};

static const struct match_operator *find_operator(const char *name) {
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (strcmp(operators[i].name, name) == 0)
            return &operators[i];
    return NULL;
}

static int refuse_operator(struct json_reader *reader, const struct json_place *place,
                           const char *name) {
    struct nearest nearest = {.text = name};
    char hint[NEAREST_HINT_SIZE];
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        nearest_offer(&nearest, operators[i].name);
    nearest_hint(&nearest, "", hint);
    return violations_refuse(reader->violations, place, "has an unknown operator: \"%.*s\"%s",
                             (int)text_cut(name, MAX_QUOTED), name, hint);
}

/* Finds the only member that is an operator. Returns 0, >0 and a violation when there is none or
 * more than one, or -ENOMEM. */
static int find_argument(struct json_reader *reader, const struct json_place *place,
                         const cJSON *object, const struct match_operator **ret_operator,
                         const cJSON **ret_argument) {
    const struct match_operator *op = NULL;
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        const struct match_operator *found = find_operator(member->string);
        if (found && op)
            return violations_refuse(reader->violations, place,
                                     "has two operators, \"%s\" and \"%s\"", op->name, found->name);
        if (found) {
            op = found;
            *ret_argument = member;
        }
    }
    if (op) {
        *ret_operator = op;
        return 0;
    }
    if (!object->child)
        return violations_refuse(reader->violations, place, "has no operator");
    return refuse_operator(reader, place, object->child->string);
}

static int read_option(struct json_reader *reader, const struct json_place *place,
                       const struct match_operator *op, const cJSON *value,
                       struct matcher *matcher) {
    const struct json_place member = json_place_member(place, value->string);
    struct nearest nearest = {.text = value->string};
    char hint[NEAREST_HINT_SIZE];
    for (size_t i = 0; i < op->n_options; i++) {
        if (strcmp(op->options[i].name, value->string) == 0)
            return json_members_read_one(reader, &member, &op->options[i], value, matcher);
        nearest_offer(&nearest, op->options[i].name);
    }
    nearest_hint(&nearest, "", hint);
    return violations_refuse(reader->violations, &member, "is not an option of \"%s\"%s", op->name,
                             hint);
}

static int read_options(struct json_reader *reader, const struct json_place *place,
                        const cJSON *object, const char *ignored, struct matcher *matcher) {
    const cJSON *member;
    int outcome = 0;
    cJSON_ArrayForEach (member, object) {
        if (strcmp(member->string, matcher->op->name) == 0 || cJSON_IsNull(member) ||
            (ignored && strcmp(member->string, ignored) == 0))
            continue;
        int r = read_option(reader, place, matcher->op, member, matcher);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    return outcome;
}

static size_t depth_of(const struct json_place *place) {
    size_t depth = 0;
    for (; place->parent; place = place->parent)
        depth++;
    return depth;
}

int matcher_parse(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                  const char *ignored, const struct matcher **ret_matcher) {
    const cJSON *argument = NULL;
    const struct match_operator *op = NULL;
    if (!cJSON_IsObject(json))
        return violations_refuse(reader->violations, place, "must be an object with an operator");
    if (depth_of(place) > MAX_DEPTH)
        return violations_refuse(reader->violations, place, "is nested too deeply");
    int r = find_argument(reader, place, json, &op, &argument);
    if (r != 0 || !op)
        return r;
    struct matcher *matcher = arena_alloc(reader->arena, sizeof(*matcher));
    if (!matcher)
        return FATAL(ENOMEM);
    matcher->op = op;
    int outcome = read_options(reader, place, json, ignored, matcher);
    if (outcome < 0)
        return outcome;
    const struct json_place member = json_place_member(place, op->name);
    r = op->parse(reader, &member, argument, matcher, 0);
    outcome = r != 0 ? r : outcome;
    if (outcome == 0)
        *ret_matcher = matcher;
    return outcome;
}

int matcher_match(const struct matcher *matcher, struct matching *matching,
                  struct match_value *value) {
    enum match_absent absent = matcher->op->absent;
    if (!budget_spend(&matching->budget, MATCH_COST))
        return 1;
    if (!value && absent != ABSENT_PASSED_ON)
        return absent == ABSENT_MATCHES ? 0 : 1;
    return matcher->op->match(matcher, matching, value);
}

bool matcher_wants_absence(const struct matcher *matcher) {
    return matcher->op->match == match_nothing;
}

double matcher_distance(const struct matcher *matcher, const struct match_value *value) {
    if (!matcher->op->is_graded || !value)
        return 1;
    return edit_distance(matcher->text, matcher->size, value->text, value->size);
}

int values_matcher_parse(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, struct values_matcher *ret_matcher) {
    static const char *const names[] = {
        [MATCH_EXACTLY] = "hasExactly", [MATCH_INCLUDES] = "includes"};
    struct values_matcher matcher = {.mode = MATCH_ANY, .count = 1};
    for (unsigned mode = MATCH_EXACTLY; mode <= MATCH_INCLUDES; mode++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, names[mode]);
        if (!cJSON_IsObject(json) || !list)
            continue;
        if (json->child->next)
            return violations_refuse(reader->violations, place,
                                     "must have no other members besides \"%s\"", names[mode]);
        matcher.mode = mode;
        const struct json_place member = json_place_member(place, names[mode]);
        int r = parse_list(reader, &member, list, &matcher.items, &matcher.count);
        if (r == 0)
            *ret_matcher = matcher;
        return r;
    }
    matcher.items = arena_alloc(reader->arena, sizeof(struct matcher *));
    if (!matcher.items)
        return FATAL(ENOMEM);
    int r = matcher_parse(reader, place, json, NULL, &matcher.items[0]);
    if (r == 0)
        *ret_matcher = matcher;
    return r;
}

/* Returns 0 when one of the values matches. */
static int match_any(const struct matcher *matcher, struct matching *matching,
                     struct match_value *values, size_t count) {
    int r = count == 0 ? matcher_match(matcher, matching, NULL) : 1;
    for (size_t i = 0; i < count && r > 0; i++)
        r = matcher_match(matcher, matching, &values[i]);
    return r;
}

int values_matcher_match(const struct values_matcher *matcher, struct matching *matching,
                         struct match_value *values, size_t count) {
    int r = (matcher->mode == MATCH_EXACTLY && count != matcher->count) ||
            (matcher->mode == MATCH_INCLUDES && count == 0);
    for (size_t i = 0; i < matcher->count && r == 0; i++)
        r = match_any(matcher->items[i], matching, values, count);
    return r;
}
