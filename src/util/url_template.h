/* Templates of paths, such as /users/{id}/groups/{groupId}: each variable stands for a part of one
 * segment that is not empty; a last segment ** for the rest of the path. */
#pragma once

#include <stddef.h>

#include "util/arena.h"

enum { URL_TEMPLATE_ERROR_SIZE = 120, URL_TEMPLATE_MAX_VARIABLES = 32 };

struct url_template;

/* Parses into the arena. 0; >0 and a sentence in `reterr_error`; -ENOMEM. */
int url_template_parse(const char *text, struct arena *arena,
                       const struct url_template **ret_template,
                       char reterr_error[URL_TEMPLATE_ERROR_SIZE]);

/* Which variable has this name: its index; <0 when none has. */
int url_template_find(const struct url_template *url_template, const char *name);

/* Holds a path against the template. 0 and the variables' values, percent-decoded where that is
 * possible, in the arena; >0 when it does not match; -ENOMEM. */
int url_template_match(const struct url_template *url_template, const char *path, size_t length,
                       struct arena *arena, const char *ret_values[URL_TEMPLATE_MAX_VARIABLES]);
