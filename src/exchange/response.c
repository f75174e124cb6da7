#include "exchange/response.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

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

int response_set_json(struct response *response, int status, const cJSON *tree) {
    char *text = cJSON_PrintUnformatted(tree);
    if (!text)
        return FATAL(ENOMEM);
    response_set_owned(response, status, "application/json", text, strlen(text));
    return 0;
}

/* Links to the target as received. One that is not UTF-8 does not fit into JSON and is left out. */
static bool add_links(cJSON *error, const struct request *request) {
    const char *target = request->target;
    cJSON *links = cJSON_AddObjectToObject(error, "_links");
    cJSON *self = cJSON_AddObjectToObject(links, "self");
    return cJSON_AddStringToObject(self, "href",
                                   text_is_utf8(target, strlen(target)) ? target : "") &&
           cJSON_AddFalseToObject(self, "templated");
}

static bool add_violations(cJSON *error, const struct violations *violations) {
    cJSON *embedded = cJSON_AddObjectToObject(error, "_embedded");
    cJSON *errors = cJSON_AddArrayToObject(embedded, "errors");
    for (size_t i = 0; i < violations->count && i < VIOLATIONS_KEPT; i++) {
        cJSON *item = cJSON_CreateObject();
        if (!cJSON_AddItemToArray(errors, item)) {
            cJSON_Delete(item);
            return false;
        }
        const char *path = json_place_path(violations->items[i].place, violations->arena);
        if (!path || !cJSON_AddStringToObject(item, "message", violations->items[i].message) ||
            !cJSON_AddStringToObject(item, "path", path))
            return false;
    }
    return errors != NULL;
}

static int set_error(struct response *response, const struct request *request,
                     const struct error_info *info, const char *detail,
                     const struct violations *violations) {
    CLEANUP(cleanup_free) char *message = NULL;
    if (detail) {
        size_t size = strlen(info->reason) + 2 + strlen(detail) + 1;
        message = malloc(size);
        if (!message)
            return FATAL(ENOMEM);
        strcpy(message, info->reason);
        strcat(message, ": ");
        strcat(message, detail);
    }
    CLEANUP(cleanup_json) cJSON *error = cJSON_CreateObject();
    if (!cJSON_AddStringToObject(error, "message", detail ? message : info->reason) ||
        !add_links(error, request))
        return FATAL(ENOMEM);
    if (violations && violations->count > 0 && !add_violations(error, violations))
        return FATAL(ENOMEM);
    return response_set_json(response, info->status, error);
}

static bool add_admin_error(cJSON *errors, const struct error_info *info, const char *pointer,
                            const char *detail) {
    cJSON *error = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(errors, error)) {
        cJSON_Delete(error);
        return false;
    }
    cJSON *source = pointer ? cJSON_AddObjectToObject(error, "source") : NULL;
    return cJSON_AddNumberToObject(error, "code", info->status) &&
           cJSON_AddStringToObject(error, "title", info->reason) &&
           (!pointer || cJSON_AddStringToObject(source, "pointer", pointer)) &&
           (!detail || cJSON_AddStringToObject(error, "detail", detail));
}

static int set_admin_error(struct response *response, const struct error_info *info,
                           const char *detail, const struct violations *violations) {
    CLEANUP(cleanup_json) cJSON *root = cJSON_CreateObject();
    cJSON *errors = cJSON_AddArrayToObject(root, "errors");
    if (!errors)
        return FATAL(ENOMEM);
    size_t count = violations ? violations->count : 0;
    if (count == 0 && !add_admin_error(errors, info, NULL, detail))
        return FATAL(ENOMEM);
    for (size_t i = 0; i < count && i < VIOLATIONS_KEPT; i++) {
        const struct violation *violation = &violations->items[i];
        const char *pointer = json_place_pointer(violation->place, violations->arena);
        if (!pointer || !add_admin_error(errors, info, pointer, violation->message))
            return FATAL(ENOMEM);
    }
    return response_set_json(response, info->status, root);
}

int response_set_error(struct response *response, const struct request *request,
                       enum error_code code, const char *detail,
                       const struct violations *violations) {
    static const char out_of_memory[] =
        "{\"message\":\"Internal server error: out of memory\","
        "\"_links\":{\"self\":{\"href\":\"\",\"templated\":false}}}";
    const struct error_info *info = error_info(code);
    int r = request->is_admin ? set_admin_error(response, info, detail, violations)
                              : set_error(response, request, info, detail, violations);
    if (r < 0)
        response_set_static(response, 500, "application/json", out_of_memory,
                            sizeof(out_of_memory) - 1);
    return r;
}
