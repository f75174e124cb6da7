#include "exchange/error.h"

const struct error_info *error_info(enum error_code code) {
    static const struct error_info table[] = {
        [ERROR_BAD_REQUEST] = {400, "Bad Request"},
        [ERROR_UNAUTHORIZED] = {401, "Unauthorized"},
        [ERROR_FORBIDDEN] = {403, "Forbidden"},
        [ERROR_UNKNOWN_ROUTE] = {404, "Not Found"},
        [ERROR_NOT_FOUND] = {404, "Not Found"},
        [ERROR_METHOD_NOT_ALLOWED] = {405, "Method Not Allowed"},
        [ERROR_TOO_LARGE] = {413, "Request Entity Too Large"},
        [ERROR_TARGET_TOO_LONG] = {414, "URI Too Long"},
        [ERROR_HEAD_TOO_LARGE] = {431, "Request Header Fields Too Large"},
        [ERROR_UNSUPPORTED_MEDIA_TYPE] = {415, "Unsupported Media Type"},
        [ERROR_INVALID_PAYLOAD] = {400, "Invalid request payload"},
        [ERROR_INVALID_ENTITY] = {422, "Invalid entity"},
        [ERROR_ILLEGAL_ARGUMENT] = {422, "Illegal argument"},
        [ERROR_CONFLICT] = {409, "Conflict"},
        [ERROR_LICENSE_LIMIT] = {403, "License limit exceeded"},
        [ERROR_TOO_MANY_REQUESTS] = {429, "Too Many Requests"},
        [ERROR_UNAVAILABLE] = {503, "Service Unavailable"},
        [ERROR_NO_ROOM] = {507, "Insufficient Storage"},
        [ERROR_INTERNAL] = {500, "Internal server error"},
    };
    return &table[code];
}
