#include <errno.h>
#include <string.h>

#include "json/json_path_text.h"
#include "util/fatal.h"

enum { MAX_SIZE = 4096 };

static bool is_name_char(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '-' || (unsigned char)c >= 0x80;
}

static int parse_names(struct json_path_reader *p, struct json_step *step) {
    step->selector = SELECT_NAMES;
    step->names = arena_alloc(p->arena, JSON_PATH_MAX_LIST * sizeof(*step->names));
    if (!step->names)
        return FATAL(ENOMEM);
    do {
        json_path_skip_blanks(p);
        if (step->count == JSON_PATH_MAX_LIST)
            return json_path_refuse(p, "too many names");
        if (*p->at != '\'' && *p->at != '"')
            return json_path_refuse(p, "quoted name expected");
        int r = json_path_read_quoted(p, &step->names[step->count++]);
        if (r != 0)
            return r;
        json_path_skip_blanks(p);
    } while (json_path_take(p, ","));
    return 0;
}

static int parse_slice(struct json_path_reader *p, struct json_step *step) {
    step->selector = SELECT_SLICE;
    step->slice.step = 1;
    int r = 0;
    json_path_skip_blanks(p);
    step->slice.has_end = *p->at != ']' && *p->at != ':';
    if (step->slice.has_end)
        r = json_path_read_integer(p, &step->slice.end);
    json_path_skip_blanks(p);
    if (r == 0 && json_path_take(p, ":")) {
        json_path_skip_blanks(p);
        if (*p->at != ']')
            r = json_path_read_integer(p, &step->slice.step);
    }
    if (r == 0 && step->slice.step <= 0)
        r = json_path_refuse(p, "the step of a slice must be positive");
    return r;
}

static int parse_indexes(struct json_path_reader *p, struct json_step *step) {
    if (json_path_take(p, ":"))
        return parse_slice(p, step);
    step->selector = SELECT_INDEXES;
    step->indexes = arena_alloc(p->arena, JSON_PATH_MAX_LIST * sizeof(*step->indexes));
    if (!step->indexes)
        return FATAL(ENOMEM);
    do {
        json_path_skip_blanks(p);
        if (step->count == JSON_PATH_MAX_LIST)
            return json_path_refuse(p, "too many indexes");
        int r = json_path_read_integer(p, &step->indexes[step->count++]);
        if (r != 0)
            return r;
        json_path_skip_blanks(p);
        if (step->count == 1 && json_path_take(p, ":")) {
            step->slice.has_start = true;
            step->slice.start = step->indexes[0];
            return parse_slice(p, step);
        }
    } while (json_path_take(p, ","));
    return 0;
}

static int parse_brackets(struct json_path_reader *p, struct json_step *step) {
    int r = 0;
    json_path_skip_blanks(p);
    if (json_path_take(p, "*")) {
        step->selector = SELECT_ALL;
    } else if (json_path_take(p, "?")) {
        step->selector = SELECT_FILTER;
        r = json_path_parse_filter(p, &step->filter);
    } else if (*p->at == '\'' || *p->at == '"') {
        r = parse_names(p, step);
    } else {
        r = parse_indexes(p, step);
    }
    json_path_skip_blanks(p);
    if (r == 0 && !json_path_take(p, "]"))
        r = json_path_refuse(p, "']' expected");
    return r;
}

/* Reads the parameters of a function, up to its closing parenthesis. */
static int parse_parameters(struct json_path_reader *p, struct json_step *step) {
    json_path_skip_blanks(p);
    if (json_path_take(p, ")"))
        return 0;
    step->parameters = arena_alloc(p->arena, JSON_PATH_MAX_LIST * sizeof(*step->parameters));
    if (!step->parameters)
        return FATAL(ENOMEM);
    do {
        json_path_skip_blanks(p);
        if (step->count == JSON_PATH_MAX_LIST)
            return json_path_refuse(p, "too many parameters");
        if (!*p->at || !strchr("$\"{-0123456789", *p->at))
            return json_path_refuse(p, "path, number, object or text in double quotes expected");
        int r = json_path_parse_operand(p, &step->parameters[step->count++]);
        if (r != 0)
            return r;
        json_path_skip_blanks(p);
    } while (json_path_take(p, ","));
    return json_path_take(p, ")") ? 0 : json_path_refuse(p, "')' expected");
}

static int parse_function(struct json_path_reader *p, const char *name, struct json_step *step) {
    static const struct {
        const char *name;
        enum json_function function;
        bool takes_parameters;
    } functions[] = {
        {"append(", FUNCTION_APPEND, true}, {"avg(", FUNCTION_AVERAGE, true},
        {"concat(", FUNCTION_CONCAT, true}, {"first(", FUNCTION_FIRST, true},
        {"index(", FUNCTION_INDEX, true},   {"keys(", FUNCTION_KEYS, true},
        {"last(", FUNCTION_LAST, true},     {"length(", FUNCTION_LENGTH, false},
        {"max(", FUNCTION_MAX, true},       {"min(", FUNCTION_MIN, true},
        {"size(", FUNCTION_LENGTH, false},  {"stddev(", FUNCTION_DEVIATION, true},
        {"sum(", FUNCTION_SUM, true},
    };
    const size_t count = sizeof(functions) / sizeof(functions[0]);
    const char *end = p->at;
    size_t i = 0;
    p->at = name;
    while (i < count && !json_path_take(p, functions[i].name))
        i++;
    if (i == count || step->descend) {
        p->at = end;
        return json_path_refuse(p, "unsupported function");
    }
    step->selector = SELECT_FUNCTION;
    step->function = functions[i].function;
    int r = parse_parameters(p, step);
    if (r == 0 && step->count > 0 && !functions[i].takes_parameters)
        r = json_path_refuse(p, "parameters are not supported here");
    return r;
}

static int parse_name(struct json_path_reader *p, struct json_step *step) {
    if (json_path_take(p, "*")) {
        step->selector = SELECT_ALL;
        return 0;
    }
    const char *start = p->at;
    while (is_name_char(*p->at))
        p->at++;
    size_t length = (size_t)(p->at - start);
    if (length == 0)
        return json_path_refuse(p, "name expected");
    if (*p->at == '(')
        return parse_function(p, start, step);
    step->selector = SELECT_NAMES;
    step->count = 1;
    step->names = arena_alloc(p->arena, sizeof(*step->names));
    if (!step->names || !(step->names[0] = arena_copy(p->arena, start, length)))
        return FATAL(ENOMEM);
    return 0;
}

static int parse_step(struct json_path_reader *p, bool named, struct json_step **ret_step) {
    struct json_step *step = arena_alloc(p->arena, sizeof(*step));
    if (!step)
        return FATAL(ENOMEM);
    *ret_step = step;
    if (named)
        return parse_name(p, step);
    if (json_path_take(p, "["))
        return parse_brackets(p, step);
    if (!json_path_take(p, "."))
        return json_path_refuse(p, "unexpected character");
    step->descend = json_path_take(p, ".");
    return json_path_take(p, "[") ? parse_brackets(p, step) : parse_name(p, step);
}

/* With `named`, the path starts with a name and omits the "$.". */
static int parse_steps(struct json_path_reader *p, bool named, struct json_path *path) {
    struct json_step **tail = &path->steps;
    path->is_definite = true;
    while (named || *p->at == '.' || *p->at == '[') {
        int r = parse_step(p, named, tail);
        if (r != 0)
            return r;
        path->is_definite &= json_step_is_single(*tail);
        if ((*tail)->selector == SELECT_FUNCTION)
            return 0;
        tail = &(*tail)->next;
        named = false;
    }
    return 0;
}

static int parse_path(struct json_path_reader *p, const struct json_path **ret_path) {
    struct json_path *path = arena_alloc(p->arena, sizeof(*path));
    if (!path)
        return FATAL(ENOMEM);
    path->is_relative = json_path_take(p, "@");
    if (!path->is_relative && !json_path_take(p, "$"))
        return json_path_refuse(p, "'$' expected");
    int r = parse_steps(p, false, path);
    if (r == 0)
        *ret_path = path;
    return r;
}

int json_path_parse_operand(struct json_path_reader *p, struct json_operand *operand) {
    json_path_skip_blanks(p);
    if (*p->at == '@' || *p->at == '$')
        return parse_path(p, &operand->path);
    return json_path_read_literal(p, &operand->literal);
}

/* As Jayway does, turns $..a.sum(1) into $.sum($..a), and $..a.length() into the number of what is
 * directly below. */
static int invert(struct arena *arena, struct json_path *path) {
    struct json_step **tail = &path->steps;
    while (*tail && (*tail)->next)
        tail = &(*tail)->next;
    struct json_step *last = *tail;
    if (!last || last->selector != SELECT_FUNCTION || !path->steps->descend)
        return 0;
    struct json_path *inner = arena_alloc(arena, sizeof(*inner));
    struct json_step *below = arena_alloc(arena, sizeof(*below));
    struct json_operand *parameters = arena_alloc(arena, sizeof(*parameters));
    if (!inner || !below || !parameters)
        return FATAL(ENOMEM);
    *tail = last->function == FUNCTION_LENGTH ? below : NULL;
    below->selector = SELECT_ALL;
    inner->steps = path->steps;
    parameters->path = inner;
    last->parameters = parameters;
    last->count = 1;
    path->steps = last;
    path->is_definite = true;
    return 0;
}

int json_path_parse(const char *text, struct arena *arena, const struct json_path **ret_path,
                    char reterr_error[JSON_PATH_ERROR_SIZE]) {
    struct json_path_reader parser = {.text = text, .at = text, .arena = arena};
    parser.error = reterr_error;
    struct json_path *path = arena_alloc(arena, sizeof(*path));
    if (!path)
        return FATAL(ENOMEM);
    if (strlen(text) > MAX_SIZE)
        return json_path_refuse(&parser, "too long");
    json_path_skip_blanks(&parser);
    bool has_root = json_path_take(&parser, "$") || json_path_take(&parser, "@");
    int r = parse_steps(&parser, !has_root, path);
    json_path_skip_blanks(&parser);
    if (r == 0 && *parser.at)
        r = json_path_refuse(&parser, "unexpected character");
    if (r == 0)
        r = invert(arena, path);
    if (r == 0)
        *ret_path = path;
    return r;
}
