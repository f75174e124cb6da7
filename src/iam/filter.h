/* The filters of a listing, as clients write them: `filters[field][OPERATOR]` and a value.
 *
 * A row must meet all filters. `filters[and][0][field][OPERATOR]` and `filters[or][0]...` form
 * groups. Filters with the same number must all hold; then all of the numbers must hold for `and`,
 * or one of them for `or`. Groups can be nested. A field is a column of the listing, or `q` (also
 * `query`) for its word search. Field names ignore ASCII case and underscores. */
#pragma once

#include "contract/contract.h"
#include "iam/listing_rows.h"

struct filter;

enum { FILTER_MAX_PAIRS = 100, FILTER_MAX_DEPTH = 5 };

/* Returns 0 and the filter (in the rows' arena), IAM_INVALID_FILTER and a sentence in
 * *rows->reterr_problem, or -ENOMEM. The pairs must outlive the filter. */
int filter_parse(const struct listing_rows *rows, const struct name_value_list *pairs,
                 const struct filter **ret_filter);

/* Tests a row. Returns as condition_test. */
int filter_test(const struct filter *filter, struct listing_rows *rows, const char *const *row,
                bool *ret_holds);
