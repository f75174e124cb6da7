/* One condition on the rows of a listing: a column, an operator, a value. */
#pragma once

#include "contract/contract.h"
#include "iam/listing_rows.h"

struct regex;

enum condition_op {
    CONDITION_EQUALS,
    CONDITION_NOT_EQUALS,
    CONDITION_GREATER_THAN,
    CONDITION_LESS_THAN,
    CONDITION_GREATER_THAN_OR_EQUAL_TO,
    CONDITION_LESS_THAN_OR_EQUAL_TO,
    CONDITION_IN,
    CONDITION_NOT_IN,
    CONDITION_STARTS_WITH,
    CONDITION_ENDS_WITH,
    CONDITION_CONTAINS,
    CONDITION_NOT_CONTAINS,
    CONDITION_REGEX,
    CONDITION_PREFIX,
    CONDITION_IS_NULL,
    CONDITION_IS_NOT_NULL,
    CONDITION_N_OPS,
};

/* Its column in place of a number: the words of `q`, which are searched for as listings do. */
enum { CONDITION_Q = -1 };

struct condition {
    int column;
    enum condition_op op;
    bool any_case;             /* how the column compares */
    struct string_list values; /* one; of a list any number, sorted */
    const struct regex *regex;
};

/* The operator of this name, which need not end; >0 when there is none. */
int condition_find_op(const char *name, size_t length, enum condition_op *ret_op);

/* `column` is a number among those of the rows, or CONDITION_Q. The value is cut at its commas
 * when the operator takes a list. 0; IAM_INVALID_FILTER and in *reterr_reason why the value or the
 * operator does not go with the column; -ENOMEM. The condition lives as long as the arena and what
 * was given. */
int condition_init(struct condition *condition, const struct listing_rows *rows, int column,
                   enum condition_op op, const char *value, const char **reterr_reason);

/* Whether the condition holds for a row. 0; IAM_INVALID_FILTER when the regular expressions of the
 * rows have used up their time, which the rows' problem then says; -ENOMEM. */
int condition_test(const struct condition *condition, struct listing_rows *rows,
                   const char *const *row, bool *ret_holds);
