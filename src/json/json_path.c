#include "json/json_path.h"

#include <errno.h>
#include <string.h>

#include "json/json_path_parts.h"
#include "util/fatal.h"

enum { MAX_NODES = 100000, BYTES_PER_STEP = 64 };

static int find(struct json_search *search, const struct json_path *path, const cJSON *start,
                struct json_nodes *ret_nodes);

int json_search_add(struct json_search *search, struct json_nodes *nodes, const cJSON *node) {
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

bool json_search_spend_text(struct json_search *search, const char *text) {
    return budget_spend(search->budget, strlen(text) / BYTES_PER_STEP + 1);
}

size_t json_search_count(struct json_search *search, const cJSON *container) {
    size_t count = 0;
    for (const cJSON *child = container->child; child && budget_spend(search->budget, 1);
         child = child->next)
        count++;
    return count;
}

static int select_names(struct json_search *search, const struct json_step *step, const cJSON *node,
                        struct json_nodes *nodes) {
    if (!cJSON_IsObject(node))
        return 0;
    for (size_t i = 0; i < step->count; i++) {
        for (const cJSON *child = node->child; child && budget_spend(search->budget, 1);
             child = child->next) {
            if (strcmp(child->string, step->names[i]) != 0)
                continue;
            int r = json_search_add(search, nodes, child);
            if (r < 0)
                return r;
            break;
        }
    }
    return 0;
}

static int select_slice(struct json_search *search, const struct json_slice *slice,
                        const cJSON *node, struct json_nodes *nodes) {
    if (!cJSON_IsArray(node))
        return 0;
    long count = (long)json_search_count(search, node);
    long start = slice->has_start ? slice->start : 0;
    long end = slice->has_end ? slice->end : count;
    start = start >= 0 ? start : start + count > 0 ? start + count : 0;
    end = end >= 0 ? end : end + count;
    long i = 0;
    for (const cJSON *child = node->child; child && i < end; child = child->next, i++) {
        int r = i >= start && (i - start) % slice->step == 0 ? json_search_add(search, nodes, child)
                                                             : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int select_indexes(struct json_search *search, const struct json_step *step,
                          const cJSON *node, struct json_nodes *nodes) {
    for (size_t i = 0; i < step->count; i++) {
        long index = step->indexes[i];
        struct json_slice slice = {
            .start = index, .end = index + 1, .step = 1, .has_start = true, .has_end = index != -1};
        /* In an array that is too short, a slice from the end would begin at the start. */
        if (index < 0 && cJSON_IsArray(node) && (long)json_search_count(search, node) < -index)
            continue;
        int r = select_slice(search, &slice, node, nodes);
        if (r < 0)
            return r;
    }
    return 0;
}

static int select_all(struct json_search *search, const cJSON *node, struct json_nodes *nodes) {
    if (!is_container(node))
        return 0;
    const cJSON *child;
    cJSON_ArrayForEach (child, node) {
        int r = json_search_add(search, nodes, child);
        if (r < 0)
            return r;
    }
    return 0;
}

const cJSON *json_nodes_list(const struct json_nodes *nodes, struct arena *arena) {
    cJSON *list = arena_alloc(arena, (nodes->count + 1) * sizeof(*list));
    if (!list)
        return NULL;
    list[0] = (cJSON){.type = cJSON_Array, .child = nodes->count > 0 ? &list[1] : NULL};
    for (size_t i = 1; i <= nodes->count; i++) {
        const cJSON *node = nodes->items[i - 1];
        list[i] = node ? *node : (cJSON){.type = cJSON_NULL};
        list[i].string = NULL;
        list[i].next = i < nodes->count ? &list[i + 1] : NULL;
    }
    return list;
}

int json_search_evaluate(struct json_search *search, const struct json_operand *operand,
                         const cJSON *node, const cJSON **ret_value) {
    struct json_nodes nodes = {0};
    *ret_value = operand->literal;
    if (!operand->path)
        return 0;
    int r = find(search, operand->path, node, &nodes);
    if (r < 0)
        return r;
    if (operand->path->is_definite || nodes.is_missing)
        *ret_value = nodes.count > 0 ? nodes.items[0] : NULL;
    else if (!(*ret_value = json_nodes_list(&nodes, search->arena)))
        return FATAL(ENOMEM);
    return 0;
}

/* A filter tests each item of an array, but an object as a whole. Below "..", Jayway's tests no
 * scalars. */
static int select_filtered(struct json_search *search, const struct json_step *step,
                           const cJSON *node, struct json_nodes *nodes) {
    const cJSON *at = cJSON_IsArray(node) ? node->child : cJSON_IsObject(node) ? node : NULL;
    bool was_unfit = search->unfit; /* of the filter around this one */
    for (; at; at = at == node ? NULL : at->next) {
        search->unfit = step->descend && !is_container(at);
        int r = search->unfit ? 1 : json_search_test(search, step->filter, at);
        if (r == 0 && !search->unfit)
            r = json_search_add(search, nodes, at);
        if (r < 0)
            return r;
    }
    search->unfit = was_unfit;
    return 0;
}

static int select_here(struct json_search *search, const struct json_step *step, const cJSON *node,
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
        return select_filtered(search, step, node, nodes);
    case SELECT_FUNCTION:
        return json_search_call(search, step, node, nodes);
    }
    return FATAL(EINVAL);
}

static int select_below(struct json_search *search, const struct json_step *step, const cJSON *node,
                        struct json_nodes *nodes) {
    int r = select_here(search, step, node, nodes);
    for (const cJSON *child = node->child; r == 0 && child && !search->budget->exhausted;
         child = child->next)
        r = select_below(search, step, child, nodes);
    return r;
}

/* Whether a function has no result for the only value that a path finds. */
static bool is_nothing(const struct json_path *path, const struct json_step *last,
                       const struct json_nodes *nodes) {
    return path->is_definite && last && last->selector == SELECT_FUNCTION && nodes->count == 1 &&
           cJSON_IsNull(nodes->items[0]);
}

/* Whether an indefinite step can look into the node. */
static bool can_descend(const struct json_step *step, const cJSON *node) {
    bool needs_list = step->selector == SELECT_INDEXES || step->selector == SELECT_SLICE;
    return step->descend || step->selector == SELECT_ALL || cJSON_IsArray(node) ||
           (cJSON_IsObject(node) && !needs_list);
}

/* Looks at an indefinite step after definite ones. Jayway throws where a filter meets a scalar. */
static bool is_missing_for(struct json_search *search, const struct json_step *step,
                           const struct json_nodes *nodes) {
    if (json_step_is_single(step))
        return false;
    bool is_missing = nodes->count == 0 || !can_descend(step, nodes->items[0]);
    search->failed |= is_missing && nodes->count > 0 && step->selector == SELECT_FILTER;
    return is_missing;
}

static int find(struct json_search *search, const struct json_path *path, const cJSON *start,
                struct json_nodes *ret_nodes) {
    struct json_nodes nodes = {0};
    const struct json_step *last = NULL;
    bool was_list = search->is_list;
    bool is_definite = true; /* up to the step */
    bool is_missing = false;
    search->is_list = !path->is_definite;
    int r = json_search_add(search, &nodes, path->is_relative ? start : search->root);
    for (const struct json_step *step = path->steps; step && r == 0 && !search->failed;
         step = step->next) {
        struct json_nodes found = {0};
        if (is_definite)
            is_missing = is_missing_for(search, step, &nodes);
        for (size_t i = 0; i < nodes.count && r == 0; i++)
            r = step->descend ? select_below(search, step, nodes.items[i], &found)
                              : select_here(search, step, nodes.items[i], &found);
        is_definite &= json_step_is_single(step);
        is_missing |= is_definite && found.count == 0;
        nodes = found;
        last = step;
    }
    search->is_list = was_list;
    if (r == 0 && !search->failed && !is_nothing(path, last, &nodes)) {
        nodes.is_missing = is_missing;
        *ret_nodes = nodes;
    }
    return r;
}

bool json_path_is_definite(const struct json_path *path) {
    return path->is_definite;
}

int json_path_find(const struct json_path *path, const cJSON *root, struct arena *arena,
                   struct budget *budget, struct json_nodes *ret_nodes) {
    struct json_search search = {.root = root, .arena = arena, .budget = budget};
    struct json_nodes nodes = {0};
    int r = find(&search, path, root, &nodes);
    if (r == 0 && search.failed && !budget->exhausted)
        return 1;
    if (r == 0)
        *ret_nodes = nodes;
    return r;
}
