/* Input: a state as JSON text. If it loads, its dump must load as the same state. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sandbox/fixture.h"

/* Loads the text and dumps the state (owned by the caller, free). Returns NULL when the text is
 * refused. */
static char *load(const char *text, size_t size, size_t *ret_size) {
    char error[FIXTURE_ERROR_SIZE];
    struct fixture_summary summary;
    struct iam iam = {0};
    char *dumped = NULL;
    if (store_open_scratch(NULL, &iam.store, error) < 0)
        abort();
    int r = fixture_load(&iam, text, size, 0, &summary, error);
    if (r < 0 || (r == 0 && fixture_dump(&iam, NULL, &dumped, ret_size) < 0))
        abort();
    store_free(iam.store);
    return dumped;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Hashing a password takes too long. */
    if (memmem(data, size, "password\"", 9))
        return 0;
    char *first = load((const char *)data, size, &size);
    if (!first)
        return 0;
    char *second = load(first, size, &size);
    if (!second || strcmp(first, second) != 0)
        abort();
    free(first);
    free(second);
    return 0;
}
