#include "scim/scim_schema.h"

#include <string.h>
#include <strings.h>

#define LIST(table)                                                                                \
    { (table), sizeof(table) / sizeof((table)[0]) }
#define STRING(name)                                                                               \
    { name, SCIM_STRING, 0, NULL, NULL }
#define PRIMARY                                                                                    \
    { "primary", SCIM_BOOLEAN, 0, NULL, NULL }
#define TYPE(values)                                                                               \
    { "type", SCIM_STRING, 0, NULL, values }

static const char *const external[] = {"external", NULL};
static const char *const users[] = {"User", NULL};
static const char *const groups[] = {"Group", NULL};

static const char *const work_or_home[] = {"work", "home", "other", NULL};
static const char *const phones[] = {"work", "home", "mobile", "fax", "pager", "other", NULL};
static const char *const messengers[] = {"aim",   "gtalk", "icq",   "xmpp", "msn",
                                         "skype", "qq",    "yahoo", NULL};
static const char *const pictures[] = {"photo", "thumbnail", NULL};
static const char *const ways[] = {"direct", "indirect", NULL};

static const struct scim_attribute meta_subs[] = {
    {"resourceType", SCIM_STRING, SCIM_EXACT | SCIM_READ_ONLY, NULL, NULL},
    {"created", SCIM_DATE_TIME, SCIM_READ_ONLY, NULL, NULL},
    {"lastModified", SCIM_DATE_TIME, SCIM_READ_ONLY, NULL, NULL},
    {"location", SCIM_REFERENCE, SCIM_EXACT | SCIM_READ_ONLY, NULL, external},
};
static const struct scim_attributes meta = LIST(meta_subs);
static const struct scim_attribute common_items[] = {
    {"schemas", SCIM_STRING, SCIM_MULTI | SCIM_EXACT | SCIM_READ_ONLY | SCIM_ALWAYS, NULL, NULL},
    {"id", SCIM_STRING, SCIM_EXACT | SCIM_READ_ONLY | SCIM_ALWAYS | SCIM_UNIQUE, NULL, NULL},
    {"externalId", SCIM_STRING, SCIM_EXACT, NULL, NULL},
    {"meta", SCIM_COMPLEX, SCIM_READ_ONLY, &meta, NULL},
};
static const struct scim_attributes common = LIST(common_items);

static const struct scim_attribute name_subs[] = {
    STRING("formatted"),  STRING("familyName"),      STRING("givenName"),
    STRING("middleName"), STRING("honorificPrefix"), STRING("honorificSuffix"),
};
static const struct scim_attributes name = LIST(name_subs);

#define VALUES(list, value_type, value_flags, types)                                               \
    static const struct scim_attribute list##_subs[] = {                                           \
        {"value", value_type, value_flags, NULL, NULL}, STRING("display"), TYPE(types), PRIMARY};  \
    static const struct scim_attributes list = LIST(list##_subs)
VALUES(emails, SCIM_STRING, 0, work_or_home);
VALUES(phone_numbers, SCIM_STRING, 0, phones);
VALUES(ims, SCIM_STRING, 0, messengers);
VALUES(entitlements, SCIM_STRING, 0, NULL);
VALUES(certificates, SCIM_BINARY, SCIM_EXACT, NULL);

static const struct scim_attribute photos_subs[] = {
    {"value", SCIM_REFERENCE, SCIM_EXACT, NULL, external},
    STRING("display"),
    TYPE(pictures),
    PRIMARY,
};
static const struct scim_attributes photos = LIST(photos_subs);
static const struct scim_attribute addresses_subs[] = {
    STRING("formatted"),  STRING("streetAddress"), STRING("locality"), STRING("region"),
    STRING("postalCode"), STRING("country"),       TYPE(work_or_home), PRIMARY,
};
static const struct scim_attributes addresses = LIST(addresses_subs);
static const struct scim_attribute user_groups_subs[] = {
    {"value", SCIM_STRING, SCIM_EXACT | SCIM_READ_ONLY, NULL, NULL},
    {"$ref", SCIM_REFERENCE, SCIM_EXACT | SCIM_READ_ONLY, NULL, groups},
    {"display", SCIM_STRING, SCIM_READ_ONLY, NULL, NULL},
    {"type", SCIM_STRING, SCIM_READ_ONLY, NULL, ways},
};
static const struct scim_attributes user_groups = LIST(user_groups_subs);

static const struct scim_attribute user_items[] = {
    {"userName", SCIM_STRING, SCIM_REQUIRED | SCIM_UNIQUE, NULL, NULL},
    {"name", SCIM_COMPLEX, 0, &name, NULL},
    STRING("displayName"),
    STRING("nickName"),
    {"profileUrl", SCIM_REFERENCE, SCIM_EXACT, NULL, external},
    STRING("title"),
    STRING("userType"),
    STRING("preferredLanguage"),
    STRING("locale"),
    STRING("timezone"),
    {"active", SCIM_BOOLEAN, 0, NULL, NULL},
    {"emails", SCIM_COMPLEX, SCIM_MULTI, &emails, NULL},
    {"phoneNumbers", SCIM_COMPLEX, SCIM_MULTI, &phone_numbers, NULL},
    {"ims", SCIM_COMPLEX, SCIM_MULTI, &ims, NULL},
    {"photos", SCIM_COMPLEX, SCIM_MULTI, &photos, NULL},
    {"addresses", SCIM_COMPLEX, SCIM_MULTI, &addresses, NULL},
    {"groups", SCIM_COMPLEX, SCIM_MULTI | SCIM_READ_ONLY, &user_groups, NULL},
    {"entitlements", SCIM_COMPLEX, SCIM_MULTI, &entitlements, NULL},
    {"roles", SCIM_COMPLEX, SCIM_MULTI, &entitlements, NULL},
    {"x509Certificates", SCIM_COMPLEX, SCIM_MULTI, &certificates, NULL},
};
static const struct scim_schema user = {"urn:ietf:params:scim:schemas:core:2.0:User", "User",
                                        "A user account", LIST(user_items)};

static const struct scim_attribute manager_subs[] = {
    {"value", SCIM_STRING, SCIM_EXACT, NULL, NULL},
    {"$ref", SCIM_REFERENCE, SCIM_EXACT, NULL, users},
    {"displayName", SCIM_STRING, SCIM_READ_ONLY, NULL, NULL},
};
static const struct scim_attributes manager = LIST(manager_subs);
static const struct scim_attribute enterprise_items[] = {
    STRING("employeeNumber"), STRING("costCenter"), STRING("organization"),
    STRING("division"),       STRING("department"), {"manager", SCIM_COMPLEX, 0, &manager, NULL},
};
static const struct scim_schema enterprise = {
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "EnterpriseUser",
    "What an enterprise knows of a user", LIST(enterprise_items)};

static const struct scim_attribute members_subs[] = {
    {"value", SCIM_STRING, SCIM_EXACT | SCIM_IMMUTABLE, NULL, NULL},
    {"$ref", SCIM_REFERENCE, SCIM_EXACT | SCIM_IMMUTABLE, NULL, users},
    {"type", SCIM_STRING, SCIM_IMMUTABLE, NULL, users},
    {"display", SCIM_STRING, SCIM_READ_ONLY, NULL, NULL},
};
static const struct scim_attributes members = LIST(members_subs);
static const struct scim_attribute group_items[] = {
    {"displayName", SCIM_STRING, SCIM_REQUIRED | SCIM_EXACT | SCIM_UNIQUE, NULL, NULL},
    {"members", SCIM_COMPLEX, SCIM_MULTI | SCIM_IDS, &members, NULL},
};
static const struct scim_schema group = {"urn:ietf:params:scim:schemas:core:2.0:Group", "Group",
                                         "A group of users", LIST(group_items)};

const struct scim_resource_type scim_user_type = {"User", "/Users", "User account", &user,
                                                  &enterprise};
const struct scim_resource_type scim_group_type = {"Group", "/Groups", "Group", &group, NULL};

const struct scim_resource_type *const scim_types[] = {&scim_user_type, &scim_group_type, NULL};
const struct scim_schema *const scim_schemas[] = {&user, &group, &enterprise, NULL};

const struct scim_attribute *scim_attribute_find(const struct scim_attributes *attributes,
                                                 const char *name, size_t length) {
    for (size_t i = 0; i < attributes->count; i++) {
        const struct scim_attribute *attribute = &attributes->items[i];
        if (strlen(attribute->name) == length && strncasecmp(attribute->name, name, length) == 0)
            return attribute;
    }
    return NULL;
}

const struct scim_attribute *scim_type_find(const struct scim_resource_type *type, const char *name,
                                            size_t length) {
    const struct scim_attribute *found = scim_attribute_find(&type->core->attributes, name, length);
    return found ? found : scim_attribute_find(&common, name, length);
}

/* Returns the length of the schema's URN when the text starts with it, or else 0. */
static size_t match_urn(const struct scim_schema *schema, const char *text, size_t length) {
    size_t urn = schema ? strlen(schema->id) : 0;
    bool starts = urn > 0 && length >= urn && strncasecmp(text, schema->id, urn) == 0;
    return starts && (length == urn || text[urn] == ':') ? urn : 0;
}

bool scim_path_parse(const struct scim_resource_type *type, const char *text, size_t length,
                     struct scim_path *ret_path) {
    struct scim_path path = {0};
    size_t urn = match_urn(type->extension, text, length);
    if (urn > 0)
        path.extension = type->extension;
    else
        urn = match_urn(type->core, text, length);
    if (urn > 0 && urn == length) {
        *ret_path = path;
        return path.extension != NULL;
    }
    text += urn > 0 ? urn + 1 : 0;
    length -= urn > 0 ? urn + 1 : 0;
    const char *dot = memchr(text, '.', length);
    size_t first = dot ? (size_t)(dot - text) : length;
    path.attribute = path.extension ? scim_attribute_find(&path.extension->attributes, text, first)
                                    : scim_type_find(type, text, first);
    if (!path.attribute || (dot && !path.attribute->subs))
        return false;
    if (dot)
        path.sub = scim_attribute_find(path.attribute->subs, dot + 1, length - first - 1);
    if (dot && !path.sub)
        return false;
    *ret_path = path;
    return true;
}
