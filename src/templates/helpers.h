/* All helpers of templates. */
#pragma once

#include "templates/syntax.h"

/* Returns the helper of a name, or NULL; then writes the end of a message: the name that may be
 * meant, or "". */
const struct helper *helpers_find(const char *name, char reterr_hint[96]);
