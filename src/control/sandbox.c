#include "control/sandbox.h"

#include <errno.h>
#include <stdio.h>

#include "contract.h"
#include "control/coverage.h"
#include "control/journal.h"
#include "iam/credentials.h"

static int init(struct sandbox *sandbox, char error[STORE_ERROR_SIZE]) {
    *sandbox = (struct sandbox){.iam.cache = credential_cache_new(),
                                .stubs = stubs_new(),
                                .coverage = coverage_new(&contract_routes)};
    if (sandbox->iam.cache && sandbox->stubs && sandbox->coverage)
        return 0;
    snprintf(error, STORE_ERROR_SIZE, "out of memory");
    return -ENOMEM;
}

int sandbox_init(struct sandbox *sandbox, const char *path, char error[STORE_ERROR_SIZE]) {
    int r = init(sandbox, error);
    return r == 0 ? store_open(path, &sandbox->iam.store, error) : r;
}

int sandbox_init_copy(struct sandbox *sandbox, const struct store_snapshot *snapshot,
                      char error[STORE_ERROR_SIZE]) {
    int r = init(sandbox, error);
    return r == 0 ? store_open_copy(snapshot, &sandbox->iam.store, error) : r;
}

void sandbox_deinit(struct sandbox *sandbox) {
    store_free(sandbox->iam.store);
    credential_cache_free(sandbox->iam.cache);
    coverage_free(sandbox->coverage);
    journal_free(sandbox->journal);
    stubs_free(sandbox->stubs);
    *sandbox = (struct sandbox){0};
}
