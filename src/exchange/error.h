/* The errors that clients see, in one table. */
#pragma once

enum error_code {
    ERROR_BAD_REQUEST,
    ERROR_UNAUTHORIZED,
    ERROR_FORBIDDEN,
    ERROR_UNKNOWN_ROUTE,
    ERROR_NOT_FOUND,
    ERROR_METHOD_NOT_ALLOWED,
    ERROR_TOO_LARGE,
    ERROR_TARGET_TOO_LONG,
    ERROR_HEAD_TOO_LARGE,
    ERROR_UNSUPPORTED_MEDIA_TYPE,
    ERROR_INVALID_PAYLOAD,
    ERROR_INVALID_ENTITY,
    ERROR_ILLEGAL_ARGUMENT,
    ERROR_CONFLICT,
    ERROR_LICENSE_LIMIT,
    ERROR_TOO_MANY_REQUESTS,
    ERROR_UNAVAILABLE,
    ERROR_NO_ROOM,
    ERROR_INTERNAL,
};

struct error_info {
    int status;
    const char *reason; /* the message starts with it */
};

const struct error_info *error_info(enum error_code code);
