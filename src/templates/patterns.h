/* The regular expressions of helpers, which are their second parameter. */
#pragma once

#include "templates/evaluation.h"
#include "util/regex.h"

/* Checks a literal one. */
helper_check patterns_check;

/* Compiles the expression. Returns 0 and the result in the arena, or as a helper does. */
int patterns_compile(struct evaluation *evaluation, const struct call *call, unsigned mode,
                     const struct regex **ret_regex);
