/* The directories that users of the image mount. */
#pragma once

#include <limits.h>

#include "config.h"

/* The paths that were found. */
struct mounts {
    char fixture[PATH_MAX];
    char mappings[PATH_MAX];
    char files[PATH_MAX];
};

/* Sets the options --fixture, --mappings and --files that nobody has given to what is mounted below
 * the directory of --mounts: kestub/fixture.json, kestub/mappings and kestub/__files, or fixtures,
 * mappings and files. What is not there is no mistake. The texts are borrowed from `mounts`.
 * Returns 0, or >0 with a line in `reterr_error` that says what to choose or to change. Does
 * nothing without that option. */
int mounts_apply(struct config *config, struct mounts *mounts,
                 char reterr_error[CONFIG_ERROR_SIZE]);
