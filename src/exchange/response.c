#include "exchange/response.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

void response_deinit(struct response *response) {
    if (response->owns_body)
        free((void *)(uintptr_t)response->body);
    if (response->has_file)
        close(response->file);
    *response = (struct response){0};
}

int response_sent_status(const struct response *response) {
    if (response->delivery.breakage == BREAKAGE_NONE)
        return response->status;
    return response->delivery.breakage == BREAKAGE_MALFORMED_RESPONSE_CHUNK ? 200 : 0;
}

void response_add_header(struct response *response, const char *name, const char *value) {
    struct name_value_list *headers = &response->headers;
    assert(headers->count < RESPONSE_OWN_HEADERS &&
           (headers->count == 0 || headers->items == response->own_headers));
    headers->items = response->own_headers;
    headers->items[headers->count++] = (struct name_value){name, value};
}

void response_borrow_headers(struct response *response, const struct name_value_list *headers) {
    response->headers = *headers;
}

void response_set_empty(struct response *response, int status) {
    const struct response_delivery delivery = response->delivery;
    response_deinit(response);
    response->status = status;
    response->delivery = delivery;
}

void response_set_static(struct response *response, int status, const char *content_type,
                         const char *body, size_t size) {
    response_set_empty(response, status);
    if (content_type)
        response_add_header(response, "Content-Type", content_type);
    response->body = body;
    response->body_size = size;
}

void response_set_owned(struct response *response, int status, const char *content_type, char *body,
                        size_t size) {
    response_set_static(response, status, content_type, body, size);
    response->owns_body = true;
}

void response_set_file(struct response *response, int status, const char *start, int file,
                       size_t size) {
    response_set_static(response, status, NULL, start, size);
    response->has_file = true;
    response->file = file;
}

void response_end_line(struct response *response) {
    size_t size = response->body_size;
    if (size == 0 || response->body[size - 1] == '\n')
        return;
    char *line = realloc(response->owns_body ? (void *)(uintptr_t)response->body : NULL, size + 1);
    if (!line)
        return;
    if (!response->owns_body)
        memcpy(line, response->body, size);
    line[size] = '\n';
    response->body = line;
    response->body_size = size + 1;
    response->owns_body = true;
}

int response_set_built(struct response *response, int status, const char *content_type,
                       struct json_builder *builder) {
    int r = json_end(builder);
    if (r != 0)
        return r;
    response_set_owned(response, status, content_type, TAKE(builder->text.bytes),
                       builder->text.size);
    return 0;
}

int response_set_error(struct response *response, const struct error_report *report) {
    static const char out_of_memory[] =
        "{\"message\":\"Internal server error: out of memory\","
        "\"_links\":{\"self\":{\"href\":\"\",\"templated\":false}}}";
    static const char problem_out_of_memory[] =
        "{\"type\":\"https://kestra.io/docs/api-reference/problems/internal-error\","
        "\"title\":\"Internal server error\",\"status\":500,\"detail\":\"out of memory\"}";
    static const char scim_out_of_memory[] =
        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"500\","
        "\"detail\":\"out of memory\"}";
    const char *type = error_media_type(report);
    CLEANUP(json_builder_deinit) struct json_builder body = {0};
    error_render(report, &body, json_begin_object(&body));
    int r = response_set_built(response, error_status(report), type, &body);
    if (r == 0)
        return 0;
    const char *fixed = strstr(type, "scim")      ? scim_out_of_memory
                        : strstr(type, "problem") ? problem_out_of_memory
                                                  : out_of_memory;
    response_set_static(response, 500, type, fixed, strlen(fixed));
    return r;
}
