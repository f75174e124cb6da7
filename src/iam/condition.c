#include "iam/condition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/fatal.h"
#include "util/regex.h"

int condition_find_op(const char *name, size_t length, enum condition_op *ret_op) {
    static const char *const names[CONDITION_N_OPS] = {
        [CONDITION_EQUALS] = "EQUALS",
        [CONDITION_NOT_EQUALS] = "NOT_EQUALS",
        [CONDITION_GREATER_THAN] = "GREATER_THAN",
        [CONDITION_LESS_THAN] = "LESS_THAN",
        [CONDITION_GREATER_THAN_OR_EQUAL_TO] = "GREATER_THAN_OR_EQUAL_TO",
        [CONDITION_LESS_THAN_OR_EQUAL_TO] = "LESS_THAN_OR_EQUAL_TO",
        [CONDITION_IN] = "IN",
        [CONDITION_NOT_IN] = "NOT_IN",
        [CONDITION_STARTS_WITH] = "STARTS_WITH",
        [CONDITION_ENDS_WITH] = "ENDS_WITH",
        [CONDITION_CONTAINS] = "CONTAINS",
        [CONDITION_NOT_CONTAINS] = "NOT_CONTAINS",
        [CONDITION_REGEX] = "REGEX",
        [CONDITION_PREFIX] = "PREFIX",
        [CONDITION_IS_NULL] = "IS_NULL",
        [CONDITION_IS_NOT_NULL] = "IS_NOT_NULL",
    };
    for (int i = 0; i < CONDITION_N_OPS; i++) {
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0) {
            *ret_op = (enum condition_op)i;
            return 0;
        }
    }
    return 1;
}

static int compare(bool any_case, const char *a, const char *b) {
    return any_case ? strcasecmp(a, b) : strcmp(a, b);
}

static int compare_items(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_items_in_any_case(const void *a, const void *b) {
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, so that testing a row is cheap for long lists. */
static int set_list(struct condition *condition, const char *value, struct arena *arena) {
    size_t count = 1;
    for (const char *comma = value; (comma = strchr(comma, ',')); comma++)
        count++;
    char *text = arena_copy(arena, value, strlen(value));
    const char **items = arena_alloc(arena, count * sizeof(*items));
    if (!text || !items)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < count; i++)
        items[i] = strsep(&text, ",");
    qsort(items, count, sizeof(*items),
          condition->any_case ? compare_items_in_any_case : compare_items);
    condition->values = (struct string_list){true, count, items};
    return 0;
}

static int set_one(struct condition *condition, const char *value, struct arena *arena) {
    const char **items = arena_alloc(arena, sizeof(*items));
    if (!items)
        return FATAL(ENOMEM);
    items[0] = value;
    condition->values = (struct string_list){true, 1, items};
    return 0;
}

/* These operators need no value; false reverses them. */
static int set_null(struct condition *condition, const char *value, const char **reterr_reason) {
    if (*value == '\0' || strcasecmp(value, "true") == 0)
        return 0;
    if (strcasecmp(value, "false") != 0) {
        *reterr_reason = "takes only true, false or no value";
        return IAM_INVALID_FILTER;
    }
    condition->op = condition->op == CONDITION_IS_NULL ? CONDITION_IS_NOT_NULL : CONDITION_IS_NULL;
    return 0;
}

static int set_regex(struct condition *condition, const char *value, struct arena *arena,
                     const char **reterr_reason) {
    char error[REGEX_ERROR_SIZE];
    int r = regex_compile(value, REGEX_SEARCH, arena, &condition->regex, error);
    if (r <= 0)
        return r;
    *reterr_reason = arena_format(arena, "has an invalid regular expression: %s", error);
    return *reterr_reason ? IAM_INVALID_FILTER : FATAL(ENOMEM);
}

/* Whether the column can have all of these values. */
static bool are_known(const struct condition *condition, const char *const *known) {
    for (size_t i = 0; i < condition->values.count; i++) {
        size_t k = 0;
        while (known[k] && compare(condition->any_case, known[k], condition->values.items[i]) != 0)
            k++;
        if (!known[k])
            return false;
    }
    return true;
}

static int set_value(struct condition *condition, const char *const *known, const char *value,
                     struct arena *arena, const char **reterr_reason) {
    bool is_list = condition->op == CONDITION_IN || condition->op == CONDITION_NOT_IN;
    bool is_exact =
        is_list || condition->op == CONDITION_EQUALS || condition->op == CONDITION_NOT_EQUALS;
    int r = is_list ? set_list(condition, value, arena) : set_one(condition, value, arena);
    if (r == 0 && known && is_exact && !are_known(condition, known)) {
        *reterr_reason = "has a value that is not valid for this field";
        return IAM_INVALID_FILTER;
    }
    return r;
}

int condition_init(struct condition *condition, const struct listing_rows *rows, int column,
                   enum condition_op op, const char *value, const char **reterr_reason) {
    const struct listing_column *known = column == CONDITION_Q ? NULL : &rows->columns[column];
    *condition =
        (struct condition){.column = column, .op = op, .any_case = known && known->any_case};
    if (!known && op != CONDITION_EQUALS && op != CONDITION_NOT_EQUALS) {
        *reterr_reason = "is not supported: q takes only EQUALS and NOT_EQUALS";
        return IAM_INVALID_FILTER;
    }
    if (op == CONDITION_IS_NULL || op == CONDITION_IS_NOT_NULL)
        return set_null(condition, value, reterr_reason);
    if (op == CONDITION_REGEX)
        return set_regex(condition, value, rows->arena, reterr_reason);
    return set_value(condition, known ? known->values : NULL, value, rows->arena, reterr_reason);
}

static bool is_listed(const struct condition *condition, const char *text) {
    return bsearch(&text, condition->values.items, condition->values.count, sizeof(text),
                   condition->any_case ? compare_items_in_any_case : compare_items);
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcasecmp(text + length - end_length, end) == 0;
}

static bool holds_for_text(const struct condition *condition, const char *text) {
    const char *value = condition->values.count > 0 ? condition->values.items[0] : "";
    switch (condition->op) {
    case CONDITION_EQUALS:
        return compare(condition->any_case, text, value) == 0;
    case CONDITION_NOT_EQUALS:
        return compare(condition->any_case, text, value) != 0;
    case CONDITION_GREATER_THAN:
        return compare(condition->any_case, text, value) > 0;
    case CONDITION_LESS_THAN:
        return compare(condition->any_case, text, value) < 0;
    case CONDITION_GREATER_THAN_OR_EQUAL_TO:
        return compare(condition->any_case, text, value) >= 0;
    case CONDITION_LESS_THAN_OR_EQUAL_TO:
        return compare(condition->any_case, text, value) <= 0;
    case CONDITION_IN:
        return is_listed(condition, text);
    case CONDITION_NOT_IN:
        return !is_listed(condition, text);
    case CONDITION_STARTS_WITH:
    case CONDITION_PREFIX:
        return strncasecmp(text, value, strlen(value)) == 0;
    case CONDITION_ENDS_WITH:
        return ends_with(text, value);
    case CONDITION_CONTAINS:
        return strcasestr(text, value);
    case CONDITION_NOT_CONTAINS:
        return !strcasestr(text, value);
    case CONDITION_IS_NOT_NULL:
        return true;
    case CONDITION_IS_NULL:
    case CONDITION_REGEX: /* handled by search_regex */
    case CONDITION_N_OPS:
        break;
    }
    return false;
}

/* Null equals nothing, contains nothing, and is in no list. */
static bool holds_for_null(const struct condition *condition) {
    return condition->op == CONDITION_IS_NULL || condition->op == CONDITION_NOT_EQUALS ||
           condition->op == CONDITION_NOT_IN || condition->op == CONDITION_NOT_CONTAINS;
}

/* A search that was given up must not look as if it had found nothing. */
static int search_regex(const struct condition *condition, struct listing_rows *rows,
                        const char *text, bool *ret_holds) {
    int r = regex_match(condition->regex, text, strlen(text), &rows->regex_budget);
    if (r < 0)
        return r;
    if (rows->regex_budget.exhausted) {
        *rows->reterr_problem = "the REGEX filters take too long";
        return IAM_INVALID_FILTER;
    }
    *ret_holds = r == 0;
    return listing_rows_check_time(rows);
}

int condition_test(const struct condition *condition, struct listing_rows *rows,
                   const char *const *row, bool *ret_holds) {
    if (condition->column == CONDITION_Q) {
        bool found = listing_rows_match(rows, condition->values.items[0], row);
        *ret_holds = found == (condition->op == CONDITION_EQUALS);
        return 0;
    }
    const char *text = row[condition->column];
    if (text && condition->regex)
        return search_regex(condition, rows, text, ret_holds);
    *ret_holds = text ? holds_for_text(condition, text) : holds_for_null(condition);
    return 0;
}
