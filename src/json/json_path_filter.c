/* The tests of filters. */
#include <string.h>

#include "json/json_compare.h"
#include "json/json_number.h"
#include "json/json_path_parts.h"

static bool is_container(const cJSON *node) {
    return cJSON_IsArray(node) || cJSON_IsObject(node);
}

/* As in Jayway, a number equals a string that is the same number, and a string equals a number that
 * is written like it. Returns 0 when the values are equal, >0 when they differ, or -ENOMEM. */
static int compare_equal(struct json_search *search, const cJSON *a, const cJSON *b) {
    char buffer[JSON_NUMBER_SIZE];
    struct json_comparison comparison = {.arena = search->arena, .budget = search->budget};
    if (!a || !b)
        return 1;
    if (cJSON_IsNumber(a) && cJSON_IsString(b)) {
        const char *number = json_number_text(a, buffer);
        return !json_search_spend_text(search, number) ||
               !json_search_spend_text(search, b->valuestring) ||
               json_decimal_compare(number, strlen(number), b->valuestring,
                                    strlen(b->valuestring)) != 0;
    }
    if (cJSON_IsString(a) && cJSON_IsNumber(b))
        return !json_search_spend_text(search, a->valuestring) ||
               strcmp(a->valuestring, json_number_text(b, buffer)) != 0;
    return json_compare(&comparison, b, a);
}

static bool is_same_type(const cJSON *a, const cJSON *b) {
    bool both_boolean = cJSON_IsBool(a) && cJSON_IsBool(b);
    return a && b && (both_boolean || (is_container(a) && is_container(b)) || a->type == b->type);
}

static int compare_order(struct json_search *search, enum json_test test, const cJSON *a,
                         const cJSON *b) {
    int order;
    if (!a || !b)
        return 1;
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        order = json_number_compare(a, b, search->budget);
    else if (cJSON_IsString(a) && cJSON_IsString(b) &&
             json_search_spend_text(search, a->valuestring))
        order = strcmp(a->valuestring, b->valuestring);
    else
        return 1;
    if (order == 2)
        return 1;
    bool holds = test == TEST_LESS            ? order < 0
                 : test == TEST_LESS_OR_EQUAL ? order <= 0
                 : test == TEST_GREATER       ? order > 0
                                              : order >= 0;
    return holds ? 0 : 1;
}

static int match_regex(struct json_search *search, const struct json_filter *filter,
                       const cJSON *value) {
    char buffer[JSON_NUMBER_SIZE];
    const char *text = cJSON_IsNumber(value)  ? json_number_text(value, buffer)
                       : cJSON_IsTrue(value)  ? "true"
                       : cJSON_IsFalse(value) ? "false"
                                              : cJSON_GetStringValue(value);
    int r = text ? regex_match(filter->regex, text, strlen(text), search->budget) : 1;
    for (const cJSON *item = value && cJSON_IsArray(value) ? value->child : NULL; item && r > 0;
         item = item->next)
        r = is_container(item) ? 1 : match_regex(search, filter, item);
    return r;
}

/* Whether the value is a list. If not, the filter is unfit. Jayway fails at lists in the list. */
static bool is_list(struct json_search *search, const cJSON *value) {
    bool is_array = value && cJSON_IsArray(value);
    search->unfit |= !is_array;
    for (const cJSON *item = is_array ? value->child : NULL;
         item && budget_spend(search->budget, 1); item = item->next)
        search->failed |= is_container(item);
    return is_array && !search->failed;
}

/* Returns 0 when the list has the value. */
static int find_value(struct json_search *search, const cJSON *value, const cJSON *list) {
    int r = 1;
    for (const cJSON *item = list->child; value && item && r > 0; item = item->next)
        r = budget_spend(search->budget, 1) ? compare_equal(search, value, item) : 1;
    return r;
}

/* Counts the items of a list that are in another. Returns 0, or -ENOMEM. */
static int count_common(struct json_search *search, const cJSON *list, const cJSON *other,
                        size_t *ret_count, size_t *ret_common) {
    size_t count = 0;
    size_t common = 0;
    for (const cJSON *item = list->child; item && budget_spend(search->budget, 1);
         item = item->next) {
        int r = find_value(search, item, other);
        if (r < 0)
            return r;
        count++;
        common += r == 0;
    }
    *ret_count = count;
    *ret_common = common;
    return 0;
}

static int negate(int r) {
    return r < 0 ? r : !r;
}

static int test_list(struct json_search *search, enum json_test test, const cJSON *a,
                     const cJSON *b) {
    size_t count = 0;
    size_t common = 0;
    bool tests_one = test == TEST_IN || test == TEST_NOT_IN;
    if (tests_one && cJSON_IsObject(b))
        return test == TEST_IN ? 1 : 0;
    if (!is_list(search, b))
        return 1;
    if (tests_one) {
        int r = find_value(search, a, b);
        return test == TEST_IN ? r : negate(r);
    }
    int r = is_list(search, a) ? count_common(search, a, b, &count, &common) : 1;
    if (r != 0)
        return r;
    bool holds = test == TEST_SUBSET_OF ? common == count
                 : test == TEST_ANY_OF  ? common > 0
                                        : common == 0;
    return holds ? 0 : 1;
}

static size_t count_characters(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* The items of a list or the characters of a string. Returns false when the value has no size. */
static bool measure(struct json_search *search, const cJSON *value, double *ret_size) {
    if (!value)
        return false;
    if (cJSON_IsString(value) && json_search_spend_text(search, value->valuestring))
        *ret_size = (double)count_characters(value->valuestring);
    else if (is_container(value))
        *ret_size = (double)json_search_count(search, value);
    else
        return false;
    return true;
}

static int test_size(struct json_search *search, const cJSON *a, const cJSON *b) {
    double size = 0;
    return b && cJSON_IsNumber(b) && !cJSON_IsObject(a) && measure(search, a, &size) &&
                   size == b->valuedouble
               ? 0
               : 1;
}

static int test_empty(struct json_search *search, const cJSON *a, const cJSON *b) {
    double size = 0;
    return cJSON_IsBool(b) && measure(search, a, &size) && (size == 0) == cJSON_IsTrue(b) ? 0 : 1;
}

static int test_contains(struct json_search *search, const cJSON *a, const cJSON *b) {
    if (!a || !b || !cJSON_IsString(a))
        return b && cJSON_IsArray(a) && is_list(search, a) ? find_value(search, b, a) : 1;
    return cJSON_IsString(b) && json_search_spend_text(search, a->valuestring) &&
                   strstr(a->valuestring, b->valuestring)
               ? 0
               : 1;
}

static int test_values(struct json_search *search, const struct json_filter *filter, const cJSON *a,
                       const cJSON *b) {
    switch (filter->test) {
    case TEST_OR:
    case TEST_AND:
    case TEST_NOT:
    case TEST_EXISTS:
        return a ? 0 : 1;
    case TEST_EQUAL:
        return compare_equal(search, a, b);
    case TEST_UNEQUAL:
        return negate(compare_equal(search, a, b));
    case TEST_SAME:
        return is_same_type(a, b) ? compare_equal(search, a, b) : 1;
    case TEST_NOT_SAME:
        return is_same_type(a, b) ? negate(compare_equal(search, a, b)) : 0;
    case TEST_LESS:
    case TEST_LESS_OR_EQUAL:
    case TEST_GREATER:
    case TEST_GREATER_OR_EQUAL:
        return compare_order(search, filter->test, a, b);
    case TEST_REGEX:
        return match_regex(search, filter, a);
    case TEST_IN:
    case TEST_NOT_IN:
    case TEST_SUBSET_OF:
    case TEST_ANY_OF:
    case TEST_NONE_OF:
        return test_list(search, filter->test, a, b);
    case TEST_SIZE:
        return test_size(search, a, b);
    case TEST_EMPTY:
        return test_empty(search, a, b);
    case TEST_CONTAINS:
        return test_contains(search, a, b);
    }
    return 1;
}

int json_search_test(struct json_search *search, const struct json_filter *filter,
                     const cJSON *node) {
    const cJSON *a = NULL;
    const cJSON *b = NULL;
    if (!budget_spend(search->budget, 4))
        return 1;
    if (filter->test != TEST_OR && filter->test != TEST_AND && filter->test != TEST_NOT) {
        int r = json_search_evaluate(search, &filter->a, node, &a);
        if (r == 0)
            r = json_search_evaluate(search, &filter->b, node, &b);
        /* An indefinite path exists when it finds something. */
        bool is_nothing = filter->test == TEST_EXISTS && filter->a.path &&
                          !filter->a.path->is_definite && a && !a->child;
        return r < 0 ? r : test_values(search, filter, is_nothing ? NULL : a, b);
    }
    int r = json_search_test(search, filter->left, node);
    if (r < 0)
        return r;
    if (filter->test == TEST_NOT)
        return !r;
    bool decided = filter->test == TEST_OR ? r == 0 : r > 0;
    return decided ? r : json_search_test(search, filter->right, node);
}
