#include "templates/patterns.h"

#include <stdio.h>

enum { COMPILE_COST = 500 };

int patterns_check(const struct call *call, struct arena *arena,
                   char reterr_error[SYNTAX_ERROR_SIZE]) {
    const struct regex *regex;
    char reason[REGEX_ERROR_SIZE];
    const char *pattern = syntax_param_text(call, 1);
    int r = pattern ? regex_compile(pattern, REGEX_JAVA, arena, &regex, reason) : 0;
    if (r > 0)
        snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has an invalid regular expression: %s", reason);
    return r;
}

int patterns_compile(struct evaluation *evaluation, const struct call *call, unsigned mode,
                     const struct regex **ret_regex) {
    struct value pattern = {0};
    char reason[REGEX_ERROR_SIZE];
    int r = evaluation_param_text(evaluation, call, 1, &pattern);
    if (r == 0 && !budget_spend(evaluation->room.budget, COMPILE_COST))
        r = evaluation_check(evaluation, call, 0);
    if (r != 0)
        return r;
    r = regex_compile(pattern.text, REGEX_JAVA | mode, evaluation->room.arena, ret_regex, reason);
    return r > 0
               ? evaluation_fail(evaluation, call, "has an invalid regular expression: %s", reason)
               : r;
}
