#include "scim/scim_filter.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "json/json.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

enum kind { AND, OR, NOT, COMPARE, VALUE_PATH };
enum comparison { EQ, NE, CO, SW, EW, GT, GE, LT, LE, PR, N_COMPARISONS };
static const char *const names[N_COMPARISONS] = {"eq", "ne", "co", "sw", "ew",
                                                 "gt", "ge", "lt", "le", "pr"};

struct scim_filter {
    enum kind kind;
    struct scim_filter *child; /* the first */
    struct scim_filter *next;  /* of the parent's children */
    struct scim_path path;
    const struct scim_attribute *target; /* whose values are compared */
    enum comparison comparison;
    const char *text; /* the literal; NULL: null */
    bool is_text;     /* the literal is a string */
    bool flag;        /* a boolean literal */
    int64_t instant;  /* of a date */
};

struct parser {
    const char *at;
    const char *end;
    const struct scim_resource_type *type;
    const struct scim_attribute *parent;
    struct arena *arena;
    int depth;
    const char *problem;
};

static int fail(struct parser *parser, const char *problem) {
    parser->problem = problem;
    return 1;
}

static void skip_blanks(struct parser *parser) {
    while (parser->at < parser->end && *parser->at == ' ')
        parser->at++;
}

static bool next_is(struct parser *parser, char c) {
    skip_blanks(parser);
    return parser->at < parser->end && *parser->at == c;
}

/* Returns the length of the word at this place: it ends before a blank or a bracket. */
static size_t word_length(const struct parser *parser) {
    size_t length = 0;
    while (parser->at + length < parser->end && !strchr(" ()[]", parser->at[length]))
        length++;
    return length;
}

static bool take_word(struct parser *parser, const char *word) {
    skip_blanks(parser);
    size_t length = word_length(parser);
    if (length != strlen(word) || strncasecmp(parser->at, word, length) != 0)
        return false;
    parser->at += length;
    return true;
}

static int add_node(struct parser *parser, enum kind kind, struct scim_filter **ret_node) {
    struct scim_filter *node = arena_alloc(parser->arena, sizeof(*node));
    if (!node)
        return FATAL(ENOMEM);
    node->kind = kind;
    *ret_node = node;
    return 0;
}

/* Returns the length of the JSON value at this place, which need not be valid. */
static size_t literal_length(const struct parser *parser) {
    size_t left = (size_t)(parser->end - parser->at);
    if (left == 0 || *parser->at != '"')
        return word_length(parser);
    for (size_t i = 1; i < left; i++) {
        if (parser->at[i] == '"')
            return i + 1;
        i += parser->at[i] == '\\';
    }
    return left;
}

static int read_text(struct parser *parser, const cJSON *value, struct scim_filter *node) {
    const char *text = cJSON_IsString(value)   ? value->valuestring
                       : cJSON_IsTrue(value)   ? "true"
                       : cJSON_IsFalse(value)  ? "false"
                       : cJSON_IsNumber(value) ? ""
                                               : NULL;
    if (!text && !cJSON_IsNull(value))
        return fail(parser, "a filter compares with a string, number, boolean or null");
    node->is_text = cJSON_IsString(value);
    node->text = text ? arena_copy(parser->arena, text, strlen(text)) : NULL;
    return text && !node->text ? FATAL(ENOMEM) : 0;
}

/* Checks that the attribute can be compared in this way with this value. */
static int check_comparison(struct parser *parser, struct scim_filter *node) {
    enum comparison comparison = node->comparison;
    enum scim_type type = node->target->type;
    if (!node->text)
        return comparison == EQ || comparison == NE
                   ? 0
                   : fail(parser, "null has no order and no parts");
    if (type == SCIM_BOOLEAN || type == SCIM_BINARY) {
        if (comparison != EQ && comparison != NE)
            return fail(parser, "booleans and binary values have no order and no parts");
    }
    if (type == SCIM_BOOLEAN) {
        node->flag = strcasecmp(node->text, "true") == 0;
        if (!node->flag && strcasecmp(node->text, "false") != 0)
            return fail(parser, "the attribute is a boolean");
    } else if (!node->is_text) {
        return comparison == EQ || comparison == NE ? 0
                                                    : fail(parser, "the attribute is no number");
    }
    bool is_whole = comparison != CO && comparison != SW && comparison != EW;
    if (type == SCIM_DATE_TIME && is_whole && timestamp_parse(node->text, &node->instant) != 0)
        return fail(parser, "the attribute is a date, such as \"2024-01-02T03:04:05Z\"");
    return 0;
}

static int parse_literal(struct parser *parser, struct scim_filter *node) {
    CLEANUP(cleanup_json) cJSON *value = NULL;
    struct json_error error;
    skip_blanks(parser);
    size_t length = literal_length(parser);
    int r = json_parse(parser->at, length, &value, &error);
    if (r != 0)
        return r < 0 ? r : fail(parser, "a filter compares with a JSON value");
    parser->at += length;
    r = read_text(parser, value, node);
    return r == 0 ? check_comparison(parser, node) : r;
}

static int parse_comparison(struct parser *parser, struct scim_filter *node) {
    for (int i = 0; i < N_COMPARISONS; i++) {
        if (!take_word(parser, names[i]))
            continue;
        const struct scim_attribute *attribute =
            node->path.sub ? node->path.sub : node->path.attribute;
        node->comparison = (enum comparison)i;
        node->target = attribute;
        if (i == PR)
            return 0;
        if (attribute->type == SCIM_COMPLEX)
            node->target = scim_attribute_find(attribute->subs, "value", 5);
        return node->target ? parse_literal(parser, node)
                            : fail(parser, "a complex attribute has no order and no parts");
    }
    return fail(parser, "an operator is eq, ne, co, sw, ew, gt, ge, lt, le or pr");
}

static bool find_path(struct parser *parser, size_t length, struct scim_path *ret_path) {
    if (!parser->parent)
        return scim_path_parse(parser->type, parser->at, length, ret_path) && ret_path->attribute;
    *ret_path = (struct scim_path){
        .attribute = scim_attribute_find(parser->parent->subs, parser->at, length)};
    return ret_path->attribute != NULL;
}

static int parse_any(struct parser *parser, struct scim_filter **ret_node);

/* Parses what stands in brackets, up to the closing one. */
static int parse_enclosed(struct parser *parser, char end, struct scim_filter **ret_node) {
    parser->at++;
    if (++parser->depth > SCIM_FILTER_MAX_DEPTH)
        return fail(parser, "the filter is nested too deeply");
    int r = parse_any(parser, ret_node);
    if (r == 0 && !next_is(parser, end))
        return fail(parser, "a bracket is not closed");
    parser->at += r == 0;
    parser->depth--;
    return r;
}

static int parse_attribute(struct parser *parser, struct scim_filter **ret_node) {
    struct scim_filter *node;
    size_t length = word_length(parser);
    int r = add_node(parser, COMPARE, &node);
    if (r < 0)
        return r;
    if (length == 0 || !find_path(parser, length, &node->path))
        return fail(parser, "the filter names an attribute that the resource does not have");
    parser->at += length;
    if (parser->at < parser->end && *parser->at == '[') {
        if (parser->parent || node->path.sub || !node->path.attribute->subs)
            return fail(parser, "only a complex attribute takes a filter in brackets");
        node->kind = VALUE_PATH;
        parser->parent = node->path.attribute;
        r = parse_enclosed(parser, ']', &node->child);
        parser->parent = NULL;
    } else {
        r = parse_comparison(parser, node);
    }
    *ret_node = node;
    return r;
}

static int parse_term(struct parser *parser, struct scim_filter **ret_node) {
    if (next_is(parser, '('))
        return parse_enclosed(parser, ')', ret_node);
    if (!take_word(parser, "not"))
        return parse_attribute(parser, ret_node);
    if (!next_is(parser, '('))
        return fail(parser, "not needs a filter in parentheses");
    int r = add_node(parser, NOT, ret_node);
    return r == 0 ? parse_enclosed(parser, ')', &(*ret_node)->child) : r;
}

/* Parses filters that are joined by a word. A single one needs no node of its own. */
static int parse_list(struct parser *parser, enum kind kind, const char *word,
                      int (*parse)(struct parser *parser, struct scim_filter **ret_node),
                      struct scim_filter **ret_node) {
    struct scim_filter *first = NULL;
    struct scim_filter *last = NULL;
    size_t count = 0;
    do {
        struct scim_filter *node = NULL;
        int r = parse(parser, &node);
        if (r != 0)
            return r;
        *(last ? &last->next : &first) = node;
        last = node;
        count++;
    } while (take_word(parser, word));
    *ret_node = first;
    if (count == 1)
        return 0;
    int r = add_node(parser, kind, ret_node);
    if (r == 0)
        (*ret_node)->child = first;
    return r;
}

static int parse_all(struct parser *parser, struct scim_filter **ret_node) {
    return parse_list(parser, AND, "and", parse_term, ret_node);
}

static int parse_any(struct parser *parser, struct scim_filter **ret_node) {
    return parse_list(parser, OR, "or", parse_all, ret_node);
}

int scim_filter_parse(const struct scim_resource_type *type, const struct scim_attribute *parent,
                      const char *text, size_t length, struct arena *arena,
                      const struct scim_filter **ret_filter, const char **reterr_problem) {
    struct parser parser = {
        .at = text, .end = text + length, .type = type, .parent = parent, .arena = arena};
    struct scim_filter *node = NULL;
    int r = length <= SCIM_FILTER_MAX_LENGTH ? parse_any(&parser, &node)
                                             : fail(&parser, "the filter is too long");
    skip_blanks(&parser);
    if (r == 0 && parser.at < parser.end)
        r = fail(&parser, "something follows the filter");
    if (r == 0)
        *ret_filter = node;
    else
        *reterr_problem = parser.problem;
    return r;
}

static bool has_value(const cJSON *value) {
    return value && !cJSON_IsNull(value) &&
           ((!cJSON_IsArray(value) && !cJSON_IsObject(value)) || value->child) &&
           (!cJSON_IsString(value) || value->valuestring[0] != '\0');
}

/* `order` is the sign of a comparison with the literal. ne is treated as eq. */
static bool is_ordered(enum comparison comparison, int order) {
    bool is_greater = comparison == GT || comparison == GE;
    bool is_less = comparison == LT || comparison == LE;
    bool may_be_equal = comparison != GT && comparison != LT;
    return order > 0 ? is_greater : order < 0 ? is_less : may_be_equal;
}

static bool compare_text(const struct scim_filter *filter, const char *text) {
    bool exact = filter->target->flags & SCIM_EXACT;
    size_t length = strlen(text);
    size_t part = strlen(filter->text);
    if (filter->comparison == CO)
        return (exact ? strstr(text, filter->text) : strcasestr(text, filter->text)) != NULL;
    if (filter->comparison == SW)
        return (exact ? strncmp : strncasecmp)(text, filter->text, part) == 0;
    if (filter->comparison == EW && length < part)
        return false;
    if (filter->comparison == EW)
        text += length - part;
    return is_ordered(filter->comparison, (exact ? strcmp : strcasecmp)(text, filter->text));
}

static bool compare_date(const struct scim_filter *filter, const char *text) {
    int64_t instant;
    if (filter->comparison == CO || filter->comparison == SW || filter->comparison == EW)
        return compare_text(filter, text);
    return timestamp_parse(text, &instant) == 0 &&
           is_ordered(filter->comparison,
                      (instant > filter->instant) - (instant < filter->instant));
}

/* Whether one value passes. */
static bool compare_value(const struct scim_filter *filter, const cJSON *value,
                          struct budget *budget) {
    assert(filter->target);
    if (filter->target->type == SCIM_BOOLEAN)
        return cJSON_IsBool(value) && cJSON_IsTrue(value) == filter->flag;
    if (!cJSON_IsString(value) || !filter->is_text)
        return false;
    /* Finding a part may look at each character of the text for each of the part. */
    size_t steps = 1 + strlen(value->valuestring) / 16;
    if (filter->comparison == CO)
        steps *= 1 + strlen(filter->text) / 16;
    if (!budget_spend(budget, steps))
        return false;
    return filter->target->type == SCIM_DATE_TIME ? compare_date(filter, value->valuestring)
                                                  : compare_text(filter, value->valuestring);
}

static const cJSON *member_of(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Whether a value of the attribute, or what it has of the sub-attribute, passes. */
static bool match_value(const struct scim_filter *filter, const cJSON *value,
                        struct budget *budget) {
    const struct scim_attribute *attribute = filter->path.attribute;
    if (filter->kind == VALUE_PATH)
        return scim_filter_matches(filter->child, value, budget);
    if (filter->path.sub)
        value = member_of(value, filter->path.sub->name);
    if (filter->comparison == PR || !filter->text)
        return has_value(value);
    if (filter->target != attribute && filter->target != filter->path.sub)
        value = member_of(value, filter->target->name);
    return compare_value(filter, value, budget);
}

static bool match_any_value(const struct scim_filter *filter, const cJSON *value,
                            struct budget *budget) {
    if (filter->path.extension)
        value = member_of(value, filter->path.extension->id);
    value = member_of(value, filter->path.attribute->name);
    if (!cJSON_IsArray(value))
        return value && match_value(filter, value, budget);
    const cJSON *element;
    cJSON_ArrayForEach (element, value)
        if (!budget_spend(budget, 1) || match_value(filter, element, budget))
            return true;
    return false;
}

static bool match_attribute(const struct scim_filter *filter, const cJSON *value,
                            struct budget *budget) {
    bool found = match_any_value(filter, value, budget);
    if (filter->kind == VALUE_PATH || filter->comparison == PR)
        return found;
    /* `eq null` asks for no value, and `ne null` for any. */
    bool is_null = !filter->text;
    bool negates = is_null ? filter->comparison == EQ : filter->comparison == NE;
    return found != negates;
}

bool scim_filter_matches(const struct scim_filter *filter, const cJSON *value,
                         struct budget *budget) {
    if (!budget_spend(budget, 1))
        return false;
    if (filter->kind == NOT)
        return !scim_filter_matches(filter->child, value, budget);
    if (filter->kind == COMPARE || filter->kind == VALUE_PATH)
        return match_attribute(filter, value, budget);
    for (const struct scim_filter *child = filter->child; child; child = child->next)
        if (scim_filter_matches(child, value, budget) == (filter->kind == OR))
            return filter->kind == OR;
    return filter->kind == AND;
}

static bool is_equality(const struct scim_filter *filter) {
    return filter->kind == COMPARE && filter->comparison == EQ && filter->is_text;
}

const char *scim_filter_key(const struct scim_filter *filter, const char *name) {
    if (is_equality(filter) && !filter->path.extension && !filter->path.sub &&
        strcmp(filter->path.attribute->name, name) == 0)
        return filter->text;
    const char *key = NULL;
    if (filter->kind == AND)
        for (const struct scim_filter *child = filter->child; child && !key; child = child->next)
            key = scim_filter_key(child, name);
    return key;
}

bool scim_filter_names(const struct scim_filter *filter, const char *name) {
    if (filter->kind == COMPARE || filter->kind == VALUE_PATH)
        return !filter->path.extension && strcmp(filter->path.attribute->name, name) == 0;
    bool found = false;
    for (const struct scim_filter *child = filter->child; child && !found; child = child->next)
        found = scim_filter_names(child, name);
    return found;
}

bool scim_filter_fill(const struct scim_filter *filter, cJSON *value) {
    bool filled = true;
    if (filter->kind == AND)
        for (const struct scim_filter *child = filter->child; child && filled; child = child->next)
            filled = scim_filter_fill(child, value);
    if (!is_equality(filter) && !(filter->kind == COMPARE && filter->comparison == EQ &&
                                  filter->text && filter->target->type == SCIM_BOOLEAN))
        return filled;
    const char *name = filter->path.attribute->name;
    if (member_of(value, name))
        return filled;
    return filter->target->type == SCIM_BOOLEAN
               ? cJSON_AddBoolToObject(value, name, filter->flag) != NULL
               : cJSON_AddStringToObject(value, name, filter->text) != NULL;
}
