/* Path templates, such as /users/{id}/groups/{groupId}. A variable stands for a non-empty part of
 * one segment. A ** as the last segment stands for the rest of the path. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"

enum { URL_TEMPLATE_ERROR_SIZE = 120, URL_TEMPLATE_MAX_VARIABLES = 32 };

struct url_template;

/* Parses a template into the arena. Returns 0, >0 and a sentence in `reterr_error`, or -ENOMEM. */
int url_template_parse(const char *text, struct arena *arena,
                       const struct url_template **ret_template,
                       char reterr_error[URL_TEMPLATE_ERROR_SIZE]);

/* Returns the index of the variable with this name, or <0 when there is none. */
int url_template_find(const struct url_template *url_template, const char *name);

/* Returns the name of a variable, or NULL after the last. */
const char *url_template_name(const struct url_template *url_template, size_t index);

/* Matches a path against the template. Returns 0 and the variables' values (in the arena, as
 * the path has them), >0 when the path does not match, or -ENOMEM. */
int url_template_match(const struct url_template *url_template, const char *path, size_t length,
                       struct arena *arena, const char *ret_values[URL_TEMPLATE_MAX_VARIABLES]);
