#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json/json_number.h"
#include "templates/helper_tables.h"
#include "templates/patterns.h"
#include "templates/value_print.h"
#include "util/fatal.h"

static int run_if(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    return r == 0 ? evaluation_decide(e, call, value_is_true(&value), ret_value) : r;
}

static int run_unless(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    return r == 0 ? evaluation_decide(e, call, !value_is_true(&value), ret_value) : r;
}

static int run_each(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value list = {0};
    struct value_cursor cursor = {0};
    (void)ret_value;
    int r = evaluation_param(e, call, 0, &list);
    if (r != 0)
        return r;
    bool is_iterable = value_is_list(&list) || value_is_map(&list);
    bool has_next = is_iterable && value_next(&e->room, &list, &cursor);
    if (!has_next)
        return evaluation_render(e, call->other);
    for (size_t index = 0; r == 0 && has_next; index++) {
        struct frame frame = {.self = cursor.value,
                              .index = index,
                              .key = cursor.name,
                              .is_each = true,
                              .is_first = index == 0};
        has_next = value_next(&e->room, &list, &cursor);
        frame.is_last = !has_next;
        r = evaluation_render_within(e, call, &frame);
    }
    return r;
}

static int run_with(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct frame frame = {0};
    (void)ret_value;
    int r = evaluation_param(e, call, 0, &frame.self);
    if (r != 0)
        return r;
    return value_is_true(&frame.self) ? evaluation_render_within(e, call, &frame)
                                      : evaluation_render(e, call->other);
}

static int run_lookup(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value map = {0};
    struct value key = {0};
    int r = evaluation_param(e, call, 0, &map);
    if (r == 0)
        r = evaluation_param(e, call, 1, &key);
    if (r == 0)
        r = evaluation_text(e, call, &key, &key);
    if (r == 0)
        *ret_value = value_find(&e->room, &map, key.text, key.size);
    return r;
}

/* Renders a block, or what the options `yes` and `no` are for the two outcomes. */
static int conclude(struct evaluation *e, const struct call *call, bool is_true,
                    struct value *ret_value) {
    const char *name = is_true ? "yes" : "no";
    if (!call->is_body && syntax_option(call, name))
        return evaluation_option(e, call, name, ret_value);
    return evaluation_decide(e, call, is_true, ret_value);
}

static int run_equality(struct evaluation *e, const struct call *call, bool wanted,
                        struct value *ret_value) {
    struct value values[2] = {{0}, {0}};
    bool is_equal = false;
    int r = evaluation_param(e, call, 0, &values[0]);
    if (r == 0)
        r = evaluation_param(e, call, 1, &values[1]);
    if (r == 0)
        r = evaluation_check(e, call, value_equals(&e->room, &values[0], &values[1], &is_equal));
    return r == 0 ? conclude(e, call, is_equal == wanted, ret_value) : r;
}

static int run_eq(struct evaluation *e, const struct call *call, struct value *ret_value) {
    return run_equality(e, call, true, ret_value);
}

static int run_neq(struct evaluation *e, const struct call *call, struct value *ret_value) {
    return run_equality(e, call, false, ret_value);
}

/* Compares two texts as texts; when either is a number, both as numbers. */
static int compare(struct evaluation *e, const struct call *call, int *ret_order) {
    struct value texts[2] = {{0}, {0}};
    bool has_number = false;
    int order = 0;
    for (size_t i = 0; i < 2; i++) {
        struct value value = {0};
        int r = evaluation_param(e, call, i, &value);
        has_number |= value.kind == VALUE_NUMBER;
        if (r == 0 && value.kind == VALUE_ABSENT)
            return evaluation_fail(e, call, "has no value for parameter %zu", i + 1);
        if (r == 0)
            r = evaluation_text(e, call, &value, &texts[i]);
        if (r != 0)
            return r;
    }
    if (has_number)
        order = json_decimal_compare(texts[0].text, texts[0].size, texts[1].text, texts[1].size);
    else
        order = strcmp(texts[0].text, texts[1].text);
    if (has_number && order == 2)
        return evaluation_fail(e, call, "cannot compare '%.40s' with '%.40s'", texts[0].text,
                               texts[1].text);
    *ret_order = order;
    return 0;
}

static int run_gt(struct evaluation *e, const struct call *call, struct value *ret_value) {
    int order = 0;
    int r = compare(e, call, &order);
    return r == 0 ? conclude(e, call, order > 0, ret_value) : r;
}

static int run_gte(struct evaluation *e, const struct call *call, struct value *ret_value) {
    int order = 0;
    int r = compare(e, call, &order);
    return r == 0 ? conclude(e, call, order >= 0, ret_value) : r;
}

static int run_lt(struct evaluation *e, const struct call *call, struct value *ret_value) {
    int order = 0;
    int r = compare(e, call, &order);
    return r == 0 ? conclude(e, call, order < 0, ret_value) : r;
}

static int run_lte(struct evaluation *e, const struct call *call, struct value *ret_value) {
    int order = 0;
    int r = compare(e, call, &order);
    return r == 0 ? conclude(e, call, order <= 0, ret_value) : r;
}

/* Looks for a parameter whose truth is `wanted`. */
static int find_truth(struct evaluation *e, const struct call *call, bool wanted,
                      bool *ret_is_found) {
    bool is_found = false;
    int r = 0;
    for (size_t i = 0; r == 0 && !is_found && (i == 0 || i < call->n_params); i++) {
        struct value value = {0};
        r = evaluation_param(e, call, i, &value);
        is_found = value_is_true(&value) == wanted;
    }
    if (r == 0)
        *ret_is_found = is_found;
    return r;
}

static int run_and(struct evaluation *e, const struct call *call, struct value *ret_value) {
    bool has_false = false;
    int r = find_truth(e, call, false, &has_false);
    return r == 0 ? conclude(e, call, !has_false, ret_value) : r;
}

static int run_or(struct evaluation *e, const struct call *call, struct value *ret_value) {
    bool has_true = false;
    int r = find_truth(e, call, true, &has_true);
    return r == 0 ? conclude(e, call, has_true, ret_value) : r;
}

static int run_not(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    return r == 0 ? conclude(e, call, !value_is_true(&value), ret_value) : r;
}

static int list_contains(struct evaluation *e, const struct call *call, const struct value *list,
                         const struct value *wanted, bool *ret_is_found) {
    struct value_cursor cursor = {0};
    bool is_found = false;
    int r = 0;
    while (r == 0 && !is_found && value_next(&e->room, list, &cursor))
        r = evaluation_check(e, call, value_equals(&e->room, &cursor.value, wanted, &is_found));
    if (r == 0)
        *ret_is_found = is_found;
    return r;
}

static int run_contains(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value whole = {0};
    struct value part = {0};
    bool is_found = false;
    if (call->n_params < 2)
        return evaluation_complain(e, ret_value,
                                   "You must specify the string or array to be matched and the "
                                   "regular expression");
    int r = evaluation_param(e, call, 0, &whole);
    if (r == 0)
        r = evaluation_param(e, call, 1, &part);
    if (r == 0 && value_is_list(&whole))
        r = list_contains(e, call, &whole, &part, &is_found);
    else if (r == 0 && whole.kind != VALUE_ABSENT) {
        r = evaluation_text(e, call, &whole, &whole);
        if (r == 0)
            r = evaluation_param_text(e, call, 1, &part);
        is_found = r == 0 && memmem(whole.text, whole.size, part.text, part.size);
    }
    return r == 0 ? evaluation_decide(e, call, is_found, ret_value) : r;
}

static int run_matches(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    const struct regex *regex = NULL;
    if (call->n_params < 2)
        return evaluation_complain(e, ret_value,
                                   "You must specify the string to be matched and the regular "
                                   "expression");
    int r = evaluation_param_text(e, call, 0, &text);
    if (r == 0)
        r = patterns_compile(e, call, REGEX_WHOLE, &regex);
    if (r != 0)
        return r;
    r = regex_match(regex, text.text, text.size, e->room.budget);
    int failure = evaluation_check(e, call, r < 0 ? r : 0);
    return failure == 0 ? evaluation_decide(e, call, r == 0, ret_value) : failure;
}

static int run_parity(struct evaluation *e, const struct call *call, int64_t wanted,
                      const char *word, struct value *ret_value) {
    int64_t number = 0;
    int r = evaluation_param_integer(e, call, 0, &number);
    if (r != 0 || number % 2 != wanted)
        return r;
    if (call->n_params > 1)
        return evaluation_param(e, call, 1, ret_value);
    *ret_value = value_of_text(word);
    return 0;
}

static int run_is_even(struct evaluation *e, const struct call *call, struct value *ret_value) {
    return run_parity(e, call, 0, "even", ret_value);
}

static int run_is_odd(struct evaluation *e, const struct call *call, struct value *ret_value) {
    return run_parity(e, call, 1, "odd", ret_value);
}

static int run_yesno(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    if (r != 0)
        return r;
    const char *name = value.kind == VALUE_ABSENT ? "maybe" : value_is_true(&value) ? "yes" : "no";
    *ret_value = value_of_text(name);
    return syntax_option(call, name) ? evaluation_option(e, call, name, ret_value) : 0;
}

const struct helper helpers_logic[] = {
    {"if", .run = run_if, .is_block = true},
    {"unless", .run = run_unless, .is_block = true},
    {"each", .run = run_each, .is_block = true},
    {"with", .run = run_with, .is_block = true},
    {"lookup", .run = run_lookup},
    {"eq", .run = run_eq, .options = "yes no", .has_body = true},
    {"neq", .run = run_neq, .options = "yes no", .has_body = true},
    {"gt", .run = run_gt, .options = "yes no", .has_body = true},
    {"gte", .run = run_gte, .options = "yes no", .has_body = true},
    {"lt", .run = run_lt, .options = "yes no", .has_body = true},
    {"lte", .run = run_lte, .options = "yes no", .has_body = true},
    {"and", .run = run_and, .options = "yes no", .has_body = true},
    {"or", .run = run_or, .options = "yes no", .has_body = true},
    {"not", .run = run_not, .options = "yes no", .has_body = true},
    {"contains", .run = run_contains, .has_body = true},
    {"matches", .run = run_matches, .check = patterns_check, .has_body = true},
    {"isEven", .run = run_is_even},
    {"isOdd", .run = run_is_odd},
    {"yesno", .run = run_yesno, .options = "yes no maybe"},
    {.name = NULL},
};
