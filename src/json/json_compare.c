#include "json/json_compare.h"

#include <errno.h>
#include <string.h>

#include "json/json_number.h"
#include "json/json_placeholder.h"
#include "util/fatal.h"

/* Placing an item may move all items placed before, with a recursive call for each. With more items
 * than this, each one takes the first match. That is wrong only when an item matches several
 * others. */
enum { MAX_MOVABLE_ITEMS = 100 };

static int compare_strings(const struct json_comparison *comparison, const cJSON *expected,
                           const cJSON *actual) {
    if (!budget_spend(comparison->budget, strlen(expected->valuestring) / 64 + 1))
        return 1;
    if (comparison->placeholders && json_placeholder_kind(expected) != JSON_NO_PLACEHOLDER)
        return json_placeholder_match(comparison->placeholders, expected, actual,
                                      comparison->budget);
    return cJSON_IsString(actual) && strcmp(expected->valuestring, actual->valuestring) == 0 ? 0
                                                                                             : 1;
}

/* Searches from `start` on and then from the beginning, since members are mostly in the same
 * order. */
static const cJSON *find_member(const struct json_comparison *comparison, const cJSON *object,
                                const cJSON *start, const char *name) {
    const cJSON *at = start ? start : object->child;
    const cJSON *first = at;
    while (at && budget_spend(comparison->budget, 1)) {
        if (strcmp(at->string, name) == 0)
            return at;
        at = at->next ? at->next : object->child;
        if (at == first)
            return NULL;
    }
    return NULL;
}

static size_t count_children(const struct json_comparison *comparison, const cJSON *container) {
    size_t count = 0;
    const cJSON *child;
    cJSON_ArrayForEach (child, container)
        count++;
    budget_spend(comparison->budget, count);
    return count;
}

static bool may_be_missing(const struct json_comparison *comparison, const cJSON *expected) {
    return comparison->placeholders && json_placeholder_kind(expected) == JSON_IGNORE_ELEMENT;
}

static int compare_objects(const struct json_comparison *comparison, const cJSON *expected,
                           const cJSON *actual) {
    size_t n_found = 0;
    const cJSON *next = NULL;
    const cJSON *member;
    cJSON_ArrayForEach (member, expected) {
        const cJSON *found = find_member(comparison, actual, next, member->string);
        if (!found && may_be_missing(comparison, member))
            continue;
        if (!found)
            return 1;
        int r = json_compare(comparison, member, found);
        if (r != 0)
            return r;
        n_found++;
        next = found->next;
    }
    return comparison->ignore_extra_elements || n_found == count_children(comparison, actual) ? 0
                                                                                              : 1;
}

static int compare_in_order(const struct json_comparison *comparison, const cJSON *expected,
                            const cJSON *actual) {
    const cJSON *e = expected->child;
    const cJSON *a = actual->child;
    for (; e && a; e = e->next, a = a->next) {
        int r = json_compare(comparison, e, a);
        if (r != 0)
            return r;
    }
    return e || (a && !comparison->ignore_extra_elements);
}

/* Assigns each expected item (row) an actual item (column) of its own. */
struct assignment {
    const struct json_comparison *comparison;
    const cJSON **rows;
    const cJSON **columns;
    size_t n_rows;
    size_t n_columns;
    size_t *row_of; /* by column; n_rows: unassigned */
    size_t *tried;  /* by column: the last row that tried it, counted from 1 */
    size_t turn;    /* the row to place, counted from 1 */
    bool may_move;
};

static int place(struct assignment *assignment, size_t row) {
    for (size_t i = 0; i < assignment->n_columns; i++) {
        size_t column = (row + i) % assignment->n_columns;
        size_t holder = assignment->row_of[column];
        bool is_free = holder == assignment->n_rows;
        if (!budget_spend(assignment->comparison->budget, 1))
            return 1;
        if (assignment->tried[column] == assignment->turn || (!is_free && !assignment->may_move))
            continue;
        int r = json_compare(assignment->comparison, assignment->rows[row],
                             assignment->columns[column]);
        if (r == 0) {
            assignment->tried[column] = assignment->turn;
            r = is_free ? 0 : place(assignment, holder);
        }
        if (r == 0)
            assignment->row_of[column] = row;
        if (r <= 0)
            return r;
    }
    return 1;
}

static const cJSON **list_children(struct arena *arena, const cJSON *container, size_t count) {
    const cJSON **list = arena_alloc(arena, (count + 1) * sizeof(cJSON *));
    const cJSON **next = list;
    const cJSON *child;
    if (list)
        cJSON_ArrayForEach (child, container)
            *next++ = child;
    return list;
}

static int compare_in_any_order(const struct json_comparison *comparison, const cJSON *expected,
                                const cJSON *actual) {
    struct arena *arena = comparison->arena;
    struct assignment assignment = {
        .comparison = comparison,
        .n_rows = count_children(comparison, expected),
        .n_columns = count_children(comparison, actual),
    };
    assignment.may_move = assignment.n_rows <= MAX_MOVABLE_ITEMS;
    size_t n_columns = assignment.n_columns;
    if (assignment.n_rows > n_columns ||
        (assignment.n_rows < n_columns && !comparison->ignore_extra_elements))
        return 1;
    if (comparison->budget->exhausted)
        return 1;
    assignment.rows = list_children(arena, expected, assignment.n_rows);
    assignment.columns = list_children(arena, actual, n_columns);
    assignment.row_of = arena_alloc(arena, (n_columns + 1) * sizeof(size_t));
    assignment.tried = arena_alloc(arena, (n_columns + 1) * sizeof(size_t));
    if (!assignment.rows || !assignment.columns || !assignment.row_of || !assignment.tried)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < n_columns; i++)
        assignment.row_of[i] = assignment.n_rows;
    for (size_t row = 0; row < assignment.n_rows; row++) {
        assignment.turn = row + 1;
        int r = place(&assignment, row);
        if (r != 0)
            return r;
    }
    return 0;
}

int json_compare(const struct json_comparison *comparison, const cJSON *expected,
                 const cJSON *actual) {
    if (!budget_spend(comparison->budget, 1))
        return 1;
    if (cJSON_IsString(expected))
        return compare_strings(comparison, expected, actual);
    if (cJSON_IsNumber(expected))
        return cJSON_IsNumber(actual) &&
                       json_number_compare(expected, actual, comparison->budget) == 0
                   ? 0
                   : 1;
    if (cJSON_IsObject(expected))
        return cJSON_IsObject(actual) ? compare_objects(comparison, expected, actual) : 1;
    if (!cJSON_IsArray(expected))
        return (expected->type & 0xff) == (actual->type & 0xff) ? 0 : 1;
    if (!cJSON_IsArray(actual))
        return 1;
    return comparison->ignore_array_order ? compare_in_any_order(comparison, expected, actual)
                                          : compare_in_order(comparison, expected, actual);
}
