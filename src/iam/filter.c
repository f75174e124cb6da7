#include "iam/filter.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "iam/condition.h"
#include "util/fatal.h"

enum filter_kind {
    FILTER_ALL,
    FILTER_ANY,
    FILTER_CONDITION, /* its children are further values of the same list */
};

struct filter {
    enum filter_kind kind;
    unsigned number; /* its number in the group */
    struct condition condition;
    struct filter *first; /* first child */
    struct filter *next;  /* next sibling */
};

/* The text between two brackets. */
struct segment {
    const char *text;
    size_t length;
};

static int refuse(const struct listing_rows *rows, const struct name_value *pair,
                  const char *reason) {
    *rows->reterr_problem = arena_format(rows->arena, "'%s' %s", pair->name, reason);
    return *rows->reterr_problem ? IAM_INVALID_FILTER : FATAL(ENOMEM);
}

static bool take_segment(const char **at, struct segment *ret_segment) {
    if (**at != '[')
        return false;
    struct segment segment = {*at + 1, strcspn(*at + 1, "[]")};
    if (segment.length == 0 || segment.text[segment.length] != ']')
        return false;
    *at = segment.text + segment.length + 1;
    *ret_segment = segment;
    return true;
}

static bool is_named(const struct segment *segment, const char *name) {
    const char *end = segment->text + segment->length;
    for (const char *at = segment->text; at < end; at++) {
        if (*at == '_')
            continue;
        name += strspn(name, "_");
        if (*name == '\0' || strncasecmp(at, name, 1) != 0)
            return false;
        name++;
    }
    return name[strspn(name, "_")] == '\0';
}

static bool read_number(const struct segment *segment, unsigned *ret_number) {
    unsigned number = 0;
    if (segment->length > 6)
        return false;
    for (size_t i = 0; i < segment->length; i++) {
        if (segment->text[i] < '0' || segment->text[i] > '9')
            return false;
        number = number * 10 + (unsigned)(segment->text[i] - '0');
    }
    *ret_number = number;
    return true;
}

static struct filter *add_child(struct filter *parent, enum filter_kind kind, unsigned number,
                                struct arena *arena) {
    struct filter *child = arena_alloc(arena, sizeof(*child));
    if (child) {
        *child = (struct filter){.kind = kind, .number = number, .next = parent->first};
        parent->first = child;
    }
    return child;
}

static struct filter *get_child(struct filter *parent, enum filter_kind kind, unsigned number,
                                struct arena *arena) {
    for (struct filter *child = parent->first; child; child = child->next)
        if (child->kind == kind && child->number == number)
            return child;
    return add_child(parent, kind, number, arena);
}

/* Returns the parent for the condition: the group, or an IN condition on the same column. */
static struct filter *find_place(struct filter *group, const struct condition *condition) {
    if (condition->op != CONDITION_IN)
        return group;
    for (struct filter *child = group->first; child; child = child->next)
        if (child->kind == FILTER_CONDITION && child->condition.op == CONDITION_IN &&
            child->condition.column == condition->column)
            return child;
    return group;
}

static int find_column(const struct listing_rows *rows, const struct segment *name,
                       int *ret_column) {
    if (is_named(name, "q") || is_named(name, "query")) {
        *ret_column = CONDITION_Q;
        return 0;
    }
    for (size_t i = 0; i < rows->n_columns; i++) {
        if (is_named(name, rows->columns[i].name)) {
            *ret_column = (int)i;
            return 0;
        }
    }
    return IAM_INVALID_FILTER;
}

static int add_condition(const struct listing_rows *rows, const struct name_value *pair,
                         const struct segment *field, const struct segment *op_name,
                         struct filter *group) {
    enum condition_op op;
    struct condition condition;
    const char *reason;
    int column;
    if (find_column(rows, field, &column) != 0)
        return refuse(rows, pair, "has an unknown field");
    if (condition_find_op(op_name->text, op_name->length, &op) != 0)
        return refuse(rows, pair, "has an unknown operator");
    int r = condition_init(&condition, rows, column, op, pair->value, &reason);
    if (r != 0)
        return r < 0 ? r : refuse(rows, pair, reason);
    struct filter *place = find_place(group, &condition);
    struct filter *child = add_child(place, FILTER_CONDITION, 0, rows->arena);
    if (!child)
        return FATAL(ENOMEM);
    child->condition = condition;
    return 0;
}

static int add_pair(const struct listing_rows *rows, const struct name_value *pair,
                    struct filter *group) {
    const char *at = pair->name + strcspn(pair->name, "[");
    struct segment field;
    struct segment op_name;
    for (int depth = 0; take_segment(&at, &field); depth++) {
        bool is_any = is_named(&field, "or");
        struct segment segment;
        unsigned number;
        if (!is_any && !is_named(&field, "and")) {
            if (!take_segment(&at, &op_name) || *at != '\0')
                break;
            return add_condition(rows, pair, &field, &op_name, group);
        }
        if (depth == FILTER_MAX_DEPTH)
            return refuse(rows, pair, "is nested too deeply");
        if (!take_segment(&at, &segment) || !read_number(&segment, &number))
            break;
        group = get_child(group, is_any ? FILTER_ANY : FILTER_ALL, 0, rows->arena);
        if (group)
            group = get_child(group, FILTER_ALL, number, rows->arena);
        if (!group)
            return FATAL(ENOMEM);
    }
    return refuse(rows, pair, "is malformed");
}

int filter_parse(const struct listing_rows *rows, const struct name_value_list *pairs,
                 const struct filter **ret_filter) {
    struct filter *root = arena_alloc(rows->arena, sizeof(*root));
    if (!root)
        return FATAL(ENOMEM);
    if (pairs->count > FILTER_MAX_PAIRS)
        return refuse(rows, &pairs->items[FILTER_MAX_PAIRS], "is one filter too many");
    for (size_t i = 0; i < pairs->count; i++) {
        int r = add_pair(rows, &pairs->items[i], root);
        if (r != 0)
            return r;
    }
    *ret_filter = root;
    return 0;
}

int filter_test(const struct filter *filter, struct listing_rows *rows, const char *const *row,
                bool *ret_holds) {
    bool holds = filter->kind == FILTER_ALL;
    if (filter->kind == FILTER_CONDITION) {
        int r = condition_test(&filter->condition, rows, row, &holds);
        if (r != 0)
            return r;
    }
    bool decided = filter->kind != FILTER_ALL;
    for (const struct filter *child = filter->first; child && holds != decided;
         child = child->next) {
        int r = filter_test(child, rows, row, &holds);
        if (r != 0)
            return r;
    }
    *ret_holds = holds;
    return 0;
}
