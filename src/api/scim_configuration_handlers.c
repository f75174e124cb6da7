/* What SCIM says of itself. The vendor's contract has bare arrays, and its JavaScript client reads
 * them; RFC 7644 has lists with "Resources". */
#include <strings.h>

#include "api/answer.h"
#include "api/scim_answer.h"
#include "contract_input.h"
#include "scim/scim_description.h"
#include "util/cleanup.h"

int handle_get_all_resource_types(struct exchange *exchange, const void *input) {
    const struct get_all_resource_types_input *in = input;
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    struct json_parent root = json_begin_array(&builder);
    for (size_t i = 0; scim_types[i]; i++)
        scim_describe_type(&builder, json_add_object(&builder, root, NULL), scim_types[i], base);
    return scim_answer(exchange, 200, &builder);
}

int handle_get_resource_type(struct exchange *exchange, const void *input) {
    const struct get_resource_type_input *in = input;
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    for (size_t i = 0; r == 0 && scim_types[i]; i++) {
        if (strcasecmp(scim_types[i]->name, in->name) != 0)
            continue;
        scim_describe_type(&builder, json_begin_object(&builder), scim_types[i], base);
        return scim_answer(exchange, 200, &builder);
    }
    if (r == 0)
        exchange_fail(exchange, ERROR_NOT_FOUND, "there is no such type of resources");
    return r < 0 ? r : 0;
}

int handle_get_all_schemas(struct exchange *exchange, const void *input) {
    const struct get_all_schemas_input *in = input;
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    struct json_parent root = json_begin_array(&builder);
    for (size_t i = 0; scim_schemas[i]; i++)
        scim_describe_schema(&builder, json_add_object(&builder, root, NULL), scim_schemas[i],
                             base);
    return scim_answer(exchange, 200, &builder);
}

int handle_get_schema(struct exchange *exchange, const void *input) {
    const struct get_schema_input *in = input;
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    for (size_t i = 0; r == 0 && scim_schemas[i]; i++) {
        if (strcasecmp(scim_schemas[i]->id, in->uri) != 0)
            continue;
        scim_describe_schema(&builder, json_begin_object(&builder), scim_schemas[i], base);
        return scim_answer(exchange, 200, &builder);
    }
    if (r == 0)
        exchange_fail(exchange, ERROR_NOT_FOUND, "there is no such schema");
    return r < 0 ? r : 0;
}

int handle_get_service_provider_configuration(struct exchange *exchange, const void *input) {
    const struct get_service_provider_configuration_input *in = input;
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    scim_describe_server(&builder, json_begin_object(&builder), base);
    return scim_answer(exchange, 200, &builder);
}
