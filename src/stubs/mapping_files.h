/* Stub mappings from files, as WireMock keeps them: each *.json of a directory is one mapping, or
 * an object with a list `mappings`. */
#pragma once

#include <dirent.h>

#include "stubs/stubs.h"

enum { MAPPING_FILES_ERROR_SIZE = 1024 };

/* Adds all, in the order of the files' names, and makes them what a reset returns to. 0 and how
 * many; >0 and a line in `reterr_error` that names the file and what is wrong there; -ENOMEM. */
int mapping_files_load(struct stubs *stubs, const char *directory, size_t *ret_count,
                       char reterr_error[MAPPING_FILES_ERROR_SIZE]);

/* Adds those of one parsed file. Goes on after a mistake. 0 and how many; >0 and the violations;
 * -ENOMEM. */
int mapping_files_add(struct stubs *stubs, const cJSON *tree, struct violations *violations,
                      size_t *ret_count);

/* The files of the directory that hold mappings, in the order in which they are loaded. How many,
 * and they (owned by the caller, each of them and the array); or <0, a negative errno. */
int mapping_files_list(const char *directory, struct dirent ***ret_entries);
