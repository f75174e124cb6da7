/* One condition on the rows of a listing: a column, an operator and a value. */
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

/* Stands for `q` in place of a column: the condition searches for the words of its value. */
enum { CONDITION_Q = -1 };

struct condition {
    int column;
    enum condition_op op;
    bool any_case;             /* whether the column ignores case */
    struct string_list values; /* one value, or the sorted values of a list */
    const struct regex *regex;
};

/* Finds the operator with this name, of `length` bytes. Returns 0, or >0 when there is none. */
int condition_find_op(const char *name, size_t length, enum condition_op *ret_op);

/* `column` is an index into the columns of the rows, or CONDITION_Q. An operator that takes a list
 * splits the value at its commas. Returns 0, -ENOMEM, or IAM_INVALID_FILTER with *reterr_reason
 * saying why the operator or the value does not suit the column. The arguments must outlive the
 * condition. */
int condition_init(struct condition *condition, const struct listing_rows *rows, int column,
                   enum condition_op op, const char *value, const char **reterr_reason);

/* Tests a row. Returns 0, -ENOMEM, or IAM_INVALID_FILTER when the regular expressions have used up
 * their time; *rows->reterr_problem then says so. */
int condition_test(const struct condition *condition, struct listing_rows *rows,
                   const char *const *row, bool *ret_holds);
