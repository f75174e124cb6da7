/* A limit on the work that hostile input can cause. A loop spends steps as it works. When the steps
 * run out, the work is given up and counts as no match, whatever it had found so far. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct budget {
    size_t left;
    bool exhausted;
};

/* Returns false when too few steps are left. The budget then stays exhausted. */
static inline bool budget_spend(struct budget *budget, size_t steps) {
    if (budget->exhausted || steps > budget->left) {
        budget->exhausted = true;
        return false;
    }
    budget->left -= steps;
    return true;
}
