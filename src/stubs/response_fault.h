/* The ways to break a response on purpose, named as WireMock names them. */
#pragma once

enum response_fault {
    FAULT_NONE,
    FAULT_EMPTY_RESPONSE,           /* the connection ends without a byte */
    FAULT_MALFORMED_RESPONSE_CHUNK, /* head, then garbage, then the end */
    FAULT_RANDOM_DATA_THEN_CLOSE,   /* garbage, then the end */
    FAULT_CONNECTION_RESET_BY_PEER,
    FAULTS,
};

/* As in EMPTY_RESPONSE; NULL for FAULT_NONE. */
const char *response_fault_name(enum response_fault fault);
