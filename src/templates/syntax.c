#include "templates/syntax.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "templates/syntax_parts.h"
#include "util/fatal.h"

void syntax_find_place(struct syntax *s, const char *at, size_t *ret_line, size_t *ret_column) {
    if (at < s->counted) {
        s->counted = s->line_start = s->start;
        s->line = 1;
    }
    for (; s->counted < at; s->counted++) {
        if (*s->counted != '\n')
            continue;
        s->line++;
        s->line_start = s->counted + 1;
    }
    *ret_line = s->line;
    *ret_column = (size_t)(at - s->line_start) + 1;
}

int syntax_refuse(struct syntax *s, const char *at, const char *format, ...) {
    va_list arguments;
    syntax_find_place(s, at, &s->error->line, &s->error->column);
    va_start(arguments, format);
    vsnprintf(s->error->message, sizeof(s->error->message), format, arguments);
    va_end(arguments);
    return 1;
}

/* A list of nodes that grows at its end. */
struct list {
    struct node *first;
    struct node *last;
};

static int add_node(struct syntax *s, struct list *list, struct node node) {
    struct node *copy = arena_alloc(s->arena, sizeof(*copy));
    if (!copy)
        return FATAL(ENOMEM);
    *copy = node;
    if (list->last)
        list->last->next = copy;
    else
        list->first = copy;
    list->last = copy;
    return 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int add_text(struct syntax *s, struct list *list, const char *start, const char *end) {
    while (s->strips && start < end && is_blank(*start))
        start++;
    if (start < end)
        s->strips = false;
    return start == end
               ? 0
               : add_node(s, list,
                          (struct node){
                              .kind = NODE_TEXT, .text = start, .size = (size_t)(end - start)});
}

/* Takes white space from the end of the list. */
static void strip_end(struct list *list) {
    struct node *last = list->last;
    while (last && last->kind == NODE_TEXT && last->size > 0 &&
           is_blank(last->text[last->size - 1]))
        last->size--;
}

/* Reads text up to the next tag, or to the end. A backslash before {{ makes it text. */
static int parse_text(struct syntax *s, struct list *list) {
    const char *start = s->at;
    const char *tag = s->at;
    while ((tag = memmem(tag, (size_t)(s->end - tag), "{{", 2)) && tag > start && tag[-1] == '\\') {
        int r = add_text(s, list, start, tag - 1);
        if (r != 0)
            return r;
        start = tag;
        tag += 2;
    }
    s->at = tag ? tag : s->end;
    return add_text(s, list, start, s->at);
}

/* Skips a comment whose tag starts at s->at. Returns >0 when it has no end. */
static int skip_comment(struct syntax *s, struct list *list) {
    const char *at = s->at + 2;
    if (*at == '~') {
        strip_end(list);
        at++;
    }
    bool is_long = s->end - at > 3 && memcmp(at, "!--", 3) == 0;
    const char *end;
    const char *mark = is_long ? "--" : "}}";
    size_t skip = is_long ? 3 : 1;
    for (end = at + skip; (end = memmem(end, (size_t)(s->end - end), mark, 2)); end++) {
        const char *close = is_long ? end + 2 : end;
        bool strips = close < s->end && *close == '~';
        if (is_long && strncmp(close + strips, "}}", 2) != 0)
            continue;
        s->strips = strips || (!is_long && end[-1] == '~');
        s->at = close + strips + 2;
        return 0;
    }
    return syntax_refuse(s, s->at, "has a comment without its end");
}

/* The tags that end a list of nodes. */
enum stop { STOP_END, STOP_ELSE, STOP_CLOSE };

static int parse_list(struct syntax *s, const struct node **ret_first, enum stop *ret_stop);

/* Reads {{/name}}, of which s->at is behind the slash. */
static int parse_close(struct syntax *s, const char *name, size_t length) {
    syntax_skip_blanks(s);
    const char *start = s->at;
    while (s->at < s->end && !is_blank(*s->at) && *s->at != '}' && *s->at != '~')
        s->at++;
    if ((size_t)(s->at - start) != length || memcmp(start, name, length) != 0)
        return syntax_refuse(s, start, "ends {{#%.*s}}, but the open block is {{#%.*s}}",
                             (int)(s->at - start), start, (int)length, name);
    return syntax_end_tag(s, "}}");
}

/* Reads what follows {{#name …}}, up to its {{/name}}. An {{else name}} is a block within. */
static int parse_body(struct syntax *s, struct call *call, const char *name, size_t length,
                      bool is_inverse) {
    const struct node *parts[2] = {NULL, NULL};
    enum stop stop;
    const char *open = s->tag;
    int r = parse_list(s, &parts[0], &stop);
    if (r == 0 && stop == STOP_ELSE) {
        syntax_skip_blanks(s);
        if (*s->at != '}' && *s->at != '~') {
            struct node node = {.kind = NODE_OUTPUT};
            struct list list = {0};
            struct call *inner = NULL;
            if (++s->depth > SYNTAX_MAX_DEPTH)
                return syntax_refuse(s, s->tag, "nests blocks more than %d deep", SYNTAX_MAX_DEPTH);
            r = syntax_parse_call(s, true, &inner);
            if (r == 0)
                r = syntax_end_tag(s, "}}");
            if (r == 0)
                r = parse_body(s, inner, name, length, false);
            s->depth--;
            node.expression = (struct expression){.kind = EXPRESSION_CALL, .call = inner};
            if (r == 0)
                r = add_node(s, &list, node);
            call->body = parts[0];
            call->other = list.first;
            return r;
        }
        r = syntax_end_tag(s, "}}");
        if (r == 0)
            r = parse_list(s, &parts[1], &stop);
        if (r == 0 && stop == STOP_ELSE)
            r = syntax_refuse(s, s->tag, "has a second {{else}}");
    }
    if (r == 0 && stop == STOP_END)
        r = syntax_refuse(s, open, "has a block {{#%.*s}} without its {{/%.*s}}", (int)length, name,
                          (int)length, name);
    if (r == 0)
        r = parse_close(s, name, length);
    call->body = parts[is_inverse];
    call->other = parts[!is_inverse];
    return r;
}

/* Reads {{#name …}} or {{^name …}} to its end, of which s->at is behind the mark. */
static int parse_block(struct syntax *s, struct list *list, bool is_inverse) {
    struct call *call = NULL;
    const char *open = s->tag;
    syntax_skip_blanks(s);
    const char *name = s->at;
    if (++s->depth > SYNTAX_MAX_DEPTH)
        return syntax_refuse(s, open, "nests blocks more than %d deep", SYNTAX_MAX_DEPTH);
    int r = syntax_parse_call(s, true, &call);
    size_t length = 0;
    while (r == 0 && name + length < s->at && !is_blank(name[length]))
        length++;
    if (r == 0)
        r = syntax_end_tag(s, "}}");
    if (r == 0)
        r = parse_body(s, call, name, length, is_inverse);
    s->depth--;
    return r == 0 ? add_node(s, list,
                             (struct node){.kind = NODE_OUTPUT,
                                           .expression = {.kind = EXPRESSION_CALL, .call = call}})
                  : r;
}

static int refuse_mark(struct syntax *s, char mark) {
    const char *what = mark == '>'   ? "a partial"
                       : mark == '*' ? "a decorator"
                       : mark == '=' ? "other delimiters"
                                     : "a raw block";
    return syntax_refuse(s, s->tag, "has %s, which kestub does not support", what);
}

static int parse_output(struct syntax *s, struct list *list) {
    struct node node = {.kind = NODE_OUTPUT};
    bool is_raw = *s->at == '{';
    s->at += is_raw || *s->at == '&';
    int r = syntax_parse_output(s, &node.expression);
    if (r == 0)
        r = syntax_end_tag(s, is_raw ? "}}}" : "}}");
    return r == 0 ? add_node(s, list, node) : r;
}

/* Whether the tag is {{else}} or {{^}}; if so moves behind the word. */
static bool take_else(struct syntax *s) {
    const char *at = s->at;
    if (*at == '^') {
        at++;
        while (at < s->end && (is_blank(*at) || *at == '~'))
            at++;
        if (*at != '}')
            return false;
        s->at++;
        return true;
    }
    while (at < s->end && is_blank(*at))
        at++;
    if (strncmp(at, "else", 4) != 0 || !(is_blank(at[4]) || at[4] == '}' || at[4] == '~'))
        return false;
    s->at = at + 4;
    return true;
}

/* Reads one tag. Sets *ret_stop when it ends the list. */
static int parse_tag(struct syntax *s, struct list *list, enum stop *ret_stop) {
    s->tag = s->at;
    if (++s->n_tags > SYNTAX_MAX_TAGS)
        return syntax_refuse(s, s->at, "has more than %d tags", SYNTAX_MAX_TAGS);
    const char *mark = s->at + 2 + (s->at[2] == '~');
    if (*mark == '!')
        return skip_comment(s, list);
    if (s->at[2] == '~')
        strip_end(list);
    s->strips = false;
    s->at = mark;
    if (take_else(s)) {
        *ret_stop = STOP_ELSE;
        return 0;
    }
    switch (*mark) {
    case '/':
        s->at++;
        *ret_stop = STOP_CLOSE;
        return 0;
    case '#':
    case '^':
        s->at++;
        return strchr(">*", *s->at) && *s->at ? refuse_mark(s, *s->at)
                                              : parse_block(s, list, *mark == '^');
    case '>':
    case '*':
    case '=':
        return refuse_mark(s, *mark);
    default:
        return strncmp(mark, "{{", 2) == 0 ? refuse_mark(s, '{') : parse_output(s, list);
    }
}

static int parse_list(struct syntax *s, const struct node **ret_first, enum stop *ret_stop) {
    struct list list = {0};
    enum stop stop = STOP_END;
    int r = 0;
    while (r == 0 && stop == STOP_END && s->at < s->end) {
        r = parse_text(s, &list);
        if (r == 0 && s->at < s->end)
            r = parse_tag(s, &list, &stop);
    }
    if (r == 0) {
        *ret_first = list.first;
        *ret_stop = stop;
    }
    return r;
}

int syntax_parse(const char *text, size_t size, helper_find *find, struct arena *arena,
                 const struct node **ret_nodes, struct syntax_error *reterr_error) {
    struct syntax s = {.arena = arena, .find = find, .error = reterr_error};
    enum stop stop = STOP_END;
    s.start = arena_copy(arena, text, size);
    if (!s.start)
        return FATAL(ENOMEM);
    s.at = s.counted = s.line_start = s.start;
    s.line = 1;
    s.end = s.start + size;
    int r = parse_list(&s, ret_nodes, &stop);
    if (r == 0 && stop != STOP_END)
        r = syntax_refuse(&s, s.tag, "has {{%s}} outside of a block",
                          stop == STOP_ELSE ? "else" : "/…");
    return r;
}

const struct expression *syntax_param(const struct call *call, size_t index) {
    for (const struct argument *argument = call->arguments; argument; argument = argument->next)
        if (!argument->name && index-- == 0)
            return &argument->expression;
    return NULL;
}

const struct expression *syntax_option(const struct call *call, const char *name) {
    for (const struct argument *argument = call->arguments; argument; argument = argument->next)
        if (argument->name && strcmp(argument->name, name) == 0)
            return &argument->expression;
    return NULL;
}

static const char *literal_text(const struct expression *expression) {
    return expression && expression->kind == EXPRESSION_LITERAL &&
                   expression->literal.kind == VALUE_TEXT
               ? expression->literal.text
               : NULL;
}

const char *syntax_param_text(const struct call *call, size_t index) {
    return literal_text(syntax_param(call, index));
}

const char *syntax_option_text(const struct call *call, const char *name) {
    return literal_text(syntax_option(call, name));
}
