#include "json/json_path.h"

#include <errno.h>
#include <string.h>

#include "json/json_compare.h"
#include "json/json_number.h"
#include "json/json_path_parts.h"
#include "util/fatal.h"

enum { MAX_NODES = 100000, BYTES_PER_STEP = 64 };

struct search {
    const cJSON *root;
    struct arena *arena;
    struct budget *budget;
};

static int find(struct search *search, const struct json_path *path, const cJSON *start,
                struct json_nodes *ret_nodes);

static int add(struct search *search, struct json_nodes *nodes, const cJSON *node) {
    if (nodes->count == MAX_NODES)
        search->budget->exhausted = true;
    if (!budget_spend(search->budget, 1))
        return 0;
    const cJSON **items =
        arena_grow(search->arena, nodes->items, nodes->count, sizeof(cJSON *), &nodes->capacity);
    if (!items)
        return FATAL(ENOMEM);
    nodes->items = items;
    nodes->items[nodes->count++] = node;
    return 0;
}

static bool is_container(const cJSON *node) {
    return cJSON_IsArray(node) || cJSON_IsObject(node);
}

/* Pays for reading a whole string. */
static bool spend_text(struct search *search, const cJSON *text) {
    return budget_spend(search->budget, strlen(text->valuestring) / BYTES_PER_STEP + 1);
}

static long count_children(struct search *search, const cJSON *node) {
    long count = 0;
    for (const cJSON *child = node->child; child && budget_spend(search->budget, 1);
         child = child->next)
        count++;
    return count;
}

static int select_names(struct search *search, const struct json_step *step, const cJSON *node,
                        struct json_nodes *nodes) {
    if (!cJSON_IsObject(node))
        return 0;
    for (size_t i = 0; i < step->count; i++) {
        for (const cJSON *child = node->child; child && budget_spend(search->budget, 1);
             child = child->next) {
            if (strcmp(child->string, step->names[i]) != 0)
                continue;
            int r = add(search, nodes, child);
            if (r < 0)
                return r;
            break;
        }
    }
    return 0;
}

static int select_slice(struct search *search, const struct json_slice *slice, const cJSON *node,
                        struct json_nodes *nodes) {
    if (!cJSON_IsArray(node))
        return 0;
    long count = count_children(search, node);
    long start = slice->has_start ? slice->start : 0;
    long end = slice->has_end ? slice->end : count;
    start = start >= 0 ? start : start + count > 0 ? start + count : 0;
    end = end >= 0 ? end : end + count;
    long i = 0;
    for (const cJSON *child = node->child; child && i < end; child = child->next, i++) {
        int r = i >= start && (i - start) % slice->step == 0 ? add(search, nodes, child) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int select_indexes(struct search *search, const struct json_step *step, const cJSON *node,
                          struct json_nodes *nodes) {
    for (size_t i = 0; i < step->count; i++) {
        long index = step->indexes[i];
        struct json_slice slice = {
            .start = index, .end = index + 1, .step = 1, .has_start = true, .has_end = index != -1};
        /* In an array that is too short, a slice from the end would begin at the start. */
        if (index < 0 && cJSON_IsArray(node) && count_children(search, node) < -index)
            continue;
        int r = select_slice(search, &slice, node, nodes);
        if (r < 0)
            return r;
    }
    return 0;
}

static int select_all(struct search *search, const cJSON *node, struct json_nodes *nodes) {
    if (!is_container(node))
        return 0;
    const cJSON *child;
    cJSON_ArrayForEach (child, node) {
        int r = add(search, nodes, child);
        if (r < 0)
            return r;
    }
    return 0;
}

static int select_length(struct search *search, const cJSON *node, struct json_nodes *nodes) {
    cJSON *length = arena_alloc(search->arena, sizeof(*length));
    if (!length)
        return FATAL(ENOMEM);
    length->type = cJSON_Number;
    if (is_container(node)) {
        length->valuedouble = (double)count_children(search, node);
    } else if (cJSON_IsString(node)) {
        if (!spend_text(search, node))
            return 0;
        for (const char *at = node->valuestring; *at; at++)
            length->valuedouble += ((unsigned char)*at & 0xc0) != 0x80;
    } else {
        return 0;
    }
    return add(search, nodes, length);
}

/* Returns the value of an operand, or NULL when it has none. */
static int evaluate(struct search *search, const struct json_operand *operand, const cJSON *node,
                    const cJSON **ret_value) {
    struct json_nodes nodes = {0};
    *ret_value = operand->literal;
    if (!operand->path)
        return 0;
    int r = find(search, operand->path, node, &nodes);
    *ret_value = nodes.count > 0 ? nodes.items[0] : NULL;
    return r;
}

/* Returns 0 when the values are equal, >0 when they differ, or <0. */
static int compare_equal(struct search *search, const cJSON *a, const cJSON *b) {
    struct json_comparison comparison = {.arena = search->arena, .budget = search->budget};
    return a && b ? json_compare(&comparison, b, a) : 1;
}

static int compare_order(struct search *search, enum json_test test, const cJSON *a,
                         const cJSON *b) {
    int order;
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        order = json_number_compare(a, b, search->budget);
    else if (cJSON_IsString(a) && cJSON_IsString(b) && spend_text(search, a))
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

static int test_values(struct search *search, const struct json_filter *filter, const cJSON *node) {
    const cJSON *a = NULL;
    const cJSON *b = NULL;
    int r = evaluate(search, &filter->a, node, &a);
    if (r == 0)
        r = evaluate(search, &filter->b, node, &b);
    if (r < 0)
        return r;
    if (filter->test == TEST_EXISTS)
        return a ? 0 : 1;
    if (filter->test == TEST_REGEX)
        return cJSON_IsString(a) ? regex_match(filter->regex, a->valuestring,
                                               strlen(a->valuestring), search->budget)
                                 : 1;
    if (filter->test != TEST_EQUAL && filter->test != TEST_UNEQUAL)
        return compare_order(search, filter->test, a, b);
    r = compare_equal(search, a, b);
    return r < 0 || filter->test == TEST_EQUAL ? r : !r;
}

/* Returns 0 when the node passes the filter, >0 when it does not, or -ENOMEM. */
static int test(struct search *search, const struct json_filter *filter, const cJSON *node) {
    if (!budget_spend(search->budget, 4))
        return 1;
    if (filter->test != TEST_OR && filter->test != TEST_AND && filter->test != TEST_NOT)
        return test_values(search, filter, node);
    int r = test(search, filter->left, node);
    if (r < 0)
        return r;
    if (filter->test == TEST_NOT)
        return !r;
    bool decided = filter->test == TEST_OR ? r == 0 : r > 0;
    return decided ? r : test(search, filter->right, node);
}

/* A filter tests each item of an array, but an object as a whole. */
static int select_filtered(struct search *search, const struct json_filter *filter,
                           const cJSON *node, struct json_nodes *nodes) {
    const cJSON *at = cJSON_IsArray(node) ? node->child : cJSON_IsObject(node) ? node : NULL;
    for (; at; at = at == node ? NULL : at->next) {
        int r = test(search, filter, at);
        if (r == 0)
            r = add(search, nodes, at);
        if (r < 0)
            return r;
    }
    return 0;
}

static int select_here(struct search *search, const struct json_step *step, const cJSON *node,
                       struct json_nodes *nodes) {
    if (!budget_spend(search->budget, 1))
        return 0;
    switch (step->selector) {
    case SELECT_NAMES:
        return select_names(search, step, node, nodes);
    case SELECT_INDEXES:
        return select_indexes(search, step, node, nodes);
    case SELECT_SLICE:
        return select_slice(search, &step->slice, node, nodes);
    case SELECT_ALL:
        return select_all(search, node, nodes);
    case SELECT_FILTER:
        return select_filtered(search, step->filter, node, nodes);
    case SELECT_LENGTH:
        return select_length(search, node, nodes);
    }
    return FATAL(EINVAL);
}

static int select_below(struct search *search, const struct json_step *step, const cJSON *node,
                        struct json_nodes *nodes) {
    int r = select_here(search, step, node, nodes);
    for (const cJSON *child = node->child; r == 0 && child && !search->budget->exhausted;
         child = child->next)
        r = select_below(search, step, child, nodes);
    return r;
}

static int find(struct search *search, const struct json_path *path, const cJSON *start,
                struct json_nodes *ret_nodes) {
    struct json_nodes nodes = {0};
    int r = add(search, &nodes, path->is_relative ? start : search->root);
    for (const struct json_step *step = path->steps; step && r == 0; step = step->next) {
        struct json_nodes found = {0};
        for (size_t i = 0; i < nodes.count && r == 0; i++)
            r = step->descend ? select_below(search, step, nodes.items[i], &found)
                              : select_here(search, step, nodes.items[i], &found);
        nodes = found;
    }
    if (r == 0)
        *ret_nodes = nodes;
    return r;
}

bool json_path_is_definite(const struct json_path *path) {
    return path->is_definite;
}

int json_path_find(const struct json_path *path, const cJSON *root, struct arena *arena,
                   struct budget *budget, struct json_nodes *ret_nodes) {
    struct search search = {.root = root, .arena = arena, .budget = budget};
    return find(&search, path, root, ret_nodes);
}
