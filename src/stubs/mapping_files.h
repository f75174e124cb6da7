/* Stub mappings from files, as WireMock keeps them: each *.json of a directory is one mapping, or
 * an object with a list `mappings`. */
#pragma once

#include "stubs/stubs.h"

enum { MAPPING_FILES_ERROR_SIZE = 1024 };

/* Adds all, in the order of the files' names, and makes them what a reset returns to. 0 and how
 * many; >0 and a line in `error` that names the file and what is wrong there; -ENOMEM. */
int mapping_files_load(struct stubs *stubs, const char *directory, size_t *ret_count,
                       char error[MAPPING_FILES_ERROR_SIZE]);
