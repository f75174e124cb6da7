#include "api/scim_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "iam/integrations.h"
#include "json/json.h"
#include "json/json_print.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"
#include "util/timestamp.h"

enum { BASE_SEGMENTS = 7 };

const char *scim_url(struct exchange *exchange, size_t n_segments) {
    const struct request *request = &exchange->request;
    const char *host = request_find_header(request, "Host");
    const char *end = request_url(request);
    for (size_t i = 0; i < n_segments; i++)
        end += 1 + strcspn(end + 1, "/?#");
    int length = (int)(end - request->path);
    bool is_usable = host && *host && text_is_utf8(host, strlen(host));
    return arena_format(&exchange->request.arena, "%s%s%s%.*s",
                        is_usable ? request_scheme(request) : "", is_usable ? "://" : "",
                        is_usable ? host : "", length, request->path);
}

int scim_enter(struct exchange *exchange, const char *integration, const char **ret_base) {
    struct arena *arena = &exchange->request.arena;
    struct integration found;
    int r = iam_get_integration(exchange->iam, exchange->tenant_pk, integration, arena, &found);
    if (r != 0) {
        r = answer_refusal(exchange, r, integration);
        return r == 0 ? EXCHANGE_ANSWERED : r;
    }
    if (!found.enabled)
        return exchange_fail(exchange, ERROR_FORBIDDEN, "the integration is disabled");
    *ret_base = scim_url(exchange, BASE_SEGMENTS);
    return *ret_base ? 0 : FATAL(ENOMEM);
}

int scim_refuse(struct exchange *exchange, int outcome, const char *problem) {
    static const enum error_code codes[] = {
        [SCIM_INVALID_SYNTAX] = ERROR_INVALID_PAYLOAD, [SCIM_INVALID_FILTER] = ERROR_SCIM_FILTER,
        [SCIM_INVALID_PATH] = ERROR_SCIM_PATH,         [SCIM_INVALID_VALUE] = ERROR_SCIM_VALUE,
        [SCIM_NO_TARGET] = ERROR_SCIM_TARGET,          [SCIM_MUTABILITY] = ERROR_SCIM_MUTABILITY,
        [SCIM_TOO_MANY] = ERROR_SCIM_TOO_MANY,
    };
    exchange_fail(exchange, codes[outcome], problem);
    return 0;
}

int scim_answer(struct exchange *exchange, int status, struct json_builder *builder) {
    return response_set_built(&exchange->response, status, "application/scim+json", builder);
}

/* Writes a segment of a path (RFC 3986). */
static void encode(const char *text, FILE *out) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++) {
        if (strchr(plain, *text))
            fputc(*text, out);
        else
            fprintf(out, "%%%02X", (unsigned char)*text);
    }
}

void scim_add_location(struct scim_tree *tree, cJSON *object, const char *name,
                       const struct scim_resource_type *type, const char *base, const char *id) {
    CLEANUP(cleanup_free) char *location = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&location, &size);
    if (out) {
        fprintf(out, "%s%s/", base, type->endpoint);
        encode(id, out);
    }
    if (!out || fclose(out) != 0 || !location)
        tree->failed = true;
    scim_tree_set_text(tree, object, name, location);
}

struct scim_tree scim_begin_tree(const struct exchange *exchange, const char *attributes) {
    cJSON *root = attributes ? json_parse_own(attributes) : cJSON_CreateObject();
    return (struct scim_tree){
        .root = root, .memory = exchange_memory(exchange), .failed = root == NULL};
}

static void add_instant(struct scim_tree *tree, cJSON *object, const char *name, int64_t instant) {
    char text[TIMESTAMP_SIZE];
    if (instant == INT64_MIN)
        return;
    timestamp_format_short(instant, text);
    scim_tree_set_text(tree, object, name, text);
}

void scim_add_origin(struct scim_tree *tree, const struct scim_origin *origin) {
    const struct scim_schema *extension = origin->type->extension;
    cJSON *schemas = scim_tree_add(tree, tree->root, "schemas", cJSON_CreateArray());
    scim_tree_add(tree, schemas, NULL, cJSON_CreateString(origin->type->core->id));
    if (extension && scim_member(tree->root, extension->id))
        scim_tree_add(tree, schemas, NULL, cJSON_CreateString(extension->id));
    scim_tree_set_text(tree, tree->root, "id", origin->id);
    cJSON *meta = scim_tree_add(tree, tree->root, "meta", cJSON_CreateObject());
    scim_tree_set_text(tree, meta, "resourceType", origin->type->name);
    add_instant(tree, meta, "created", origin->created_at);
    add_instant(tree, meta, "lastModified", origin->modified_at);
    scim_add_location(tree, meta, "location", origin->type, origin->base, origin->id);
}

const char *scim_print(struct exchange *exchange, const cJSON *tree) {
    CLEANUP(cleanup_free) char *text = json_print(tree);
    return text ? arena_copy(&exchange->request.arena, text, strlen(text)) : NULL;
}

int scim_answer_resource(struct exchange *exchange, int status, const struct scim_tree *tree,
                         const struct scim_resource_type *type,
                         const struct string_list *attributes, const struct string_list *excluded) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    const cJSON *meta = scim_member(tree->root, "meta");
    const char *location = cJSON_GetStringValue(scim_member(meta, "location"));
    if (tree->failed || !location)
        return FATAL(ENOMEM);
    location = arena_copy(&exchange->request.arena, location, strlen(location));
    if (!location)
        return FATAL(ENOMEM);
    scim_resource_project(type, tree->root, attributes, excluded);
    json_add_members(&builder, json_begin_object(&builder), tree->root);
    int r = scim_answer(exchange, status, &builder);
    if (r == 0 && status == 201)
        response_add_header(&exchange->response, "Location", location);
    return r;
}
