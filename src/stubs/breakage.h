/* The ways to break a response on purpose, named as WireMock names them. */
#pragma once

enum breakage {
    BREAKAGE_NONE,
    BREAKAGE_EMPTY_RESPONSE,           /* the connection closes without a byte */
    BREAKAGE_MALFORMED_RESPONSE_CHUNK, /* the head, then garbage, then the connection closes */
    BREAKAGE_RANDOM_DATA_THEN_CLOSE,   /* garbage, then the connection closes */
    BREAKAGE_CONNECTION_RESET_BY_PEER,
    BREAKAGES,
};

/* Returns the name in WireMock's form, such as "EMPTY_RESPONSE", or NULL for BREAKAGE_NONE. */
const char *breakage_name(enum breakage breakage);
