/* The errors that clients see, in one table, and their bodies. */
#pragma once

#include "contract/contract.h"
#include "exchange/request.h"
#include "json/json_build.h"
#include "json/violations.h"

enum error_code {
    ERROR_BAD_REQUEST,
    ERROR_INVALID_PAYLOAD, /* what an operation answers that documents 400 for a wrong body */
    ERROR_MISSING_PARAMETER,
    ERROR_WRONG_PASSWORD,
    ERROR_UNAUTHORIZED,
    ERROR_FORBIDDEN,
    ERROR_LICENSE_LIMIT,
    ERROR_UNKNOWN_ROUTE,
    ERROR_NOT_FOUND,
    ERROR_METHOD_NOT_ALLOWED,
    ERROR_CONFLICT,
    ERROR_EXISTS,
    ERROR_TOO_LARGE,
    ERROR_TARGET_TOO_LONG,
    ERROR_UNSUPPORTED_MEDIA_TYPE,
    ERROR_INVALID_ENTITY, /* values that are not allowed */
    ERROR_INVALID_JSON,   /* a body that cannot be read */
    ERROR_INVALID_VALUE,  /* a parameter that cannot be read */
    ERROR_MISSING_BODY,
    ERROR_DUPLICATE_STUB,
    ERROR_WEAK_PASSWORD,
    ERROR_ILLEGAL_ARGUMENT,
    ERROR_INVALID_FILTERS,
    ERROR_SCIM_FILTER, /* this and the next are only for SCIM */
    ERROR_SCIM_PATH,
    ERROR_SCIM_VALUE,
    ERROR_SCIM_TARGET,
    ERROR_SCIM_MUTABILITY,
    ERROR_SCIM_TOO_MANY,
    ERROR_TOO_MANY_REQUESTS,
    ERROR_HEAD_TOO_LARGE,
    ERROR_INTERNAL,
    ERROR_BROKEN_STUB,
    ERROR_UNAVAILABLE,
    ERROR_NO_ROOM,
};

/* An error to answer. */
struct error_report {
    enum error_code code;
    const char *detail;                  /* or NULL */
    const struct violations *violations; /* or NULL */
    bool in_body;                        /* the violations are the body's, not the query's */
    const struct request *request;
    const struct version
        *version; /* decides the shape, unless the request is for the control plane */
};

/* Returns the status, which depends on the shape. */
int error_status(const struct error_report *report);

/* Returns the media type of the body. */
const char *error_media_type(const struct error_report *report);

/* Writes the body into `root`, which stays open for more. Requests for the control plane get
 * WireMock's shape: errors, each with code, title, detail and, for violations, source.pointer.
 * Requests of SCIM get that of RFC 7644: status, scimType and detail. The emulated server answers a
 * problem document (RFC 9457), or before that Kestra's JSON error: message, _links.self.href and,
 * when there are violations, _embedded. */
void error_render(const struct error_report *report, struct json_builder *builder,
                  struct json_parent root);
