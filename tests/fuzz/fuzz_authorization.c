/* Input: an Authorization header. */
#include <stdlib.h>
#include <string.h>

#include "exchange/auth.h"
#include "fuzz.h"
#include "iam/credentials.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *header = strndup((const char *)data, size);
    struct arena arena;
    struct credentials credentials;
    arena_init(&arena);
    if (!header)
        abort();
    if (auth_parse(header, &arena, &credentials) == 0) {
        const char *secret = credentials.secret;
        if (!text_is_utf8(secret, strlen(secret)))
            abort();
        if (credentials.scheme == CREDENTIAL_BASIC && !credentials.username[0])
            abort();
    }
    arena_deinit(&arena);
    free(header);
    return 0;
}
