/* The types of the tables that schema/contract.py generates from schema/openapi and
 * schema/fixtures.schema.json. The tables are only data, for router, auth and validate to
 * interpret. */
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
    HTTP_OTHER = HTTP_N_METHODS, /* any other method; no operation has it */
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
    bool closed;         /* an object that must not have members other than `fields` */
    bool not_blank;      /* pattern \S */
    bool date_time;      /* RFC 3339 */
    bool duration;       /* ISO 8601 */
    const char *pattern; /* a regular expression that must occur in the string, or NULL */
    size_t min_length;
    int64_t minimum, maximum;       /* of an integer */
    int64_t fallback;               /* default of an integer in the query */
    const char *const *enumeration; /* ends with NULL; NULL: any value */
    const struct schema *items;
    const struct field *fields;
    size_t n_fields;
};

/* The type of a valid value in an input struct, at `offset`. */
enum field_bind {
    BIND_NONE,
    BIND_STRING,  /* const char *, NULL when absent or null */
    BIND_BOOLEAN, /* struct optional_bool */
    BIND_INTEGER, /* int64_t */
    BIND_STRINGS, /* struct string_list */
    BIND_JSON,    /* const cJSON *, NULL when absent */
    BIND_PAIRS,   /* struct name_value_list: the decoded pairs of a deepObject parameter, such as
                   * `filters[name][EQUALS]` and `ada` */
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

/* The meaning of a field for code other than the handler. In each operation at most one field has a
 * given role, and all fields with the same role have the same type. */
enum field_role {
    ROLE_NONE,
    ROLE_TENANT,      /* const char *, an id in the path */
    ROLE_USER,        /* const char *, an id in the path */
    ROLE_GROUP,       /* const char *, an id in the path */
    ROLE_USERNAME,    /* const char *, in the body */
    ROLE_SEARCH,      /* const char *, in the query */
    ROLE_SORT,        /* struct string_list, in the query */
    ROLE_FILTERS,     /* struct name_value_list, in the query */
    ROLE_INTEGRATION, /* const char *, an id in the path */
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
    MEDIA_MULTIPART = 8,
    MEDIA_SCIM = 16, /* JSON, too */
};

/* A permission, such as GROUP:UPDATE: the numbers of the resource and the action in the vocabulary
 * of the version. */
struct permission {
    unsigned char resource;
    unsigned char action;
};

enum { PERMISSION_MAX_RESOURCES = 64 };

/* A word has a bit for each action. */
struct permitted {
    const char *name;
    uint64_t actions;
};

struct managed_role {
    const char *template;
    const uint64_t *words; /* by resource */
};

/* What roles may permit; schema/permissions.yaml explains it. */
struct vocabulary {
    const char *const *actions; /* by their bit */
    size_t n_actions;
    const struct permitted *resources;
    size_t n_resources;
    const struct permitted *old; /* actions that it takes, and what they stand for */
    size_t n_old;
    const struct managed_role *managed;
    size_t n_managed;
};

/* The meaning of an operation for the fault profiles. */
enum fault_role {
    FAULT_ROLE_NONE,
    FAULT_ROLE_LISTS_MEMBERS,
    FAULT_ROLE_LISTS_USERS,
    FAULT_ROLE_LISTS, /* other listings */
    FAULT_ROLE_LOGS_IN,
    FAULT_ROLE_CREATES_USER,
    FAULT_ROLE_WRITES_MEMBERSHIP, /* of one user */
    FAULT_ROLE_CREATES_TOKEN,     /* of the user in the path, or of the caller */
    FAULT_ROLE_CHANGES_PASSWORD,  /* of the same */
};

struct operation {
    const char *id;
    size_t number;                        /* starts at 0 in each table */
    bool is_public;                       /* needs no credentials */
    bool superadmin;                      /* for super-admins only */
    bool slow;                            /* may take long, so a job thread runs it */
    bool takes_dump;                      /* its body may be a dump of a whole sandbox */
    const struct permission *permissions; /* of which users need one unless they are super-admins */
    size_t n_permissions;
    const char *audit_resource; /* what the audit log calls the subject of the change */
    const char *audit_type;     /* and the change; NULL: it changes nothing that the log keeps */
    bool own;                   /* everyone may call it for themselves, which the rules check */
    bool group_owners;          /* owners of any group of the tenant may call it, too */
    enum fault_role fault_role;
    const struct field *parameters; /* path parameters, in the order of the path */
    size_t n_parameters;
    const struct schema *query; /* an object with the query's parameters, or NULL */
    const struct schema *body;  /* NULL: the operation takes no body */
    unsigned body_media;        /* the body's allowed types, as bits of enum media */
    size_t body_offset;         /* where a text or an array goes in the input struct */
    const char *body_path;      /* prefix of the paths of violations in the body */
    bool body_required;
    size_t input_size;
    const int *statuses; /* the documented statuses, ending with 0 */

    /* Fills exchange->response. `input` is the operation's struct from contract_input.h. Returns 0,
     * or >0 for a refusal; <0 makes the response a 500. */
    int (*handle)(struct exchange *exchange, const void *input);
};

struct route {
    const char *const *segments; /* NULL stands for a parameter */
    size_t n_segments;
    const struct operation *operations[HTTP_N_METHODS];
    size_t next; /* 1 + the index of the next route with as many segments; 0: there is none */
};

enum { ROUTE_MAX_SEGMENTS = 12 }; /* as in schema/contract.py */

/* Ordered so that the first matching route is the most specific one. `n_operations` counts those of
 * all versions. */
struct route_table {
    const struct route *routes;
    size_t n_routes;
    size_t first[ROUTE_MAX_SEGMENTS + 1]; /* the same of the first, by the number of segments */
    size_t n_operations;
};

/* A version of the emulated server. schema/versions.yaml says what each trait means. */
struct version {
    const char *name;
    const char *announces; /* what the server says that it is */
    struct route_table routes;
    const struct vocabulary *vocabulary;
    const char *openapi; /* the contract of this version */
    size_t openapi_size;
    const char *privilege;
    const char *password_specials;
    bool problem_documents;
    bool marks_not_found;
    bool owned_groups;
    bool limits_password_checks;
    bool shows_plugin_install;
    bool shows_concurrency_view;
    bool checks_csrf;
    bool needs_content_type;
    bool adding_grants_access;
    bool leaving_takes_access;
    bool granting_twice_conflicts;
    bool finds_members_by_name;
    bool absent_lists_are_cleared;
    bool lists_resources;
    bool counts_permissions;
    bool searches_account_names;
};

extern const struct version contract_versions[]; /* the oldest first */
extern const size_t contract_n_versions;
extern const char *const contract_version_names[]; /* in the same order; ends with NULL */

/* Returns NULL when there is no version of this name. */
const struct version *version_find(const char *name);

extern const struct route_table admin_routes; /* of the control plane */

extern const struct schema *const fixture_schema;
