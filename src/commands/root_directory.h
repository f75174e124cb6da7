/* The directory of --root-dir, in WireMock's layout. */
#pragma once

#include <limits.h>

#include "config.h"

/* The paths below it that exist. */
struct root_directory {
    char mappings[PATH_MAX];
    char files[PATH_MAX];
    char fixture[PATH_MAX];
};

/* Sets the options --mappings, --files and --fixture that nobody has given to what the directory of
 * --root-dir has; the texts are borrowed from `root`. Returns 0, or >0 with a line in
 * `reterr_error`. Does nothing without that option. */
int root_directory_apply(struct config *config, struct root_directory *root,
                         char reterr_error[CONFIG_ERROR_SIZE]);
