#include "admin/logged_request.h"

#include <errno.h>
#include <string.h>

#include "admin/admin_answer.h"
#include "util/base64.h"
#include "util/fatal.h"
#include "util/timestamp.h"
#include "util/uuid.h"

/* A request as a client describes it. Other members that WireMock's clients send are ignored. */
struct logged_request {
    const char *method;
    const char *url;
    const char *absolute_url;
    const char *client_ip;
    struct name_value_list headers;
    const char *body;
    struct bytes {
        const char *items;
        size_t size;
    } decoded;
};

static size_t count_headers(const cJSON *headers) {
    size_t count = 0;
    const cJSON *header;
    cJSON_ArrayForEach (header, headers)
        count += cJSON_IsArray(header) ? (size_t)cJSON_GetArraySize(header) : 1;
    return count;
}

/* Reads headers. Each has one text, or an array of texts. */
static int read_headers(struct json_reader *reader, const struct json_place *place,
                        const cJSON *json, void *target, int argument) {
    struct name_value *items =
        arena_alloc(reader->arena, (count_headers(json) + 1) * sizeof(*items));
    size_t count = 0;
    (void)argument;
    if (!items)
        return FATAL(ENOMEM);
    const cJSON *header;
    cJSON_ArrayForEach (header, json) {
        const cJSON *value = cJSON_IsArray(header) ? header->child : header;
        for (; value; value = cJSON_IsArray(header) ? value->next : NULL) {
            if (!cJSON_IsString(value) || !header->string)
                return violations_refuse(reader->violations, place,
                                         "must be an object of strings or arrays of strings");
            items[count++] = (struct name_value){header->string, value->valuestring};
        }
    }
    *(struct name_value_list *)target = (struct name_value_list){.items = items, .count = count};
    return 0;
}

static int read_base64(struct json_reader *reader, const struct json_place *place,
                       const cJSON *json, void *target, int argument) {
    struct bytes *bytes = target;
    char *decoded;
    int r = 1;
    (void)argument;
    if (cJSON_IsString(json))
        r = base64_decode(json->valuestring, reader->arena, &decoded, &bytes->size);
    if (r > 0)
        return violations_refuse(reader->violations, place, "must be base64");
    if (r == 0)
        bytes->items = decoded;
    return r;
}

static const struct json_member members[] = {
    {"method", JSON_TEXT, .offset = offsetof(struct logged_request, method)},
    {"url", JSON_TEXT, .offset = offsetof(struct logged_request, url), .required = true},
    {"absoluteUrl", JSON_TEXT, .offset = offsetof(struct logged_request, absolute_url)},
    {"clientIp", JSON_TEXT, .offset = offsetof(struct logged_request, client_ip)},
    {"headers", JSON_CUSTOM, .offset = offsetof(struct logged_request, headers),
     .read = read_headers},
    {"body", JSON_TEXT, .offset = offsetof(struct logged_request, body)},
    {"bodyAsBase64", JSON_CUSTOM, .offset = offsetof(struct logged_request, decoded),
     .read = read_base64},
};
static const struct json_object object = JSON_OPEN_OBJECT(members);

int logged_request_read(struct exchange *exchange, const cJSON *json,
                        struct journal_entry *ret_entry) {
    struct violations violations = {.arena = &exchange->request.arena};
    struct json_reader reader = {.arena = &exchange->request.arena, .violations = &violations};
    struct logged_request logged = {.method = "GET", .client_ip = ""};
    int r = json_members_read(&reader, &json_root, &object, json, &logged);
    if (r != 0)
        return r < 0 ? r : exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
    if (!logged.decoded.items && logged.body)
        logged.decoded = (struct bytes){logged.body, strlen(logged.body)};
    struct journal_entry entry = {
        .record =
            {
                .time = timestamp_now(),
                .method = logged.method,
                .url = logged.url,
                .target = logged.absolute_url ? logged.absolute_url : logged.url,
                .client_ip = logged.client_ip,
                .protocol = "",
                .request =
                    {
                        .headers = logged.headers,
                        .body = logged.decoded.items,
                        .body_size = logged.decoded.size,
                        .body_received = logged.decoded.size,
                    },
            },
    };
    uuid_make(entry.id);
    *ret_entry = entry;
    return 0;
}
