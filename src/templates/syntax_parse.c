#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_number.h"
#include "templates/syntax_parts.h"
#include "util/fatal.h"

enum { MAX_PARAMS = 200, MAX_NAMES = 32 };

void syntax_skip_blanks(struct syntax *s) {
    s->at += strspn(s->at, " \t\r\n");
}

int syntax_end_tag(struct syntax *s, const char *end) {
    syntax_skip_blanks(s);
    bool strips = *s->at == '~';
    if (strncmp(s->at + strips, end, strlen(end)) != 0)
        return syntax_refuse(s, s->at < s->end ? s->at : s->tag,
                             s->at < s->end ? "expects %s here" : "has a tag without its %s", end);
    s->at += strips + strlen(end);
    s->strips = strips;
    return 0;
}

/* Characters that end a name. */
static size_t name_length(const char *at) {
    return strcspn(at, " \t\r\n!\"#%&'()*+,./;<=>@[\\]^`{|}~");
}

static const char *copy(struct syntax *s, const char *start, size_t length) {
    return arena_copy(s->arena, start, length);
}

/* ---- Literals */

/* Reads a text between quotes, in which a backslash before such a quote is left out. */
static int parse_string(struct syntax *s, struct expression *ret_expression) {
    char quote = *s->at;
    const char *start = s->at + 1;
    const char *end = start;
    while (end < s->end && *end != quote)
        end += *end == '\\' && end[1] == quote ? 2 : 1;
    if (end >= s->end)
        return syntax_refuse(s, s->at, "has a text without its end");
    char *text = arena_alloc(s->arena, (size_t)(end - start) + 1);
    if (!text)
        return FATAL(ENOMEM);
    size_t size = 0;
    for (const char *at = start; at < end; at++) {
        at += *at == '\\' && at[1] == quote;
        text[size++] = *at;
    }
    s->at = end + 1;
    *ret_expression = (struct expression){.literal = value_of_bytes(text, size)};
    return 0;
}

/* Returns the length of a whole or decimal number, or 0. */
static size_t number_length(const char *at) {
    static const char digits[] = "0123456789";
    size_t sign = *at == '-';
    size_t length = sign + strspn(at + sign, digits);
    if (length == sign)
        return 0;
    size_t fraction = at[length] == '.' ? strspn(at + length + 1, digits) : 0;
    length += fraction > 0 ? fraction + 1 : 0;
    return strchr(" \t\r\n)}~", at[length]) ? length : 0;
}

static int parse_number(struct syntax *s, size_t length, struct expression *ret_expression) {
    struct value_room room = {.arena = s->arena};
    const char *text = copy(s, s->at, length);
    if (!text)
        return FATAL(ENOMEM);
    struct value number = value_of_bytes(text, length);
    number.kind = VALUE_NUMBER;
    if (strchr(text, '.')) /* a double in Java */
        number = value_of_double(&room, strtod(text, NULL));
    s->at += length;
    *ret_expression = (struct expression){.literal = number};
    return room.lacks_memory ? FATAL(ENOMEM) : 0;
}

static bool is_word(const struct syntax *s, const char *word) {
    size_t length = strlen(word);
    return strncmp(s->at, word, length) == 0 && name_length(s->at) == length &&
           !strchr(".[/=", s->at[length] ? s->at[length] : ' ');
}

/* ---- Paths */

static int add_name(struct syntax *s, struct path *path, const char *start, size_t length) {
    const char *name = copy(s, start, length);
    if (!path->names)
        path->names = arena_alloc(s->arena, MAX_NAMES * sizeof(*path->names));
    if (!name || !path->names)
        return FATAL(ENOMEM);
    if (path->count == MAX_NAMES)
        return syntax_refuse(s, start, "has a path with more than %d names", MAX_NAMES);
    path->names[path->count++] = name;
    return 0;
}

/* Reads a name, or any text between brackets. */
static int parse_name(struct syntax *s, struct path *path) {
    bool is_bracket = *s->at == '[';
    const char *start = s->at + is_bracket;
    size_t length = is_bracket ? strcspn(start, "]") : name_length(start);
    if (is_bracket && start[length] != ']')
        return syntax_refuse(s, s->at, "has a [ without its ]");
    if (!is_bracket && length == 0)
        return syntax_refuse(s, s->at < s->end ? s->at : s->tag,
                             s->at < s->end ? "expects a name here" : "has a tag without its }}");
    s->at = start + length + is_bracket;
    return add_name(s, path, start, length);
}

/* Reads what a path starts with: this, ./ and ../ */
static void parse_start(struct syntax *s, struct path *path) {
    path->is_data = *s->at == '@';
    s->at += path->is_data;
    while (strncmp(s->at, "..", 2) == 0) {
        path->n_up++;
        s->at += 2;
        s->at += *s->at == '/';
    }
    path->is_here = path->n_up > 0;
    if (*s->at == '.') {
        path->is_here = true;
        s->at++;
        s->at += *s->at == '/';
    } else if (strncmp(s->at, "this", 4) == 0 && name_length(s->at) == 4) {
        path->is_here = true;
        s->at += 4;
        s->at += *s->at == '.' || *s->at == '/';
    }
}

static int parse_path(struct syntax *s, struct expression *ret_expression) {
    struct expression expression = {.kind = EXPRESSION_PATH};
    parse_start(s, &expression.path);
    bool is_whole = expression.path.is_here && strchr(" \t\r\n)}~=", *s->at);
    int r = is_whole ? 0 : parse_name(s, &expression.path);
    while (r == 0 && *s->at && strchr("./[", *s->at)) {
        s->at += strspn(s->at, "./");
        r = parse_name(s, &expression.path);
    }
    if (r == 0)
        *ret_expression = expression;
    return r;
}

/* ---- Calls */

static int parse_subexpression(struct syntax *s, struct expression *ret_expression) {
    struct call *call = NULL;
    const char *open = s->at++;
    if (++s->depth > SYNTAX_MAX_DEPTH)
        return syntax_refuse(s, open, "nests more than %d deep", SYNTAX_MAX_DEPTH);
    syntax_skip_blanks(s);
    int r = syntax_parse_call(s, false, &call);
    if (r != 0)
        return r;
    s->depth--;
    syntax_skip_blanks(s);
    if (*s->at != ')')
        return syntax_refuse(s, s->at < s->end ? s->at : open, "expects ) here");
    s->at++;
    *ret_expression = (struct expression){.kind = EXPRESSION_CALL, .call = call};
    return 0;
}

static int parse_expression(struct syntax *s, struct expression *ret_expression) {
    size_t length = number_length(s->at);
    if (*s->at == '(')
        return parse_subexpression(s, ret_expression);
    if (*s->at == '\'' || *s->at == '"')
        return parse_string(s, ret_expression);
    if (length > 0)
        return parse_number(s, length, ret_expression);
    bool is_true = is_word(s, "true");
    if (is_true || is_word(s, "false")) {
        s->at += is_true ? 4 : 5;
        *ret_expression = (struct expression){.literal = value_of_boolean(is_true)};
        return 0;
    }
    if (is_word(s, "null") || is_word(s, "undefined")) {
        s->at += name_length(s->at);
        *ret_expression = (struct expression){.kind = EXPRESSION_LITERAL};
        return 0;
    }
    return parse_path(s, ret_expression);
}

static bool has_option(const struct helper *helper, const char *name) {
    size_t length = strlen(name);
    const char *at = helper->options;
    while (at && (at = strstr(at, name))) {
        bool starts = at == helper->options || at[-1] == ' ';
        if (starts && (at[length] == ' ' || at[length] == '\0'))
            return true;
        at += length;
    }
    return false;
}

/* Reads the name of an option. */
static int parse_option(struct syntax *s, const struct call *call, const char **ret_name) {
    size_t length = name_length(s->at);
    const char *start = s->at;
    const char *name = copy(s, s->at, length);
    if (!name)
        return FATAL(ENOMEM);
    if (syntax_option(call, name))
        return syntax_refuse(s, start, "has the option '%.40s' twice", name);
    if (call->helper && !has_option(call->helper, name))
        return syntax_refuse(s, start, "'%s' has no option '%.40s'%s%s", call->helper->name, name,
                             call->helper->options ? "; it has: " : "",
                             call->helper->options ? call->helper->options : "");
    s->at += length + 1;
    syntax_skip_blanks(s);
    *ret_name = name;
    return 0;
}

/* Reads as |value key|, whose word is read. */
static int parse_block_names(struct syntax *s, struct call *call) {
    size_t count = 0;
    s->at += strspn(s->at, " \t\r\n") + 1;
    for (syntax_skip_blanks(s); *s->at != '|'; syntax_skip_blanks(s)) {
        size_t length = name_length(s->at);
        if (length == 0 || count == 2)
            return syntax_refuse(s, s->at < s->end ? s->at : s->tag,
                                 "expects one or two names between | and |");
        call->names[count] = copy(s, s->at, length);
        if (!call->names[count++])
            return FATAL(ENOMEM);
        s->at += length;
    }
    s->at++;
    return 0;
}

static bool takes_block_names(const struct syntax *s) {
    return strncmp(s->at, "as", 2) == 0 && s->at[2 + strspn(s->at + 2, " \t\r\n")] == '|';
}

static bool ends_params(char c) {
    return c == '\0' || c == '}' || c == '~' || c == ')' || c == '|';
}

static int parse_params(struct syntax *s, struct call *call) {
    const struct argument **end = &call->arguments;
    size_t count = 0;
    int r = 0;
    for (syntax_skip_blanks(s); r == 0 && !ends_params(*s->at); syntax_skip_blanks(s)) {
        if (++count > MAX_PARAMS)
            return syntax_refuse(s, s->at, "has more than %d parameters", MAX_PARAMS);
        if (call->is_body && takes_block_names(s)) {
            s->at += 2;
            return parse_block_names(s, call);
        }
        struct argument *argument = arena_alloc(s->arena, sizeof(*argument));
        if (!argument)
            return FATAL(ENOMEM);
        size_t length = name_length(s->at);
        if (length > 0 && s->at[length] == '=')
            r = parse_option(s, call, &argument->name);
        else
            call->n_params++;
        if (r == 0)
            r = parse_expression(s, &argument->expression);
        *end = argument;
        end = &argument->next;
    }
    return r;
}

static int check_call(struct syntax *s, const struct call *call, const char *start) {
    char error[SYNTAX_ERROR_SIZE];
    const struct helper *helper = call->helper;
    if (helper->is_block && !call->is_body)
        return syntax_refuse(s, start, "'%s' needs a block: {{#%s}}…{{/%s}}", helper->name,
                             helper->name, helper->name);
    if (!helper->is_block && !helper->has_body && call->is_body)
        return syntax_refuse(s, start, "'%s' cannot be a block", helper->name);
    int r = helper->check ? helper->check(call, s->arena, error) : 0;
    return r > 0 ? syntax_refuse(s, start, "'%s' %s", helper->name, error) : r;
}

/* Finds the helper of a call whose name has been read, with `wants` something to call. */
static int find_helper(struct syntax *s, const struct expression *name, bool wants,
                       const char *start, const struct helper **ret_helper) {
    char hint[96] = "";
    const struct path *path = &name->path;
    bool is_plain = name->kind == EXPRESSION_PATH && path->count == 1 && !path->is_here &&
                    !path->is_data && path->n_up == 0;
    const struct helper *helper = is_plain ? s->find(path->names[0], hint) : NULL;
    if (!helper && wants)
        return syntax_refuse(s, start, "has no helper '%.60s'%s",
                             is_plain ? path->names[0] : "of that name", hint);
    if (helper && helper->reason)
        return syntax_refuse(s, start, "'%s' is not supported: %s", helper->name, helper->reason);
    *ret_helper = helper;
    return 0;
}

static int parse_call(struct syntax *s, bool is_body, bool needs_helper, struct call **ret_call,
                      struct expression *ret_name) {
    const char *start = s->at;
    struct expression name = {0};
    struct call *call = arena_alloc(s->arena, sizeof(*call));
    if (!call)
        return FATAL(ENOMEM);
    int r = parse_path(s, &name);
    if (r != 0)
        return r;
    syntax_skip_blanks(s);
    bool has_params = !ends_params(*s->at) && !(is_body && takes_block_names(s));
    r = find_helper(s, &name, needs_helper || has_params, start, &call->helper);
    if (r != 0)
        return r;
    *ret_name = name;
    call->is_body = is_body;
    syntax_find_place(s, start, &call->line, &call->column);
    r = parse_params(s, call);
    if (r == 0 && call->helper)
        r = check_call(s, call, start);
    if (r == 0)
        *ret_call = call;
    return r;
}

int syntax_parse_call(struct syntax *s, bool is_body, struct call **ret_call) {
    struct expression name = {0};
    struct call *call = NULL;
    int r = parse_call(s, is_body, !is_body, &call, &name);
    if (r != 0)
        return r;
    if (!call->helper) {
        struct argument *section = arena_alloc(s->arena, sizeof(*section));
        if (!section)
            return FATAL(ENOMEM);
        section->expression = name;
        call->arguments = section;
        call->n_params = 1;
    }
    *ret_call = call;
    return 0;
}

int syntax_parse_output(struct syntax *s, struct expression *ret_expression) {
    struct expression name = {0};
    struct call *call = NULL;
    syntax_skip_blanks(s);
    if (number_length(s->at) > 0 || is_word(s, "true") || is_word(s, "false"))
        return syntax_refuse(s, s->at, "expects a name here, not a literal");
    int r = parse_call(s, false, false, &call, &name);
    if (r != 0)
        return r;
    *ret_expression =
        call->helper ? (struct expression){.kind = EXPRESSION_CALL, .call = call} : name;
    return 0;
}
