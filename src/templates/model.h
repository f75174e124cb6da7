/* The values that templates start from: `request` and `parameters`. */
#pragma once

#include "match/subject.h"
#include "templates/evaluation.h"
#include "util/url_template.h"

/* Makes them in the evaluation's arena; `path` and `parameters` may be NULL. Returns 0 or
 * -ENOMEM. */
int model_make(struct evaluation *evaluation, struct match_subject *subject,
               const struct url_template *path, const cJSON *parameters, struct value *ret_root);
