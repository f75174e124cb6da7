#include "stubs/response_fault.h"

#include <stddef.h>

const char *response_fault_name(enum response_fault fault) {
    static const char *const names[FAULTS] = {
        [FAULT_EMPTY_RESPONSE] = "EMPTY_RESPONSE",
        [FAULT_MALFORMED_RESPONSE_CHUNK] = "MALFORMED_RESPONSE_CHUNK",
        [FAULT_RANDOM_DATA_THEN_CLOSE] = "RANDOM_DATA_THEN_CLOSE",
        [FAULT_CONNECTION_RESET_BY_PEER] = "CONNECTION_RESET_BY_PEER",
    };
    return names[fault];
}
