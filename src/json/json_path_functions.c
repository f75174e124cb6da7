/* The functions at the end of a path, such as $.a.sum(). */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_number.h"
#include "json/json_path_parts.h"
#include "json/json_print.h"
#include "util/fatal.h"

/* Prints a double as Java does: 16.0, 1.0E7, 1.0E-4. */
static void print_double(double value, char out[JSON_NUMBER_SIZE]) {
    char digits[JSON_NUMBER_SIZE];
    int precision = 0;
    do
        snprintf(digits, sizeof(digits), "%.*e", precision, value);
    while (strtod(digits, NULL) != value && ++precision < 17);
    char *e = strchr(digits, 'e');
    int exponent = (int)strtol(e + 1, NULL, 10);
    if (value == 0 || (exponent >= -3 && exponent < 7)) {
        int decimals = precision - exponent;
        snprintf(out, JSON_NUMBER_SIZE, "%.*f", decimals > 1 ? decimals : 1, value);
        return;
    }
    *e = '\0';
    snprintf(out, JSON_NUMBER_SIZE, "%.25s%sE%d", digits, precision == 0 ? ".0" : "", exponent);
}

static cJSON *make(struct json_search *search, int type) {
    cJSON *value = arena_alloc(search->arena, sizeof(*value));
    if (value)
        value->type = type;
    return value;
}

static int add_null(struct json_search *search, struct json_nodes *nodes) {
    const cJSON *null = make(search, cJSON_NULL);
    return null ? json_search_add(search, nodes, null) : FATAL(ENOMEM);
}

static int add_double(struct json_search *search, struct json_nodes *nodes, double result) {
    char text[JSON_NUMBER_SIZE];
    cJSON *number = make(search, cJSON_Number);
    if (!number)
        return FATAL(ENOMEM);
    if (!isfinite(result)) {
        search->failed = true;
        return 0;
    }
    print_double(result, text);
    number->valuedouble = result;
    number->valuestring = arena_copy(search->arena, text, strlen(text));
    return number->valuestring ? json_search_add(search, nodes, number) : FATAL(ENOMEM);
}

/* ---- Numbers */

struct aggregate {
    size_t count;
    double sum;
    double squares;
    double least;
    double most;
};

static void aggregate_add(struct aggregate *aggregate, const cJSON *value) {
    if (!cJSON_IsNumber(value))
        return;
    double number = value->valuedouble;
    aggregate->least = aggregate->count == 0 ? number : fmin(aggregate->least, number);
    aggregate->most = aggregate->count == 0 ? number : fmax(aggregate->most, number);
    aggregate->count++;
    aggregate->sum += number;
    aggregate->squares += number * number;
}

static void aggregate_list(struct json_search *search, struct aggregate *aggregate,
                           const cJSON *list) {
    for (const cJSON *item = list->child; item && budget_spend(search->budget, 1);
         item = item->next)
        aggregate_add(aggregate, item);
}

static double conclude(enum json_function function, const struct aggregate *aggregate) {
    double count = (double)aggregate->count;
    if (function == FUNCTION_SUM)
        return aggregate->sum;
    if (function == FUNCTION_AVERAGE)
        return aggregate->sum / count;
    if (function == FUNCTION_DEVIATION)
        return sqrt(aggregate->squares / count - aggregate->sum * aggregate->sum / count / count);
    return function == FUNCTION_MIN ? aggregate->least : aggregate->most;
}

static int call_aggregate(struct json_search *search, const struct json_step *step,
                          const cJSON *node, struct json_nodes *nodes) {
    struct aggregate aggregate = {0};
    if (cJSON_IsArray(node))
        aggregate_list(search, &aggregate, node);
    for (size_t i = 0; i < step->count; i++) {
        const cJSON *value = search->parameters[i];
        if (cJSON_IsArray(value))
            aggregate_list(search, &aggregate, value);
        aggregate_add(&aggregate, value);
    }
    search->failed |= aggregate.count == 0;
    return search->failed ? 0 : add_double(search, nodes, conclude(step->function, &aggregate));
}

/* ---- Texts */

/* A text that grows in the arena. */
struct joined {
    struct arena *arena;
    char *text;
    size_t size;
    size_t capacity;
};

static int join(struct json_search *search, struct joined *joined, const char *text) {
    size_t length = strlen(text);
    if (!json_search_spend_text(search, text))
        return 0;
    if (joined->size + length >= joined->capacity) {
        size_t capacity = 2 * (joined->size + length) + 16;
        char *larger = arena_alloc(joined->arena, capacity);
        if (!larger)
            return FATAL(ENOMEM);
        if (joined->size > 0)
            memcpy(larger, joined->text, joined->size);
        joined->text = larger;
        joined->capacity = capacity;
    }
    memcpy(joined->text + joined->size, text, length + 1);
    joined->size += length;
    return 0;
}

/* Java has numbers with a fraction or exponent as doubles. */
static int join_scalar(struct json_search *search, struct joined *joined, const cJSON *value) {
    char buffer[JSON_NUMBER_SIZE];
    if (cJSON_IsNull(value))
        return 0;
    if (!cJSON_IsNumber(value))
        return join(search, joined,
                    cJSON_IsString(value) ? value->valuestring
                    : cJSON_IsTrue(value) ? "true"
                                          : "false");
    const char *text = json_number_text(value, buffer);
    if (strpbrk(text, ".eE") && isfinite(value->valuedouble)) {
        print_double(value->valuedouble, buffer);
        text = buffer;
    }
    return join(search, joined, text);
}

/* Prints an object as Java prints a map: {a=1, b=[2]}. */
static int join_object(struct json_search *search, struct joined *joined, const cJSON *object);

static int join_value(struct json_search *search, struct joined *joined, const cJSON *value) {
    if (cJSON_IsObject(value))
        return join_object(search, joined, value);
    if (!cJSON_IsArray(value))
        return join_scalar(search, joined, value);
    char *printed = json_print(value);
    int r = printed ? join(search, joined, printed) : FATAL(ENOMEM);
    cJSON_free(printed);
    return r;
}

static int join_object(struct json_search *search, struct joined *joined, const cJSON *object) {
    int r = join(search, joined, "{");
    for (const cJSON *member = object->child; member && r == 0; member = member->next) {
        r = join(search, joined, member->string);
        if (r == 0)
            r = join(search, joined, cJSON_IsNull(member) ? "=null" : "=");
        if (r == 0)
            r = join_value(search, joined, member);
        if (r == 0 && member->next)
            r = join(search, joined, ", ");
    }
    return r == 0 ? join(search, joined, "}") : r;
}

static int call_concat(struct json_search *search, const struct json_step *step, const cJSON *node,
                       struct json_nodes *nodes) {
    struct joined joined = {.arena = search->arena};
    cJSON *result = make(search, cJSON_String);
    if (!result)
        return FATAL(ENOMEM);
    int r = join(search, &joined, "");
    const cJSON *item = cJSON_IsArray(node) ? node->child : NULL;
    for (; item && r == 0; item = item->next)
        if (cJSON_IsString(item))
            r = join_scalar(search, &joined, item);
    for (size_t i = 0; i < step->count && r == 0; i++) {
        const cJSON *value = search->parameters[i];
        bool is_list = cJSON_IsArray(value);
        for (item = is_list ? value->child : value; item && r == 0;
             item = is_list ? item->next : NULL)
            r = join_value(search, &joined, item);
    }
    result->valuestring = joined.text;
    return r < 0 || !joined.text ? r : json_search_add(search, nodes, result);
}

/* ---- Containers */

static int call_length(struct json_search *search, const struct json_step *step, const cJSON *node,
                       struct json_nodes *nodes) {
    if (step->count > 0)
        node = search->parameters[0];
    if (!cJSON_IsArray(node) && !cJSON_IsObject(node))
        return add_null(search, nodes);
    cJSON *length = make(search, cJSON_Number);
    if (!length)
        return FATAL(ENOMEM);
    length->valuedouble = (double)json_search_count(search, node);
    return json_search_add(search, nodes, length);
}

static int call_keys(struct json_search *search, const cJSON *node, struct json_nodes *nodes) {
    struct json_nodes names = {0};
    if (!cJSON_IsObject(node))
        return add_null(search, nodes);
    const cJSON *member;
    cJSON_ArrayForEach (member, node) {
        cJSON *name = make(search, cJSON_String);
        if (!name)
            return FATAL(ENOMEM);
        name->valuestring = member->string;
        int r = json_search_add(search, &names, name);
        if (r < 0 || search->budget->exhausted)
            return r;
    }
    const cJSON *list = json_nodes_list(&names, search->arena);
    return list ? json_search_add(search, nodes, list) : FATAL(ENOMEM);
}

/* Adds the parameters to a copy of the list. Jayway leaves other values as they are. */
static int call_append(struct json_search *search, const struct json_step *step, const cJSON *node,
                       struct json_nodes *nodes) {
    struct json_nodes items = {0};
    if (!cJSON_IsArray(node))
        return json_search_add(search, nodes, node);
    const cJSON *item;
    cJSON_ArrayForEach (item, node) {
        int r = json_search_add(search, &items, item);
        if (r < 0 || search->budget->exhausted)
            return r;
    }
    for (size_t i = 0; i < step->count; i++) {
        int r = json_search_add(search, &items, search->parameters[i]);
        if (r < 0 || search->budget->exhausted)
            return r;
    }
    const cJSON *list = json_nodes_list(&items, search->arena);
    return list ? json_search_add(search, nodes, list) : FATAL(ENOMEM);
}

/* Returns the index, the first parameter, or 0 and fails. */
static double read_index(struct json_search *search, const struct json_step *step) {
    const cJSON *value = step->count > 0 ? search->parameters[0] : NULL;
    if (value && cJSON_IsArray(value))
        value = value->child;
    bool is_number = value && cJSON_IsNumber(value);
    search->failed |= !is_number;
    return is_number ? trunc(value->valuedouble) : 0;
}

/* Negative indexes count from the end. Jayway does not reach the first item in this way. */
static int call_index(struct json_search *search, const struct json_step *step, const cJSON *node,
                      struct json_nodes *nodes) {
    double index = step->function == FUNCTION_INDEX  ? read_index(search, step)
                   : step->function == FUNCTION_LAST ? -1
                                                     : 0;
    double count = cJSON_IsArray(node) ? (double)json_search_count(search, node) : 0;
    bool is_reached = index < 0 ? index + count > 0 : index < count;
    search->failed |= !is_reached && !(search->is_list && cJSON_IsArray(node));
    if (search->failed || !is_reached)
        return 0;
    const cJSON *item = node->child;
    for (index += index < 0 ? count : 0; index > 0 && item; index--)
        item = item->next;
    return item ? json_search_add(search, nodes, item) : 0;
}

/* Evaluates the parameters. Returns 0, >0 when one of them is missing, or -ENOMEM. */
static int read_parameters(struct json_search *search, const struct json_step *step,
                           const cJSON **ret_values) {
    for (size_t i = 0; i < step->count; i++) {
        int r = json_search_evaluate(search, &step->parameters[i], search->root, &ret_values[i]);
        if (r < 0)
            return r;
        if (!ret_values[i])
            return 1;
    }
    return 0;
}

static int call(struct json_search *search, const struct json_step *step, const cJSON *node,
                struct json_nodes *nodes) {
    switch (step->function) {
    case FUNCTION_APPEND:
        return call_append(search, step, node, nodes);
    case FUNCTION_CONCAT:
        return call_concat(search, step, node, nodes);
    case FUNCTION_FIRST:
    case FUNCTION_INDEX:
    case FUNCTION_LAST:
        return call_index(search, step, node, nodes);
    case FUNCTION_KEYS:
        return call_keys(search, node, nodes);
    case FUNCTION_LENGTH:
        return call_length(search, step, node, nodes);
    case FUNCTION_AVERAGE:
    case FUNCTION_DEVIATION:
    case FUNCTION_MAX:
    case FUNCTION_MIN:
    case FUNCTION_SUM:
        return call_aggregate(search, step, node, nodes);
    }
    return FATAL(EINVAL);
}

int json_search_call(struct json_search *search, const struct json_step *step, const cJSON *node,
                     struct json_nodes *nodes) {
    const cJSON **values = arena_alloc(search->arena, (step->count + 1) * sizeof(cJSON *));
    if (!values)
        return FATAL(ENOMEM);
    int r = read_parameters(search, step, values);
    if (r != 0 || search->failed)
        return r < 0 ? r : 0;
    search->parameters = values;
    return call(search, step, node, nodes);
}
