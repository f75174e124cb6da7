#include "match/matcher.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "match/operators.h"
#include "util/edit_distance.h"

/* The body is parsed once, other values each time. */
enum {
    MAX_DEPTH = 32,
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

size_t matcher_enter(struct matcher_parser *parser, const char *name, size_t index) {
    char *pointer = parser->error->pointer;
    size_t mark = strlen(pointer);
    size_t length = mark;
    if (!name) {
        snprintf(pointer + mark, PATTERN_POINTER_SIZE - mark, "/%zu", index);
        return mark;
    }
    if (length + 1 < PATTERN_POINTER_SIZE)
        pointer[length++] = '/';
    for (; *name && length + 2 < PATTERN_POINTER_SIZE; name++) {
        bool is_special = *name == '~' || *name == '/';
        pointer[length++] = (char)(is_special ? '~' : *name);
        if (is_special)
            pointer[length++] = *name == '~' ? '0' : '1';
    }
    pointer[length] = '\0';
    return mark;
}

void matcher_leave(struct matcher_parser *parser, size_t mark) {
    parser->error->pointer[mark] = '\0';
}

int matcher_refuse(struct matcher_parser *parser, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->error->detail, sizeof(parser->error->detail), format, arguments);
    va_end(arguments);
    return 1;
}

static int parse_list(struct matcher_parser *parser, const cJSON *list,
                      const struct matcher ***ret_items, size_t *ret_count) {
    if (!cJSON_IsArray(list) || !list->child)
        return matcher_refuse(parser, "must be a list of matchers, with one at least");
    size_t count = (size_t)cJSON_GetArraySize(list);
    const struct matcher **items = arena_alloc(parser->arena, count * sizeof(struct matcher *));
    if (!items)
        return -ENOMEM;
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, list) {
        size_t mark = matcher_enter(parser, NULL, i);
        int r = matcher_parse(parser, item, NULL, &items[i++]);
        if (r != 0)
            return r;
        matcher_leave(parser, mark);
    }
    *ret_items = items;
    *ret_count = count;
    return 0;
}

static int parse_nothing(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                         struct matcher *matcher) {
    (void)parser;
    (void)object;
    (void)argument;
    (void)matcher;
    return 0;
}

static int parse_absent(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                        struct matcher *matcher) {
    (void)object;
    (void)matcher;
    return cJSON_IsFalse(argument) ? matcher_refuse(parser, "can only be true") : 0;
}

static int parse_children(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                          struct matcher *matcher) {
    (void)object;
    return parse_list(parser, argument, &matcher->children, &matcher->n_children);
}

static int parse_child(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                       struct matcher *matcher) {
    (void)object;
    matcher->n_children = 1;
    matcher->children = arena_alloc(parser->arena, sizeof(struct matcher *));
    if (!matcher->children)
        return -ENOMEM;
    return matcher_parse(parser, argument, NULL, &matcher->children[0]);
}

static int parse_xml(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                     struct matcher *matcher) {
    (void)object;
    (void)matcher;
    return matcher_refuse(parser, "\"%s\" is not supported: there is no XML here",
                          argument->string);
}

static int match_anything(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value) {
    (void)matcher;
    (void)matching;
    (void)value;
    return 0;
}

static int match_absent(const struct matcher *matcher, struct matching *matching,
                        struct match_value *value) {
    (void)matcher;
    (void)matching;
    return value && !value->is_no_body ? 1 : 0;
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

static const struct match_operator operators[] = {
    {.name = "absent", .parse = parse_absent, .match = match_absent, .takes_absent = true},
    {.name = "after", .parse = operator_parse_instant, .match = operator_after},
    {.name = "and", .parse = parse_children, .match = match_and, .takes_absent = true},
    {.name = "anything", .parse = parse_nothing, .match = match_anything},
    {.name = "before", .parse = operator_parse_instant, .match = operator_before},
    {.name = "binaryEqualTo",
     .parse = operator_parse_base64,
     .match = operator_equal_to,
     .is_graded = true},
    {.name = "contains",
     .parse = operator_parse_text,
     .match = operator_contains,
     .is_graded = true},
    {.name = "doesNotContain", .parse = operator_parse_text, .match = operator_does_not_contain},
    {.name = "doesNotMatch", .parse = operator_parse_regex, .match = operator_does_not_match},
    {.name = "equalTo",
     .parse = operator_parse_text,
     .match = operator_equal_to,
     .options = {"caseInsensitive"},
     .is_graded = true},
    {.name = "equalToDateTime", .parse = operator_parse_instant, .match = operator_same_instant},
    {.name = "equalToJson",
     .parse = operator_parse_json,
     .match = operator_equal_to_json,
     .options = {"ignoreArrayOrder", "ignoreExtraElements"},
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
    {.name = "matchesJsonPath", .parse = operator_parse_path, .match = operator_matches_path},
    {.name = "matchesJsonSchema",
     .parse = operator_parse_schema,
     .match = operator_matches_schema,
     .options = {"schemaVersion"}},
    {.name = "matchesXPath", .parse = parse_xml},
    {.name = "not", .parse = parse_child, .match = match_not},
    {.name = "or", .parse = parse_children, .match = match_or, .takes_absent = true},
};

static const struct match_operator *find_operator(const char *name) {
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (strcmp(operators[i].name, name) == 0)
            return &operators[i];
    return NULL;
}

static bool is_option(const struct match_operator *op, const char *name) {
    for (size_t i = 0; i < sizeof(op->options) / sizeof(op->options[0]); i++)
        if (op->options[i] && strcmp(op->options[i], name) == 0)
            return true;
    return false;
}

/* Finds the one member that is an operator; NULL and the parser's error when there is none, or
 * another. */
static const struct match_operator *find_argument(struct matcher_parser *parser,
                                                  const cJSON *object, const cJSON **ret_argument) {
    const struct match_operator *op = NULL;
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        const struct match_operator *found = find_operator(member->string);
        if (found && op) {
            matcher_refuse(parser, "has two operators, \"%s\" and \"%s\"", op->name, found->name);
            return NULL;
        }
        if (found) {
            op = found;
            *ret_argument = member;
        }
    }
    if (!op && object->child)
        matcher_refuse(parser, "has no operator that is known: \"%.80s\" is none",
                       object->child->string);
    else if (!op)
        matcher_refuse(parser, "has no operator");
    return op;
}

static int check_options(struct matcher_parser *parser, const struct match_operator *op,
                         const cJSON *object, const char *ignored) {
    const cJSON *member;
    cJSON_ArrayForEach (member, object)
        if (strcmp(member->string, op->name) != 0 && !is_option(op, member->string) &&
            !cJSON_IsNull(member) && (!ignored || strcmp(member->string, ignored) != 0)) {
            matcher_enter(parser, member->string, 0);
            return matcher_refuse(parser, "is no option of \"%s\"", op->name);
        }
    return 0;
}

int matcher_parse(struct matcher_parser *parser, const cJSON *json, const char *ignored,
                  const struct matcher **ret_matcher) {
    const cJSON *argument = NULL;
    if (!cJSON_IsObject(json))
        return matcher_refuse(parser, "must be an object with an operator");
    if (parser->depth == MAX_DEPTH)
        return matcher_refuse(parser, "is nested too deep");
    const struct match_operator *op = find_argument(parser, json, &argument);
    if (!op)
        return 1;
    int r = check_options(parser, op, json, ignored);
    if (r != 0)
        return r;
    struct matcher *matcher = arena_alloc(parser->arena, sizeof(*matcher));
    if (!matcher)
        return -ENOMEM;
    matcher->op = op;
    size_t mark = matcher_enter(parser, op->name, 0);
    parser->depth++;
    r = op->parse(parser, json, argument, matcher);
    parser->depth--;
    if (r != 0)
        return r;
    matcher_leave(parser, mark);
    *ret_matcher = matcher;
    return 0;
}

int matcher_match(const struct matcher *matcher, struct matching *matching,
                  struct match_value *value) {
    if (!budget_spend(&matching->budget, MATCH_COST) || (!value && !matcher->op->takes_absent))
        return 1;
    return matcher->op->match(matcher, matching, value);
}

double matcher_distance(const struct matcher *matcher, const struct match_value *value) {
    if (!matcher->op->is_graded || !value)
        return 1;
    return edit_distance(matcher->text, matcher->size, value->text, value->size);
}

int values_matcher_parse(struct matcher_parser *parser, const cJSON *json,
                         struct values_matcher *ret_matcher) {
    static const char *const names[] = {
        [MATCH_EXACTLY] = "hasExactly", [MATCH_INCLUDES] = "includes"};
    struct values_matcher matcher = {.mode = MATCH_ANY, .count = 1};
    for (unsigned mode = MATCH_EXACTLY; mode <= MATCH_INCLUDES; mode++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, names[mode]);
        if (!cJSON_IsObject(json) || !list)
            continue;
        if (json->child->next)
            return matcher_refuse(parser, "has other members beside \"%s\"", names[mode]);
        matcher.mode = mode;
        size_t mark = matcher_enter(parser, names[mode], 0);
        int r = parse_list(parser, list, &matcher.items, &matcher.count);
        if (r != 0)
            return r;
        matcher_leave(parser, mark);
        *ret_matcher = matcher;
        return 0;
    }
    matcher.items = arena_alloc(parser->arena, sizeof(struct matcher *));
    if (!matcher.items)
        return -ENOMEM;
    int r = matcher_parse(parser, json, NULL, &matcher.items[0]);
    if (r == 0)
        *ret_matcher = matcher;
    return r;
}

/* 0 when one of the values matches. */
static int match_any(const struct matcher *matcher, struct matching *matching,
                     struct match_value *values, size_t count) {
    int r = count == 0 ? matcher_match(matcher, matching, NULL) : 1;
    for (size_t i = 0; i < count && r > 0; i++)
        r = matcher_match(matcher, matching, &values[i]);
    return r;
}

/* 0 when one of the matchers matches the value. */
static int match_some(const struct values_matcher *matcher, struct matching *matching,
                      struct match_value *value) {
    int r = 1;
    for (size_t i = 0; i < matcher->count && r > 0; i++)
        r = matcher_match(matcher->items[i], matching, value);
    return r;
}

int values_matcher_match(const struct values_matcher *matcher, struct matching *matching,
                         struct match_value *values, size_t count) {
    int r = matcher->mode == MATCH_EXACTLY && count != matcher->count;
    for (size_t i = 0; i < matcher->count && r == 0; i++)
        r = match_any(matcher->items[i], matching, values, count);
    for (size_t i = 0; i < count && r == 0 && matcher->mode == MATCH_EXACTLY; i++)
        r = match_some(matcher, matching, &values[i]);
    return r;
}
