#include "templates/evaluation.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "templates/value_print.h"
#include "util/fatal.h"

/* Blocks and subexpressions of a template nest no deeper than their tree. */
enum { MAX_DEPTH = 4 * SYNTAX_MAX_DEPTH };

int evaluation_fail(struct evaluation *evaluation, const struct call *call, const char *format,
                    ...) {
    va_list arguments;
    int length = 0;
    if (call)
        length = snprintf(evaluation->error, sizeof(evaluation->error), "%zu:%zu: '%s' ",
                          call->line, call->column, call->helper ? call->helper->name : "block");
    va_start(arguments, format);
    vsnprintf(evaluation->error + length, sizeof(evaluation->error) - (size_t)length, format,
              arguments);
    va_end(arguments);
    return EVALUATION_FAILED;
}

int evaluation_check(struct evaluation *evaluation, const struct call *call, int r) {
    if (r == 0 && evaluation->room.lacks_memory)
        return FATAL(ENOMEM);
    if (r <= 0 && !evaluation->room.budget->exhausted)
        return r;
    return r < 0
               ? r
               : evaluation_fail(evaluation, call, "takes too much work, or its text is too long");
}

/* ---- Paths */

static struct value follow(struct evaluation *evaluation, struct value value,
                           const struct path *path, size_t index) {
    for (; index < path->count && value.kind != VALUE_ABSENT; index++) {
        /* A list that reads as its first item has members of its own only for lists. */
        struct value found =
            value_find(&evaluation->room, &value, path->names[index], strlen(path->names[index]));
        value = found;
    }
    return value;
}

static struct value find_data(struct evaluation *evaluation, const struct path *path) {
    const struct frame *frame = evaluation->frame;
    const char *name = path->count > 0 ? path->names[0] : "";
    if (strcmp(name, "root") == 0) {
        while (frame->parent)
            frame = frame->parent;
        return follow(evaluation, frame->self, path, 1);
    }
    for (size_t up = path->n_up;; frame = frame->parent) {
        while (frame && !frame->is_each)
            frame = frame->parent;
        if (!frame || up-- == 0)
            break;
    }
    if (!frame)
        return (struct value){0};
    bool is_next = strcmp(name, "index_1") == 0; /* counts from 1 */
    if (is_next || (strncmp(name, "index_1", 5) == 0 && name[5] == '\0'))
        return value_of_integer(&evaluation->room, (int64_t)frame->index + is_next);
    if (strcmp(name, "key") == 0)
        return frame->key ? value_of_text(frame->key)
                          : value_of_integer(&evaluation->room, (int64_t)frame->index);
    if (strcmp(name, "first") == 0)
        return value_of_text(frame->is_first ? name : "");
    if (strcmp(name, "last") == 0)
        return value_of_text(frame->is_last ? name : "");
    if (strcmp(name, "odd") == 0)
        return value_of_text(frame->index % 2 == 1 ? name : "");
    if (strcmp(name, "even") == 0)
        return value_of_text(frame->index % 2 == 0 ? name : "");
    return (struct value){0};
}

static struct value find_name(struct evaluation *evaluation, const struct frame *frame,
                              const struct path *path) {
    for (size_t i = 0; i < 2 && path->count > 0; i++)
        if (frame->names[i] && strcmp(frame->names[i], path->names[0]) == 0)
            return follow(evaluation, frame->values[i], path, 1);
    return follow(evaluation, frame->self, path, 0);
}

/* A name is looked up here, then further and further out, and last among what was assigned. */
static struct value find_path(struct evaluation *evaluation, const struct path *path) {
    const struct frame *frame = evaluation->frame;
    struct value value = {0};
    if (path->is_data)
        return find_data(evaluation, path);
    for (size_t i = 0; i < path->n_up && frame; i++)
        frame = frame->parent;
    if (!frame)
        return value;
    if (path->is_here)
        return find_name(evaluation, frame, path);
    for (; frame && value.kind == VALUE_ABSENT; frame = frame->parent)
        value = find_name(evaluation, frame, path);
    for (struct variable *variable = value.kind == VALUE_ABSENT ? evaluation->variables : NULL;
         variable && budget_spend(evaluation->room.budget, 1); variable = variable->next)
        if (strcmp(variable->name, path->names[0]) == 0)
            return follow(evaluation, variable->value, path, 1);
    return value;
}

/* ---- Blocks */

int evaluation_render_within(struct evaluation *evaluation, const struct call *call,
                             struct frame *frame) {
    frame->parent = evaluation->frame;
    memcpy(frame->names, call->names, sizeof(frame->names));
    frame->values[0] = frame->self;
    frame->values[1] = frame->key ? value_of_text(frame->key)
                                  : value_of_integer(&evaluation->room, (int64_t)frame->index);
    evaluation->frame = frame;
    int r = evaluation_render(evaluation, call->body);
    evaluation->frame = frame->parent;
    return r;
}

/* A section without a helper: {{#path}}…{{/path}}. */
static int render_section(struct evaluation *evaluation, const struct call *call,
                          const struct value *value) {
    struct value_cursor cursor = {0};
    struct frame frame = {.self = *value};
    int r = 0;
    if (!value_is_true(value))
        return evaluation_render(evaluation, call->other);
    if (value->kind == VALUE_BOOLEAN)
        return evaluation_render(evaluation, call->body);
    if (!value_is_list(value))
        return evaluation_render_within(evaluation, call, &frame);
    while (r == 0 && value_next(&evaluation->room, value, &cursor)) {
        frame = (struct frame){.self = cursor.value, .index = cursor.index - 1};
        r = evaluation_render_within(evaluation, call, &frame);
    }
    return r;
}

static int call_helper(struct evaluation *evaluation, const struct call *call,
                       struct value *ret_value) {
    struct value value = {0};
    if (!budget_spend(evaluation->room.budget, 1))
        return evaluation_check(evaluation, call, 0);
    if (call->helper)
        return call->helper->run(evaluation, call, ret_value);
    int r = evaluation_param(evaluation, call, 0, &value);
    return r == 0 ? render_section(evaluation, call, &value) : r;
}

static int evaluate(struct evaluation *evaluation, const struct expression *expression,
                    struct value *ret_value) {
    struct value value = {0};
    int r = 0;
    switch (expression->kind) {
    case EXPRESSION_LITERAL:
        value = expression->literal;
        break;
    case EXPRESSION_PATH:
        value = find_path(evaluation, &expression->path);
        break;
    case EXPRESSION_CALL:
        if (evaluation->depth >= MAX_DEPTH)
            return evaluation_fail(evaluation, expression->call, "is nested too deep");
        evaluation->depth++;
        r = call_helper(evaluation, expression->call, &value);
        evaluation->depth--;
        break;
    }
    if (r == 0)
        r = evaluation_check(evaluation,
                             expression->kind == EXPRESSION_CALL ? expression->call : NULL, 0);
    if (r == 0)
        *ret_value = value;
    return r;
}

int evaluation_render(struct evaluation *evaluation, const struct node *nodes) {
    int r = 0;
    for (const struct node *node = nodes; node && r == 0; node = node->next) {
        struct value value = value_of_bytes(node->text, node->size);
        const struct call *call = NULL;
        if (node->kind == NODE_OUTPUT) {
            call = node->expression.call;
            r = evaluate(evaluation, &node->expression, &value);
        }
        if (r == 0)
            r = evaluation_check(evaluation, call,
                                 value_print(&evaluation->room, &value, evaluation->out));
    }
    return r;
}

int evaluation_take(struct evaluation *evaluation, const struct call *call, int r,
                    struct buffer *buffer, struct value *ret_text) {
    const char *text = NULL;
    r = evaluation_check(evaluation, call, r);
    if (r == 0) {
        text = arena_copy(evaluation->room.arena, buffer->bytes, buffer->size);
        r = text ? 0 : FATAL(ENOMEM);
    }
    if (r == 0)
        *ret_text = value_of_bytes(text, buffer->size);
    buffer_deinit(buffer);
    return r;
}

int evaluation_capture(struct evaluation *evaluation, const struct node *nodes,
                       struct value *ret_text) {
    struct buffer captured = {0};
    struct buffer *out = evaluation->out;
    evaluation->out = &captured;
    int r = evaluation_render(evaluation, nodes);
    evaluation->out = out;
    if (r == 0)
        return evaluation_take(evaluation, NULL, r, &captured, ret_text);
    buffer_deinit(&captured);
    return r;
}

/* ---- What helpers ask for */

int evaluation_param(struct evaluation *evaluation, const struct call *call, size_t index,
                     struct value *ret_value) {
    const struct expression *param = syntax_param(call, index);
    if (param)
        return evaluate(evaluation, param, ret_value);
    *ret_value = call->n_params == 0 && index == 0 ? evaluation->frame->self : (struct value){0};
    return 0;
}

int evaluation_option(struct evaluation *evaluation, const struct call *call, const char *name,
                      struct value *ret_value) {
    const struct expression *option = syntax_option(call, name);
    if (option)
        return evaluate(evaluation, option, ret_value);
    *ret_value = (struct value){0};
    return 0;
}

int evaluation_text(struct evaluation *evaluation, const struct call *call,
                    const struct value *value, struct value *ret_text) {
    struct value text = {.kind = VALUE_TEXT};
    int r = evaluation_check(evaluation, call,
                             value_text(&evaluation->room, value, &text.text, &text.size));
    if (r == 0)
        *ret_text = text;
    return r;
}

int evaluation_param_text(struct evaluation *evaluation, const struct call *call, size_t index,
                          struct value *ret_text) {
    struct value value = {0};
    int r = evaluation_param(evaluation, call, index, &value);
    if (r == 0 && value.kind == VALUE_ABSENT)
        return evaluation_fail(evaluation, call, "has no value for parameter %zu", index + 1);
    return r == 0 ? evaluation_text(evaluation, call, &value, ret_text) : r;
}

/* Takes the whole part of a decimal number. */
static int read_integer(struct evaluation *evaluation, const struct call *call,
                        const struct value *value, const char *what, int64_t *ret_number) {
    struct value text = {0};
    char *end;
    int r = evaluation_text(evaluation, call, value, &text);
    if (r != 0)
        return r;
    errno = 0;
    int64_t number = strtoll(text.text, &end, 10);
    bool is_number = end > text.text && errno == 0;
    if (is_number && value->kind == VALUE_NUMBER && *end == '.')
        end += 1 + strspn(end + 1, "0123456789");
    if (!is_number || end != text.text + text.size)
        return evaluation_fail(evaluation, call, "needs a whole number as %s, not '%.40s'", what,
                               text.text);
    *ret_number = number;
    return 0;
}

int evaluation_param_integer(struct evaluation *evaluation, const struct call *call, size_t index,
                             int64_t *ret_number) {
    struct value value = {0};
    char what[32];
    snprintf(what, sizeof(what), "parameter %zu", index + 1);
    int r = evaluation_param(evaluation, call, index, &value);
    return r == 0 ? read_integer(evaluation, call, &value, what, ret_number) : r;
}

int evaluation_option_integer(struct evaluation *evaluation, const struct call *call,
                              const char *name, int64_t *ret_number) {
    struct value value = {0};
    int r = evaluation_option(evaluation, call, name, &value);
    return r == 0 && value.kind != VALUE_ABSENT
               ? read_integer(evaluation, call, &value, name, ret_number)
               : r;
}

int evaluation_option_flag(struct evaluation *evaluation, const struct call *call, const char *name,
                           bool *ret_flag) {
    struct value value = {0};
    int r = evaluation_option(evaluation, call, name, &value);
    if (r == 0 && value.kind != VALUE_ABSENT)
        *ret_flag =
            value.kind == VALUE_TEXT ? strcmp(value.text, "true") == 0 : value_is_true(&value);
    return r;
}

int evaluation_assign(struct evaluation *evaluation, const char *name, const struct value *value) {
    struct variable *variable = evaluation->variables;
    while (variable && budget_spend(evaluation->room.budget, 1) &&
           strcmp(variable->name, name) != 0)
        variable = variable->next;
    if (!variable) {
        variable = arena_alloc(evaluation->room.arena, sizeof(*variable));
        if (!variable)
            return FATAL(ENOMEM);
        variable->name = name;
        variable->next = evaluation->variables;
        evaluation->variables = variable;
    }
    variable->value = *value;
    return 0;
}

int evaluation_decide(struct evaluation *evaluation, const struct call *call, bool is_true,
                      struct value *ret_value) {
    if (call->is_body)
        return evaluation_render(evaluation, is_true ? call->body : call->other);
    *ret_value = value_of_boolean(is_true);
    return 0;
}

int evaluation_complain(struct evaluation *evaluation, struct value *ret_text, const char *format,
                        ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(evaluation->room.arena, format, arguments);
    va_end(arguments);
    const char *text =
        message ? arena_format(evaluation->room.arena, "[ERROR: %s]", message) : NULL;
    if (!text)
        return FATAL(ENOMEM);
    *ret_text = value_of_text(text);
    return 0;
}
