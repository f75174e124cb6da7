/* The resources of SCIM (RFC 7643) and their attributes. The tables are only data. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum scim_type {
    SCIM_STRING,
    SCIM_BOOLEAN,
    SCIM_BINARY, /* Base64 */
    SCIM_DATE_TIME,
    SCIM_REFERENCE,
    SCIM_COMPLEX,
};

enum scim_flag {
    SCIM_MULTI = 1,
    SCIM_REQUIRED = 2,
    SCIM_EXACT = 4, /* upper and lower case differ */
    SCIM_READ_ONLY = 8,
    SCIM_IMMUTABLE = 16,
    SCIM_ALWAYS = 32, /* in every answer */
    SCIM_UNIQUE = 64,
    SCIM_IDS = 128, /* the values are ids of which each counts once */
};

struct scim_attribute;

struct scim_attributes {
    const struct scim_attribute *items;
    size_t count;
};

struct scim_attribute {
    const char *name;
    enum scim_type type;
    unsigned flags;                     /* enum scim_flag */
    const struct scim_attributes *subs; /* of a complex attribute, else NULL */
    const char *const *values;          /* canonical values, or types of a reference; or NULL */
};

struct scim_schema {
    const char *id;
    const char *name;
    const char *description;
    struct scim_attributes attributes;
};

struct scim_resource_type {
    const char *name;
    const char *endpoint;
    const char *description;
    const struct scim_schema *core;
    const struct scim_schema *extension; /* or NULL */
};

extern const struct scim_resource_type scim_user_type, scim_group_type;

/* All of them; both lists end with NULL. */
extern const struct scim_resource_type *const scim_types[];
extern const struct scim_schema *const scim_schemas[];

/* Names an attribute of a resource. */
struct scim_path {
    const struct scim_schema *extension;    /* that has the attribute; NULL: none has */
    const struct scim_attribute *attribute; /* NULL: the extension as a whole */
    const struct scim_attribute *sub;       /* or NULL */
};

/* Finds an attribute by its name, in any ASCII case. Returns NULL when there is none. */
const struct scim_attribute *scim_attribute_find(const struct scim_attributes *attributes,
                                                 const char *name, size_t length);

/* Finds an attribute that every resource has, or one of the type's own schema. */
const struct scim_attribute *scim_type_find(const struct scim_resource_type *type, const char *name,
                                            size_t length);

/* Reads a path such as name.givenName, with or without the URN of its schema before it. Returns
 * false when the type has no such attribute. */
bool scim_path_parse(const struct scim_resource_type *type, const char *text, size_t length,
                     struct scim_path *ret_path);
