/* The types of the tables that schema/contract.py makes from schema/openapi and from
 * schema/fixtures.schema.json. They are data; router, auth and validate give them meaning. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "util/name_value.h"

struct exchange;

enum http_method {
    HTTP_GET,
    HTTP_PUT,
    HTTP_POST,
    HTTP_DELETE,
    HTTP_PATCH,
    HTTP_N_METHODS,
    HTTP_OTHER = HTTP_N_METHODS, /* no operation has it */
};

enum schema_type {
    SCHEMA_STRING,
    SCHEMA_BOOLEAN,
    SCHEMA_INTEGER,
    SCHEMA_ARRAY,
    SCHEMA_OBJECT,
};

struct field;

struct schema {
    enum schema_type type;
    bool nullable;
    bool closed;         /* an object that may have no other members than `fields` */
    bool not_blank;      /* pattern \S */
    bool date_time;      /* RFC 3339 */
    bool duration;       /* ISO 8601 */
    const char *pattern; /* a regular expression that occurs in the string, or NULL */
    size_t min_length;
    int64_t minimum;                /* of an integer */
    int64_t fallback;               /* of an integer in the query that is absent */
    const char *const *enumeration; /* ends with NULL; NULL when any value will do */
    const struct schema *items;
    const struct field *fields;
    size_t n_fields;
};

/* How a valid value gets into an input struct, at `offset`. */
enum field_bind {
    BIND_NONE,
    BIND_STRING,  /* const char *, NULL when absent or null */
    BIND_BOOLEAN, /* struct optional_bool */
    BIND_INTEGER, /* int64_t */
    BIND_STRINGS, /* struct string_list */
    BIND_JSON,    /* const cJSON *, NULL when absent */
    BIND_PAIRS, /* struct name_value_list: what belongs to one parameter of the style deepObject, as
                   it was sent, decoded, such as `filters[name][EQUALS]` and `ada` */
};

struct optional_bool {
    bool present;
    bool value;
};

struct string_list {
    bool present; /* false when absent or null */
    size_t count;
    const char **items;
};

/* What a field is to others than the handler. An operation has a role once, and the type of its
 * bind is always the same. */
enum field_role {
    ROLE_NONE,
    ROLE_TENANT,   /* const char *, an id in the path */
    ROLE_USER,     /* const char *, an id in the path */
    ROLE_GROUP,    /* const char *, an id in the path */
    ROLE_USERNAME, /* const char *, in the body */
    ROLE_SEARCH,   /* const char *, in the query */
    ROLE_SORT,     /* struct string_list, in the query */
    ROLE_FILTERS,  /* struct name_value_list, in the query */
};

/* A member of an object, or a parameter. */
struct field {
    const char *name;
    const struct schema *schema;
    bool required;
    enum field_bind bind;
    size_t offset;
    enum field_role role;
};

enum media {
    MEDIA_JSON = 1,
    MEDIA_FORM = 2,
    MEDIA_TEXT = 4,
};

/* What permissions are about. */
enum resource {
    RESOURCE_NONE,
    RESOURCE_GROUP,
    RESOURCE_GROUP_MEMBERSHIP,
    RESOURCE_TENANT_ACCESS,
};

/* What an operation is to the fault profiles. */
enum fault_role {
    FAULT_ROLE_NONE,
    FAULT_ROLE_LISTS_MEMBERS,
    FAULT_ROLE_LISTS_USERS,
    FAULT_ROLE_LISTS, /* anything else */
    FAULT_ROLE_LOGS_IN,
    FAULT_ROLE_CREATES_USER,
    FAULT_ROLE_WRITES_MEMBERSHIP, /* of one user */
};

struct operation {
    const char *id;
    size_t number;   /* from 0, within its table */
    bool is_public;  /* needs no credentials */
    bool superadmin; /* for super-admins only */
    bool takes_dump; /* its body may be what another operation has written of a whole sandbox */
    enum resource resource; /* of the permission that others than super-admins need */
    enum fault_role fault_role;
    const struct field *parameters; /* those of the path, in its order */
    size_t n_parameters;
    const struct schema *query; /* an object with the query's parameters, or NULL */
    const struct schema *body;  /* NULL: the operation takes none */
    unsigned body_media;        /* bits of enum media that the body may have */
    size_t body_offset;         /* of a plain text, in the input struct */
    const char *body_path;      /* what the path of a violation in the body starts with */
    bool body_required;
    size_t input_size;
    const int *statuses; /* documented ones, ends with 0 */

    /* Fills exchange->response. `input` is the operation's struct of contract_input.h. 0, or
     * >0 when it is a refusal; <0 and the exchange becomes a 500. */
    int (*handle)(struct exchange *exchange, const void *input);
};

struct route {
    const char *const *segments; /* NULL stands for a parameter */
    size_t n_segments;
    const struct operation *operations[HTTP_N_METHODS];
};

/* Ordered so that the first route that matches is the most specific one. */
struct route_table {
    const struct route *routes;
    size_t n_routes;
    size_t n_operations;
};

extern const struct route_table contract_routes; /* of the emulated API */
extern const struct route_table admin_routes;    /* of the control plane */

extern const struct schema *const fixture_schema;
