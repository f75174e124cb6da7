#include "control/sandbox.h"

#include <errno.h>
#include <stdio.h>

#include "iam/credentials.h"

int sandbox_init(struct sandbox *sandbox, const char *path, char error[STORE_ERROR_SIZE]) {
    *sandbox = (struct sandbox){0};
    sandbox->iam.cache = credential_cache_new();
    if (!sandbox->iam.cache) {
        snprintf(error, STORE_ERROR_SIZE, "out of memory");
        return -ENOMEM;
    }
    return store_open(path, &sandbox->iam.store, error);
}

void sandbox_deinit(struct sandbox *sandbox) {
    store_free(sandbox->iam.store);
    credential_cache_free(sandbox->iam.cache);
    *sandbox = (struct sandbox){0};
}
