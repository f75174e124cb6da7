#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_path_parts.h"
#include "util/fatal.h"

enum { MAX_SIZE = 4096, MAX_LIST = 64, MAX_DEPTH = 16 };

struct parser {
    const char *text;
    const char *at;
    struct arena *arena;
    int depth; /* nesting of filters and parentheses */
    char *error;
};

static int refuse(struct parser *p, const char *reason) {
    snprintf(p->error, JSON_PATH_ERROR_SIZE, "%s at byte %zu of the JSONPath", reason,
             (size_t)(p->at - p->text));
    return 1;
}

static void skip_blanks(struct parser *p) {
    p->at += strspn(p->at, " \t\r\n");
}

static bool take(struct parser *p, const char *token) {
    size_t length = strlen(token);
    if (strncmp(p->at, token, length) != 0)
        return false;
    p->at += length;
    return true;
}

static bool is_name_char(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '-' || (unsigned char)c >= 0x80;
}

/* Copies the text up to the next `quote` and moves past it. With `keep`, backslashes stay, except
 * before a quote. */
static int parse_delimited(struct parser *p, char quote, bool keep, char **ret_text) {
    const char *end = p->at;
    while (*end && *end != quote)
        end += *end == '\\' && end[1] ? 2 : 1;
    if (!*end)
        return refuse(p, "unterminated string");
    char *out = arena_copy(p->arena, p->at, (size_t)(end - p->at));
    if (!out)
        return FATAL(ENOMEM);
    *ret_text = out;
    while (p->at < end) {
        if (*p->at == '\\' && (!keep || p->at[1] == quote))
            p->at++;
        else if (*p->at == '\\')
            *out++ = *p->at++;
        *out++ = *p->at++;
    }
    *out = '\0';
    p->at++;
    return 0;
}

static int parse_quoted(struct parser *p, char **ret_text) {
    char quote = *p->at++;
    return parse_delimited(p, quote, false, ret_text);
}

static int parse_integer(struct parser *p, long *ret_value) {
    char *end;
    const char *digits = p->at + (*p->at == '-');
    if (*digits < '0' || *digits > '9')
        return refuse(p, "number expected");
    if (strspn(digits, "0123456789") > 9)
        return refuse(p, "number is too large");
    *ret_value = strtol(p->at, &end, 10);
    p->at = end;
    return 0;
}

static int parse_path(struct parser *p, const struct json_path **ret_path);
static int parse_or(struct parser *p, const struct json_filter **ret_filter);

static int parse_names(struct parser *p, struct json_step *step) {
    step->selector = SELECT_NAMES;
    step->names = arena_alloc(p->arena, MAX_LIST * sizeof(*step->names));
    if (!step->names)
        return FATAL(ENOMEM);
    do {
        skip_blanks(p);
        if (step->count == MAX_LIST)
            return refuse(p, "too many names");
        if (*p->at != '\'' && *p->at != '"')
            return refuse(p, "quoted name expected");
        int r = parse_quoted(p, &step->names[step->count++]);
        if (r != 0)
            return r;
        skip_blanks(p);
    } while (take(p, ","));
    return 0;
}

static int parse_slice(struct parser *p, struct json_step *step) {
    step->selector = SELECT_SLICE;
    step->slice.step = 1;
    int r = 0;
    skip_blanks(p);
    step->slice.has_end = *p->at != ']' && *p->at != ':';
    if (step->slice.has_end)
        r = parse_integer(p, &step->slice.end);
    skip_blanks(p);
    if (r == 0 && take(p, ":")) {
        skip_blanks(p);
        if (*p->at != ']')
            r = parse_integer(p, &step->slice.step);
    }
    if (r == 0 && step->slice.step <= 0)
        r = refuse(p, "the step of a slice must be positive");
    return r;
}

static int parse_indexes(struct parser *p, struct json_step *step) {
    if (take(p, ":"))
        return parse_slice(p, step);
    step->selector = SELECT_INDEXES;
    step->indexes = arena_alloc(p->arena, MAX_LIST * sizeof(*step->indexes));
    if (!step->indexes)
        return FATAL(ENOMEM);
    do {
        skip_blanks(p);
        if (step->count == MAX_LIST)
            return refuse(p, "too many indexes");
        int r = parse_integer(p, &step->indexes[step->count++]);
        if (r != 0)
            return r;
        skip_blanks(p);
        if (step->count == 1 && take(p, ":")) {
            step->slice.has_start = true;
            step->slice.start = step->indexes[0];
            return parse_slice(p, step);
        }
    } while (take(p, ","));
    return 0;
}

static int parse_brackets(struct parser *p, struct json_step *step) {
    int r = 0;
    skip_blanks(p);
    if (take(p, "*")) {
        step->selector = SELECT_ALL;
    } else if (take(p, "?")) {
        step->selector = SELECT_FILTER;
        r = parse_or(p, &step->filter);
    } else if (*p->at == '\'' || *p->at == '"') {
        r = parse_names(p, step);
    } else {
        r = parse_indexes(p, step);
    }
    skip_blanks(p);
    if (r == 0 && !take(p, "]"))
        r = refuse(p, "']' expected");
    return r;
}

static int parse_name(struct parser *p, struct json_step *step) {
    if (take(p, "*")) {
        step->selector = SELECT_ALL;
        return 0;
    }
    const char *start = p->at;
    while (is_name_char(*p->at))
        p->at++;
    size_t length = (size_t)(p->at - start);
    if (length == 0)
        return refuse(p, "name expected");
    if (*p->at == '(') {
        bool is_length = (length == 6 && strncmp(start, "length", 6) == 0) ||
                         (length == 4 && strncmp(start, "size", 4) == 0);
        if (!is_length || !take(p, "()") || step->descend)
            return refuse(p, "unsupported function");
        step->selector = SELECT_LENGTH;
        return 0;
    }
    step->selector = SELECT_NAMES;
    step->count = 1;
    step->names = arena_alloc(p->arena, sizeof(*step->names));
    if (!step->names || !(step->names[0] = arena_copy(p->arena, start, length)))
        return FATAL(ENOMEM);
    return 0;
}

static int parse_step(struct parser *p, bool named, struct json_step **ret_step) {
    struct json_step *step = arena_alloc(p->arena, sizeof(*step));
    if (!step)
        return FATAL(ENOMEM);
    *ret_step = step;
    if (named)
        return parse_name(p, step);
    if (take(p, "["))
        return parse_brackets(p, step);
    if (!take(p, "."))
        return refuse(p, "unexpected character");
    step->descend = take(p, ".");
    return take(p, "[") ? parse_brackets(p, step) : parse_name(p, step);
}

static bool is_single(const struct json_step *step) {
    return !step->descend &&
           (step->selector == SELECT_LENGTH ||
            ((step->selector == SELECT_NAMES || step->selector == SELECT_INDEXES) &&
             step->count == 1));
}

/* With `named`, the path starts with a name and omits the "$.". */
static int parse_steps(struct parser *p, bool named, struct json_path *path) {
    struct json_step **tail = &path->steps;
    path->is_definite = true;
    while (named || *p->at == '.' || *p->at == '[') {
        int r = parse_step(p, named, tail);
        if (r != 0)
            return r;
        path->is_definite &= is_single(*tail);
        if ((*tail)->selector == SELECT_LENGTH)
            return 0;
        tail = &(*tail)->next;
        named = false;
    }
    return 0;
}

static int parse_path(struct parser *p, const struct json_path **ret_path) {
    struct json_path *path = arena_alloc(p->arena, sizeof(*path));
    if (!path)
        return FATAL(ENOMEM);
    path->is_relative = take(p, "@");
    if (!path->is_relative && !take(p, "$"))
        return refuse(p, "'$' expected");
    int r = parse_steps(p, false, path);
    if (r == 0)
        *ret_path = path;
    return r;
}

static int parse_literal(struct parser *p, const cJSON **ret_literal) {
    cJSON *literal = arena_alloc(p->arena, sizeof(*literal));
    if (!literal)
        return FATAL(ENOMEM);
    *ret_literal = literal;
    if (*p->at == '\'' || *p->at == '"') {
        literal->type = cJSON_String;
        return parse_quoted(p, &literal->valuestring);
    }
    if (take(p, "true"))
        literal->type = cJSON_True;
    else if (take(p, "false"))
        literal->type = cJSON_False;
    else if (take(p, "null"))
        literal->type = cJSON_NULL;
    else if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9')) {
        size_t length = strspn(p->at, "0123456789+-.eE");
        char *copy = arena_copy(p->arena, p->at, length);
        char *end;
        if (!copy)
            return FATAL(ENOMEM);
        literal->type = cJSON_Number;
        literal->valuestring = copy;
        literal->valuedouble = strtod(copy, &end);
        if (*end)
            return refuse(p, "invalid number");
        p->at += length;
    } else {
        return refuse(p, "path or value expected");
    }
    return 0;
}

static int parse_operand(struct parser *p, struct json_operand *operand) {
    skip_blanks(p);
    if (*p->at == '@' || *p->at == '$')
        return parse_path(p, &operand->path);
    return parse_literal(p, &operand->literal);
}

static int parse_regex(struct parser *p, struct json_filter *filter) {
    skip_blanks(p);
    if (!take(p, "/"))
        return refuse(p, "'/' expected");
    char *pattern = NULL;
    int r = parse_delimited(p, '/', true, &pattern);
    if (r != 0)
        return r;
    unsigned mode = REGEX_JAVA | REGEX_WHOLE | (take(p, "i") ? REGEX_CASELESS : 0);
    char reason[REGEX_ERROR_SIZE];
    r = regex_compile(pattern, mode, p->arena, &filter->regex, reason);
    return r > 0 ? refuse(p, "invalid regular expression") : r;
}

static int parse_comparison(struct parser *p, const struct json_filter **ret_filter) {
    static const struct {
        const char *token;
        enum json_test test;
    } operators[] = {
        {"==", TEST_EQUAL},         {"!=", TEST_UNEQUAL},
        {"<=", TEST_LESS_OR_EQUAL}, {">=", TEST_GREATER_OR_EQUAL},
        {"<", TEST_LESS},           {">", TEST_GREATER},
        {"=~", TEST_REGEX},
    };
    struct json_filter *filter = arena_alloc(p->arena, sizeof(*filter));
    if (!filter)
        return FATAL(ENOMEM);
    *ret_filter = filter;
    filter->test = TEST_EXISTS;
    int r = parse_operand(p, &filter->a);
    if (r != 0)
        return r;
    skip_blanks(p);
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (!take(p, operators[i].token))
            continue;
        filter->test = operators[i].test;
        return filter->test == TEST_REGEX ? parse_regex(p, filter) : parse_operand(p, &filter->b);
    }
    return filter->a.path ? 0 : refuse(p, "operator expected");
}

static int parse_not(struct parser *p, const struct json_filter **ret_filter) {
    int r;
    skip_blanks(p);
    if (p->depth == MAX_DEPTH)
        return refuse(p, "nested too deeply");
    p->depth++;
    if (take(p, "!")) {
        struct json_filter *filter = arena_alloc(p->arena, sizeof(*filter));
        if (!filter)
            return FATAL(ENOMEM);
        filter->test = TEST_NOT;
        r = parse_not(p, &filter->left);
        *ret_filter = filter;
    } else if (take(p, "(")) {
        r = parse_or(p, ret_filter);
        skip_blanks(p);
        if (r == 0 && !take(p, ")"))
            r = refuse(p, "')' expected");
    } else {
        r = parse_comparison(p, ret_filter);
    }
    p->depth--;
    return r;
}

/* Parses operands joined by one operator; `parse` parses an operand. */
static int parse_joined(struct parser *p, const char *token, enum json_test test,
                        int (*parse)(struct parser *, const struct json_filter **),
                        const struct json_filter **ret_filter) {
    const struct json_filter *left = NULL;
    int r = parse(p, &left);
    for (int joined = 0; r == 0; joined++) {
        skip_blanks(p);
        if (!take(p, token))
            break;
        if (joined == MAX_LIST)
            return refuse(p, "too many conditions");
        struct json_filter *filter = arena_alloc(p->arena, sizeof(*filter));
        if (!filter)
            return FATAL(ENOMEM);
        filter->test = test;
        filter->left = left;
        r = parse(p, &filter->right);
        left = filter;
    }
    if (r == 0)
        *ret_filter = left;
    return r;
}

static int parse_and(struct parser *p, const struct json_filter **ret_filter) {
    return parse_joined(p, "&&", TEST_AND, parse_not, ret_filter);
}

static int parse_or(struct parser *p, const struct json_filter **ret_filter) {
    return parse_joined(p, "||", TEST_OR, parse_and, ret_filter);
}

int json_path_parse(const char *text, struct arena *arena, const struct json_path **ret_path,
                    char reterr_error[JSON_PATH_ERROR_SIZE]) {
    struct parser parser = {.text = text, .at = text, .arena = arena};
    parser.error = reterr_error;
    struct json_path *path = arena_alloc(arena, sizeof(*path));
    if (!path)
        return FATAL(ENOMEM);
    if (strlen(text) > MAX_SIZE)
        return refuse(&parser, "too long");
    skip_blanks(&parser);
    int r = parse_steps(&parser, !take(&parser, "$"), path);
    skip_blanks(&parser);
    if (r == 0 && *parser.at)
        r = refuse(&parser, "unexpected character");
    if (r == 0)
        *ret_path = path;
    return r;
}
