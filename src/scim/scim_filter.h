/* Filters of SCIM (RFC 7644, section 3.4.2.2). A filter names only attributes that the resource
 * type has. */
#pragma once

#include <cjson/cJSON.h>

#include "scim/scim_schema.h"
#include "util/arena.h"
#include "util/budget.h"

enum { SCIM_FILTER_MAX_LENGTH = 8192, SCIM_FILTER_MAX_DEPTH = 32 };

struct scim_filter;

/* Parses a filter for resources of a type, or for the values of a complex attribute, as in
 * emails[type eq "work"], when `parent` is not NULL. Returns 0 and the filter (in the arena), >0
 * and a sentence in *reterr_problem, or -ENOMEM. */
int scim_filter_parse(const struct scim_resource_type *type, const struct scim_attribute *parent,
                      const char *text, size_t length, struct arena *arena,
                      const struct scim_filter **ret_filter, const char **reterr_problem);

/* Whether a resource, or a value of the parent, matches. Its names must be spelled as in the
 * schema. An exhausted budget makes the result meaningless. */
bool scim_filter_matches(const struct scim_filter *filter, const cJSON *value,
                         struct budget *budget);

/* Returns the text that this attribute must equal, apart from ASCII case, in whatever matches, or
 * NULL when the filter does not say so. */
const char *scim_filter_key(const struct scim_filter *filter, const char *name);

/* Whether the filter looks at the attribute. */
bool scim_filter_names(const struct scim_filter *filter, const char *name);

/* Adds to a value of the parent what the filter says that its members equal. Returns false when
 * memory is out. */
bool scim_filter_fill(const struct scim_filter *filter, cJSON *value);
