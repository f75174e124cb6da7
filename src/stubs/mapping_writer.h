/* Writes stub mappings into the directory from which they are loaded. */
#pragma once

#include "stubs/stubs.h"

enum { MAPPING_WRITER_ERROR_SIZE = 1024 };

/* Makes the directory hold exactly these stubs, the newest first: one file for each, named after
 * the stub's name or else its id. Other mapping files get the suffix ".old", so that they are not
 * loaded again. Each file is replaced at once. Returns 0; >0 with a line in `reterr_error` that
 * names the file and what failed; or -ENOMEM. When a file cannot be written, no file has
 * changed. */
int mapping_writer_save(const char *directory, const struct stub_list *stubs,
                        char reterr_error[MAPPING_WRITER_ERROR_SIZE]);
