/* Whether two JSON values are equal. Numbers compare as numbers, members in any order. */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

struct json_comparison {
    bool ignore_array_order;
    bool ignore_extra_elements; /* members, and items behind or, without order, among the others */
    /* ${json-unit.ignore}, ${json-unit.any-string}, ${json-unit.any-number} and
     * ${json-unit.any-boolean} as texts of the expected value stand for any value of that kind. */
    bool placeholders;
    struct arena *arena;
    struct budget *budget;
};

/* 0 when they are equal; >0 when not, or when the budget is exhausted; -ENOMEM. */
int json_compare(const struct json_comparison *comparison, const cJSON *expected,
                 const cJSON *actual);
