/* Stub mappings in files, as WireMock stores them: each *.json file of a directory, or of one below
 * it, is one mapping, or an object with a list `mappings`. */
#pragma once

#include "stubs/stubs.h"
#include "util/buffer.h"

/* What is wrong in the files of a directory: a line for each mistake, with the file, the place and
 * the problem. Beyond 1 MiB of lines the mistakes are only counted. All zero means none. */
struct mapping_mistakes {
    struct buffer lines; /* each ends with a newline */
    size_t count;
};
void mapping_mistakes_deinit(struct mapping_mistakes *mistakes);

/* Adds the mappings of a directory in the order of the file names, to stubs that are new. Those
 * that have an `insertionIndex` come first, in its order. A reset returns to them. `options` are
 * those of stub_parse. A file with mistakes is left out when `skips` is set. Returns 0 and the
 * number of mappings; >0 when there are mistakes (and `skips` is not set), the directory cannot be
 * read or has too many mappings; or -ENOMEM. In all cases adds what is wrong to `mistakes`, which
 * the caller deinits. */
int mapping_files_load(struct stubs *stubs, const char *directory, unsigned options, bool skips,
                       size_t *ret_count, struct mapping_mistakes *mistakes);

/* Adds the mappings of one parsed file, or none when there is a mistake. Returns 0 and their
 * number; >0 with all violations, STUBS_TOO_MANY when there is no room; or -ENOMEM. */
int mapping_files_add(struct stubs *stubs, const cJSON *tree, unsigned options,
                      struct violations *violations, size_t *ret_count);
