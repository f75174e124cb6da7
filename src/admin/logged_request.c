#include "admin/logged_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin_answer.h"
#include "util/base64.h"
#include "util/timestamp.h"
#include "util/uuid.h"

/* Always >0 or -ENOMEM. */
static int refuse(struct exchange *exchange, const char *member, const char *detail) {
    struct pattern_error error;
    snprintf(error.pointer, sizeof(error.pointer), "/%s", member);
    snprintf(error.detail, sizeof(error.detail), "%s", detail);
    return admin_refuse(exchange, &error);
}

/* NULL when it is absent or null. */
static int read_text(struct exchange *exchange, const cJSON *json, const char *member,
                     const char **ret_text) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, member);
    if (value && !cJSON_IsNull(value) && !cJSON_IsString(value))
        return refuse(exchange, member, "must be a string");
    *ret_text = cJSON_GetStringValue(value);
    return 0;
}

static size_t count_headers(const cJSON *headers) {
    size_t count = 0;
    const cJSON *header;
    cJSON_ArrayForEach (header, headers)
        count += cJSON_IsArray(header) ? (size_t)cJSON_GetArraySize(header) : 1;
    return count;
}

/* A text for each name, or an array of them. */
static int read_headers(struct exchange *exchange, const cJSON *json,
                        struct name_value_list *ret_headers) {
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive(json, "headers");
    size_t room = count_headers(headers) + 1;
    struct name_value *items = arena_alloc(&exchange->request.arena, room * sizeof(*items));
    size_t count = 0;
    if (!items)
        return -ENOMEM;
    const cJSON *header;
    cJSON_ArrayForEach (header, headers) {
        const cJSON *value = cJSON_IsArray(header) ? header->child : header;
        for (; value; value = cJSON_IsArray(header) ? value->next : NULL) {
            if (!cJSON_IsString(value) || !header->string)
                return refuse(exchange, "headers",
                              "must be an object of strings and arrays of them");
            items[count++] = (struct name_value){header->string, value->valuestring};
        }
    }
    *ret_headers = (struct name_value_list){.items = items, .count = count};
    return 0;
}

static int read_body(struct exchange *exchange, const cJSON *json,
                     struct journal_message *message) {
    const char *text = NULL;
    const char *encoded = NULL;
    int r = read_text(exchange, json, "body", &text);
    if (r == 0)
        r = read_text(exchange, json, "bodyAsBase64", &encoded);
    if (r != 0)
        return r;
    message->body = text;
    message->body_size = text ? strlen(text) : 0;
    if (encoded) {
        char *bytes;
        r = base64_decode(encoded, &exchange->request.arena, &bytes, &message->body_size);
        if (r != 0)
            return r < 0 ? r : refuse(exchange, "bodyAsBase64", "must be base64");
        message->body = bytes;
    }
    message->body_received = message->body_size;
    return 0;
}

int logged_request_read(struct exchange *exchange, const cJSON *json,
                        struct journal_entry *ret_entry) {
    struct journal_entry entry = {.record = {.method = "GET", .client_ip = "", .protocol = ""}};
    struct journal_record *record = &entry.record;
    const struct {
        const char *member;
        const char **text;
    } texts[] = {{"method", &record->method},
                 {"url", &record->url},
                 {"absoluteUrl", &record->target},
                 {"clientIp", &record->client_ip}};
    record->time = timestamp_now();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *text = NULL;
        int r = read_text(exchange, json, texts[i].member, &text);
        if (r != 0)
            return r;
        if (text)
            *texts[i].text = text;
    }
    if (!record->url)
        return refuse(exchange, "url", "is required");
    if (!record->target)
        record->target = record->url;
    int r = read_headers(exchange, json, &record->request.headers);
    if (r == 0)
        r = read_body(exchange, json, &record->request);
    if (r != 0)
        return r;
    uuid_make(entry.id);
    *ret_entry = entry;
    return 0;
}
