/* Stub mappings in files, as WireMock stores them: each *.json file of a directory, or of one below
 * it, is one mapping, or an object with a list `mappings`. */
#pragma once

#include "stubs/stubs.h"

enum { MAPPING_FILES_ERROR_SIZE = 1024 };

/* Adds the mappings of a directory in the order of the file names, to stubs that are new. Those
 * that have an `insertionIndex` come first, in its order. A reset returns to them. `options`
 * are those of stub_parse. Returns 0 and their number; >0 with a line in `reterr_error` that names
 * the file and the mistake; or -ENOMEM. */
int mapping_files_load(struct stubs *stubs, const char *directory, unsigned options,
                       size_t *ret_count, char reterr_error[MAPPING_FILES_ERROR_SIZE]);

/* Adds the mappings of one parsed file, and continues after a mistake. Returns 0 and their number,
 * >0 with the violations, or -ENOMEM. */
int mapping_files_add(struct stubs *stubs, const cJSON *tree, unsigned options,
                      struct violations *violations, size_t *ret_count);
