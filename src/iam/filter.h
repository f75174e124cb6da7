/* The filters of a listing, as clients write them: `filters[field][OPERATOR]` and a value.
 *
 * All of them must hold. `filters[and][0][field][OPERATOR]` and `filters[or][0]...` make groups:
 * what has the same numbers must hold together, then all or one of the numbered must. Groups may
 * stand in groups. A field is a column of the listing, or `q` (also `query`) for its word search;
 * names match without ASCII case and underscores. */
#pragma once

#include "contract/contract.h"
#include "iam/listing_rows.h"

struct filter;

enum { FILTER_MAX_PAIRS = 100, FILTER_MAX_DEPTH = 5 };

/* 0 and the filter, which lies in the rows' arena; IAM_INVALID_FILTER and a sentence in
 * *rows->reterr_problem; -ENOMEM. The pairs live as long as the filter. */
int filter_parse(const struct listing_rows *rows, const struct name_value_list *pairs,
                 const struct filter **ret_filter);

/* Whether the filter holds for a row; otherwise as condition_test. */
int filter_test(const struct filter *filter, struct listing_rows *rows, const char *const *row,
                bool *ret_holds);
