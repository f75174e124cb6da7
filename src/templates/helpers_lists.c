#include <errno.h>
#include <string.h>

#include "templates/helper_tables.h"
#include "templates/value_print.h"
#include "util/fatal.h"

/* A list that grows in the arena. */
struct growing {
    struct value_item *items;
    size_t count;
    size_t capacity;
};

static int grow(struct evaluation *e, struct growing *list, const struct value *value) {
    list->items =
        arena_grow(e->room.arena, list->items, list->count, sizeof(*list->items), &list->capacity);
    if (!list->items)
        return FATAL(ENOMEM);
    list->items[list->count++] = (struct value_item){.value = *value};
    return 0;
}

static struct value grown(const struct growing *list) {
    return value_of_list(list->items, list->count);
}

static int run_array(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct growing list = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < call->n_params; i++) {
        struct value value = {0};
        r = evaluation_param(e, call, i, &value);
        if (r == 0)
            r = grow(e, &list, &value);
    }
    if (r == 0)
        *ret_value = grown(&list);
    return r;
}

static int run_range(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct growing list = {0};
    int64_t first = 0;
    int64_t last = 0;
    if (call->n_params < 2)
        return evaluation_complain(e, ret_value,
                                   "The range helper requires both lower and upper bounds as "
                                   "integer parameters");
    int r = evaluation_param_integer(e, call, 0, &first);
    if (r == 0)
        r = evaluation_param_integer(e, call, 1, &last);
    if (r == 0 && last < first && last + 1 != first)
        return evaluation_fail(e, call, "has a lower bound above the upper one");
    for (; r == 0 && first <= last && budget_spend(e->room.budget, 10); first++) {
        struct value number = value_of_integer(&e->room, first);
        r = e->room.lacks_memory ? FATAL(ENOMEM) : grow(e, &list, &number);
        if (first == INT64_MAX)
            break;
    }
    if (r == 0)
        *ret_value = grown(&list);
    return r;
}

static int read_list(struct evaluation *e, const struct call *call, size_t index,
                     struct growing *list) {
    struct value value = {0};
    struct value_cursor cursor = {0};
    int r = evaluation_param(e, call, index, &value);
    if (r == 0 && !value_is_list(&value))
        return evaluation_fail(e, call, "needs a list as parameter %zu", index + 1);
    while (r == 0 && value_next(&e->room, &value, &cursor))
        r = grow(e, list, &cursor.value);
    return r;
}

/* Reads the option `position`. Returns >0 and a message when it is none of the list's. */
static int read_position(struct evaluation *e, const struct call *call, size_t count, size_t last,
                         size_t *ret_position, struct value *ret_message) {
    struct value text = {0};
    struct value value = {0};
    int64_t position = 0;
    int r = evaluation_option(e, call, "position", &value);
    if (r == 0)
        r = evaluation_text(e, call, &value, &text);
    if (r != 0)
        return r;
    *ret_position = last;
    if (value.kind == VALUE_ABSENT || strcmp(text.text, "end") == 0)
        return 0;
    if (strcmp(text.text, "start") == 0) {
        *ret_position = 0;
        return 0;
    }
    if (evaluation_option_integer(e, call, "position", &position) != 0)
        return evaluation_complain(e, ret_message, "position must be 'start', 'end' or an integer");
    if (position < 0 || (size_t)position > count)
        return evaluation_complain(e, ret_message,
                                   "position must be greater than or equal to 0 and less than or "
                                   "equal to the size of the list");
    *ret_position = (size_t)position;
    return 0;
}

static int run_array_add(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct growing list = {0};
    struct value value = {0};
    struct value message = {0};
    size_t position = 0;
    if (call->n_params < 2)
        return evaluation_complain(e, ret_value,
                                   "Missing required parameter: additional value to add to list");
    int r = read_list(e, call, 0, &list);
    if (r == 0)
        r = evaluation_param(e, call, 1, &value);
    if (r == 0)
        r = read_position(e, call, list.count, list.count, &position, &message);
    if (r != 0 || message.text) {
        *ret_value = message;
        return r;
    }
    r = grow(e, &list, &value);
    if (r != 0)
        return r;
    memmove(list.items + position + 1, list.items + position,
            (list.count - 1 - position) * sizeof(*list.items));
    list.items[position].value = value;
    *ret_value = grown(&list);
    return 0;
}

static int run_array_remove(struct evaluation *e, const struct call *call,
                            struct value *ret_value) {
    struct growing list = {0};
    struct value message = {0};
    size_t position = 0;
    int r = read_list(e, call, 0, &list);
    if (r == 0 && list.count == 0)
        return evaluation_fail(e, call, "has nothing to remove from an empty list");
    if (r == 0)
        r = read_position(e, call, list.count - 1, list.count - 1, &position, &message);
    if (r != 0 || message.text) {
        *ret_value = message;
        return r;
    }
    list.count--;
    memmove(list.items + position, list.items + position + 1,
            (list.count - position) * sizeof(*list.items));
    *ret_value = grown(&list);
    return 0;
}

/* Appends the text of an option, if the call has it. */
static int append_option(struct evaluation *e, const struct call *call, const char *name,
                         struct buffer *out) {
    struct value value = {0};
    int r = evaluation_option(e, call, name, &value);
    return r == 0 ? value_print(&e->room, &value, out) : r;
}

/* Appends an item, or for a block what that renders for it. */
static int append_item(struct evaluation *e, const struct call *call, const struct value_item *item,
                       size_t index, struct buffer *out) {
    if (!call->is_body)
        return value_print(&e->room, &item->value, out);
    struct frame frame = {.self = item->value, .index = index};
    struct buffer *outer = e->out;
    e->out = out;
    int r = evaluation_render_within(e, call, &frame);
    e->out = outer;
    return r;
}

/* As in WireMock, a list without items has neither prefix nor suffix. */
static int join(struct evaluation *e, const struct call *call, const struct growing *list,
                const struct value *separator, struct value *ret_value) {
    struct buffer out = {0};
    int r = list->count > 0 ? append_option(e, call, "prefix", &out) : 0;
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        if (i > 0)
            r = value_print(&e->room, separator, &out);
        if (r == 0)
            r = append_item(e, call, &list->items[i], i, &out);
    }
    if (r == 0 && list->count > 0)
        r = append_option(e, call, "suffix", &out);
    if (r > 0 && !e->room.budget->exhausted && e->error[0]) {
        buffer_deinit(&out);
        return r;
    }
    return evaluation_take(e, call, r, &out, ret_value);
}

/* Joins the items of a list, or all parameters but the last, which is the separator. */
static int run_join(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct growing list = {0};
    struct value first = {0};
    struct value separator = {0};
    if (call->n_params < 2)
        return evaluation_fail(e, call, "needs a separator as its last parameter");
    int r = evaluation_param(e, call, 0, &first);
    if (r == 0 && value_is_list(&first))
        r = read_list(e, call, 0, &list);
    else
        for (size_t i = 0; r == 0 && i + 1 < call->n_params; i++) {
            struct value value = {0};
            r = evaluation_param(e, call, i, &value);
            if (r == 0)
                r = grow(e, &list, &value);
        }
    if (r == 0)
        r = evaluation_param_text(e, call, call->n_params - 1, &separator);
    return r == 0 ? join(e, call, &list, &separator, ret_value) : r;
}

static int run_array_join(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct growing list = {0};
    struct value separator = {0};
    struct value items = {0};
    int r = evaluation_param(e, call, 0, &separator);
    if (r == 0)
        r = evaluation_param(e, call, 1, &items);
    if (r != 0)
        return r;
    if (separator.kind != VALUE_TEXT)
        return evaluation_complain(e, ret_value, "Separator parameter must be a String");
    if (items.kind == VALUE_ABSENT)
        return evaluation_complain(e, ret_value, "The parameter must be list");
    if (value_is_list(&items))
        r = read_list(e, call, 1, &list);
    else
        r = grow(e, &list, &items);
    return r == 0 ? join(e, call, &list, &separator, ret_value) : r;
}

static int run_size(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    if (r == 0 && value.kind == VALUE_ABSENT)
        return evaluation_fail(e, call, "has no value for parameter 1");
    if (r == 0 && value.kind == VALUE_TEXT)
        *ret_value = value_of_integer(&e->room, value_length(value.text, value.size));
    else if (r == 0 && (value_is_list(&value) || value_is_map(&value)))
        *ret_value = value_of_integer(&e->room, (int64_t)value_count(&e->room, &value));
    return r;
}

/* Returns its value, or else the option `or`; with `assign` gives it a name instead. */
static int run_val(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    struct value name = {0};
    int r = evaluation_param(e, call, 0, &value);
    if (r == 0 && value.kind == VALUE_ABSENT)
        r = evaluation_option(e, call, syntax_option(call, "or") ? "or" : "default", &value);
    if (r == 0)
        r = evaluation_option(e, call, "assign", &name);
    if (r == 0 && name.kind == VALUE_ABSENT)
        *ret_value = value;
    else if (r == 0) {
        r = evaluation_text(e, call, &name, &name);
        r = r == 0 ? evaluation_assign(e, name.text, &value) : r;
    }
    return r;
}

static int run_assign(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value name = {0};
    struct value text = {0};
    (void)ret_value;
    if (call->n_params != 1)
        return evaluation_fail(e, call, "needs a name");
    int r = evaluation_param_text(e, call, 0, &name);
    if (r == 0)
        r = evaluation_capture(e, call->body, &text);
    return r == 0 ? evaluation_assign(e, name.text, &text) : r;
}

const struct helper helpers_lists[] = {
    {"array", .run = run_array},
    {"range", .run = run_range},
    {"arrayAdd", .run = run_array_add, .options = "position"},
    {"arrayRemove", .run = run_array_remove, .options = "position"},
    {"arrayJoin", .run = run_array_join, .options = "prefix suffix", .has_body = true},
    {"join", .run = run_join, .options = "prefix suffix"},
    {"size", .run = run_size},
    {"val", .run = run_val, .options = "or default assign"},
    {"assign", .run = run_assign, .is_block = true},
    {.name = NULL},
};
