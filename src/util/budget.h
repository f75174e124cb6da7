/* Bounded work: the steps that hostile input may still cost. Whoever works in a loop spends them,
 * and what ran out of them is given up: it counts as no match, whatever the answer was so far. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct budget {
    size_t left;
    bool exhausted;
};

/* False when the steps are not there; the budget is exhausted for good then. */
static inline bool budget_spend(struct budget *budget, size_t steps) {
    if (budget->exhausted || steps > budget->left) {
        budget->exhausted = true;
        return false;
    }
    budget->left -= steps;
    return true;
}
