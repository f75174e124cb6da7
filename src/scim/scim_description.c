#include "scim/scim_description.h"

#include <stdio.h>
#include <stdlib.h>

static void add_meta(struct json_builder *builder, struct json_parent object, const char *type,
                     const char *base, const char *path) {
    char *location = NULL;
    if (asprintf(&location, "%s%s", base, path) < 0) {
        builder->failed = true;
        return;
    }
    struct json_parent meta = json_add_object(builder, object, "meta");
    json_add_text(builder, meta, "resourceType", type);
    json_add_text(builder, meta, "location", location);
    free(location);
}

static void add_schemas(struct json_builder *builder, struct json_parent object, const char *urn) {
    json_add_text(builder, json_add_array(builder, object, "schemas"), NULL, urn);
}

static void add_values(struct json_builder *builder, struct json_parent object, const char *name,
                       const char *const *values) {
    if (!values)
        return;
    struct json_parent array = json_add_array(builder, object, name);
    for (; *values; values++)
        json_add_text(builder, array, NULL, *values);
}

static const char *mutability(const struct scim_attribute *attribute) {
    return attribute->flags & SCIM_READ_ONLY   ? "readOnly"
           : attribute->flags & SCIM_IMMUTABLE ? "immutable"
                                               : "readWrite";
}

/* Describes an attribute, but not what it consists of. */
static void describe_attribute(struct json_builder *builder, struct json_parent object,
                               const struct scim_attribute *attribute) {
    static const char *const types[] = {"string",   "boolean",   "binary",
                                        "dateTime", "reference", "complex"};
    unsigned flags = attribute->flags;
    bool is_reference = attribute->type == SCIM_REFERENCE;
    json_add_text(builder, object, "name", attribute->name);
    json_add_text(builder, object, "type", types[attribute->type]);
    json_add_bool(builder, object, "multiValued", flags & SCIM_MULTI);
    json_add_bool(builder, object, "required", flags & SCIM_REQUIRED);
    json_add_bool(builder, object, "caseExact", flags & SCIM_EXACT);
    json_add_text(builder, object, "mutability", mutability(attribute));
    json_add_text(builder, object, "returned", flags & SCIM_ALWAYS ? "always" : "default");
    json_add_text(builder, object, "uniqueness", flags & SCIM_UNIQUE ? "server" : "none");
    add_values(builder, object, is_reference ? "referenceTypes" : "canonicalValues",
               attribute->values);
}

/* Attributes are at most two levels deep. */
static void describe_attributes(struct json_builder *builder, struct json_parent object,
                                const struct scim_attributes *attributes) {
    struct json_parent array = json_add_array(builder, object, "attributes");
    for (size_t i = 0; i < attributes->count; i++) {
        const struct scim_attribute *attribute = &attributes->items[i];
        struct json_parent described = json_add_object(builder, array, NULL);
        describe_attribute(builder, described, attribute);
        if (!attribute->subs)
            continue;
        struct json_parent subs = json_add_array(builder, described, "subAttributes");
        for (size_t j = 0; j < attribute->subs->count; j++)
            describe_attribute(builder, json_add_object(builder, subs, NULL),
                               &attribute->subs->items[j]);
    }
}

void scim_describe_schema(struct json_builder *builder, struct json_parent object,
                          const struct scim_schema *schema, const char *base) {
    char path[128];
    snprintf(path, sizeof(path), "/Schemas/%s", schema->id);
    add_schemas(builder, object, "urn:ietf:params:scim:schemas:core:2.0:Schema");
    json_add_text(builder, object, "id", schema->id);
    json_add_text(builder, object, "name", schema->name);
    json_add_text(builder, object, "description", schema->description);
    describe_attributes(builder, object, &schema->attributes);
    add_meta(builder, object, "Schema", base, path);
}

void scim_describe_type(struct json_builder *builder, struct json_parent object,
                        const struct scim_resource_type *type, const char *base) {
    char path[64];
    snprintf(path, sizeof(path), "/ResourceTypes/%s", type->name);
    add_schemas(builder, object, "urn:ietf:params:scim:schemas:core:2.0:ResourceType");
    json_add_text(builder, object, "id", type->name);
    json_add_text(builder, object, "name", type->name);
    json_add_text(builder, object, "endpoint", type->endpoint);
    json_add_text(builder, object, "description", type->description);
    json_add_text(builder, object, "schema", type->core->id);
    if (type->extension) {
        struct json_parent extensions = json_add_array(builder, object, "schemaExtensions");
        struct json_parent extension = json_add_object(builder, extensions, NULL);
        json_add_text(builder, extension, "schema", type->extension->id);
        json_add_bool(builder, extension, "required", false);
    }
    add_meta(builder, object, "ResourceType", base, path);
}

static struct json_parent add_feature(struct json_builder *builder, struct json_parent object,
                                      const char *name, bool supported) {
    struct json_parent feature = json_add_object(builder, object, name);
    json_add_bool(builder, feature, "supported", supported);
    return feature;
}

static void add_scheme(struct json_builder *builder, struct json_parent schemes, const char *type,
                       const char *name, const char *description) {
    struct json_parent scheme = json_add_object(builder, schemes, NULL);
    json_add_text(builder, scheme, "type", type);
    json_add_text(builder, scheme, "name", name);
    json_add_text(builder, scheme, "description", description);
}

void scim_describe_server(struct json_builder *builder, struct json_parent object,
                          const char *base) {
    add_schemas(builder, object, "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig");
    add_feature(builder, object, "patch", true);
    struct json_parent bulk = add_feature(builder, object, "bulk", false);
    json_add_integer(builder, bulk, "maxOperations", 0);
    json_add_integer(builder, bulk, "maxPayloadSize", 0);
    struct json_parent filter = add_feature(builder, object, "filter", true);
    json_add_integer(builder, filter, "maxResults", SCIM_MAX_COUNT);
    add_feature(builder, object, "changePassword", false);
    add_feature(builder, object, "sort", true);
    add_feature(builder, object, "etag", false);
    struct json_parent schemes = json_add_array(builder, object, "authenticationSchemes");
    add_scheme(builder, schemes, "oauthbearertoken", "Bearer token",
               "The token of the security integration");
    add_scheme(builder, schemes, "httpbasic", "HTTP Basic", "A user's name and password");
    add_meta(builder, object, "ServiceProviderConfig", base, "/ServiceProviderConfig");
}
