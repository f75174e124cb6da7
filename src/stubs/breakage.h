/* The ways to break a response on purpose, named as WireMock names them. */
#pragma once

enum breakage {
    BREAKAGE_NONE,
    BREAKAGE_EMPTY_RESPONSE,           /* the connection ends without a byte */
    BREAKAGE_MALFORMED_RESPONSE_CHUNK, /* head, then garbage, then the end */
    BREAKAGE_RANDOM_DATA_THEN_CLOSE,   /* garbage, then the end */
    BREAKAGE_CONNECTION_RESET_BY_PEER,
    BREAKAGES,
};

/* As in EMPTY_RESPONSE; NULL for BREAKAGE_NONE. */
const char *breakage_name(enum breakage breakage);
