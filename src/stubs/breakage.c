#include "stubs/breakage.h"

#include <stddef.h>

const char *breakage_name(enum breakage breakage) {
    static const char *const names[BREAKAGES] = {
        [BREAKAGE_EMPTY_RESPONSE] = "EMPTY_RESPONSE",
        [BREAKAGE_MALFORMED_RESPONSE_CHUNK] = "MALFORMED_RESPONSE_CHUNK",
        [BREAKAGE_RANDOM_DATA_THEN_CLOSE] = "RANDOM_DATA_THEN_CLOSE",
        [BREAKAGE_CONNECTION_RESET_BY_PEER] = "CONNECTION_RESET_BY_PEER",
    };
    return names[breakage];
}
