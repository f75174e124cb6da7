/* The JSON documents that an evaluation has parsed or copied. They live as long as it does. */
#pragma once

#include "templates/evaluation.h"

/* Returns 0 and a value as JSON: what a text says, or NULL when it is no JSON; or as a helper does.
 * The same text is parsed once. */
int documents_read(struct evaluation *evaluation, const struct call *call,
                   const struct value *value, const cJSON **ret_json);

/* Returns a copy that may be changed. */
int documents_copy(struct evaluation *evaluation, const struct call *call, const cJSON *json,
                   cJSON **ret_copy);

/* Takes over a tree. Returns 0, or -ENOMEM when the tree is NULL or cannot be kept, and then
 * deletes it. */
int documents_keep(struct evaluation *evaluation, cJSON *tree);

/* Spends what a copy of the value costs. Returns false when the budget does not allow it. */
bool documents_afford(struct evaluation *evaluation, const cJSON *json);
