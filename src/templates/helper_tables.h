/* The helpers of templates, a table for each family, which ends with a helper without a name. */
#pragma once

#include "templates/evaluation.h"

extern const struct helper helpers_logic[];
extern const struct helper helpers_text[];
extern const struct helper helpers_lists[];
extern const struct helper helpers_json[];
extern const struct helper helpers_numbers[];
extern const struct helper helpers_dates[];
extern const struct helper helpers_random[];
