/* Compares two JSON values. Numbers compare by value, and the order of members does not matter. */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

struct json_comparison {
    bool ignore_array_order;
    bool ignore_extra_elements; /* allow more members, and more items: at the end, or anywhere if
                                 * order is ignored */
    const struct json_placeholders *placeholders; /* of the expected value; NULL: it has none */
    struct arena *arena;
    struct budget *budget;
};

/* Returns 0 when the values are equal, >0 when they differ or the budget is exhausted, or
 * -ENOMEM. */
int json_compare(const struct json_comparison *comparison, const cJSON *expected,
                 const cJSON *actual);
