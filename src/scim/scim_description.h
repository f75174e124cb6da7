/* What a server says of itself: its schemas, types of resources and configuration (RFC 7643,
 * sections 5 to 7). `base` is the URL that the paths of resources follow. */
#pragma once

#include "json/json_build.h"
#include "scim/scim_schema.h"

enum { SCIM_DEFAULT_COUNT = 100, SCIM_MAX_COUNT = 1000 };

#define SCIM_LIST_URN "urn:ietf:params:scim:api:messages:2.0:ListResponse"

void scim_describe_schema(struct json_builder *builder, struct json_parent object,
                          const struct scim_schema *schema, const char *base);
void scim_describe_type(struct json_builder *builder, struct json_parent object,
                        const struct scim_resource_type *type, const char *base);
void scim_describe_server(struct json_builder *builder, struct json_parent object,
                          const char *base);
