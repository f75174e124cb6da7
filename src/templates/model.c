#include "templates/model.h"

#include <errno.h>
#include <string.h>

#include "util/fatal.h"
#include "util/text.h"
#include "util/uuid.h"

enum { MAX_MEMBERS = 24 };

/* A map that is being made. */
struct map {
    struct value_item *items;
    size_t count;
};

static void add(struct map *map, const char *name, struct value value) {
    map->items[map->count++] = (struct value_item){.name = name, .value = value};
}

static size_t count_segments(const char *path, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += path[i] == '/';
    return count;
}

/* Returns the path decoded, or as it came if it cannot be. Updates its length. */
static const char *decoded_path(struct arena *arena, const char *path, size_t *length) {
    char *decoded = arena_alloc(arena, *length + 1);
    if (!decoded || text_percent_decode(path, *length, decoded) != 0)
        return decoded ? path : NULL;
    *length = strlen(decoded);
    return decoded;
}

/* The segments of the path, by number and by the names of the stub's template. As in WireMock, the
 * path is decoded when the stub has no such template. */
static int make_path(struct arena *arena, const char *url, const struct url_template *names,
                     struct value *ret_value) {
    const char *values[URL_TEMPLATE_MAX_VARIABLES];
    size_t length = strcspn(url, "?#");
    const char *target = names ? url : decoded_path(arena, url, &length);
    if (!target)
        return FATAL(ENOMEM);
    size_t n_segments = count_segments(target, length);
    struct map map = {
        arena_alloc(arena, (n_segments + URL_TEMPLATE_MAX_VARIABLES) * sizeof(*map.items)), 0};
    const char *text = arena_copy(arena, target, length);
    if (!map.items || !text)
        return FATAL(ENOMEM);
    const char *at = text;
    for (size_t i = 0; i < n_segments; i++) {
        at += strcspn(at, "/") + 1;
        size_t size = strcspn(at, "/");
        const char *name = arena_format(arena, "%zu", i);
        const char *segment = arena_copy(arena, at, size);
        if (!name || !segment)
            return FATAL(ENOMEM);
        add(&map, name, value_of_bytes(segment, size));
    }
    int r = names ? url_template_match(names, target, length, arena, values) : 1;
    const char *name = r == 0 ? url_template_name(names, 0) : NULL;
    for (size_t i = 0; name; name = url_template_name(names, ++i))
        add(&map, name, value_of_text(values[i]));
    if (r < 0)
        return r;
    *ret_value = (struct value){
        .kind = VALUE_MAP, .items = map.items, .count = map.count, .text = text, .size = length};
    return 0;
}

static int make_fields(struct match_subject *subject, enum match_group group,
                       struct value *ret_value) {
    struct value fields = {.kind = VALUE_FIELDS, .is_caseless = group == MATCH_HEADERS};
    int r = match_subject_fields(subject, group, &fields.fields);
    if (r == 0)
        *ret_value = fields;
    return r;
}

static const char *base_url(struct arena *arena, const struct match_subject *subject) {
    bool is_usual = subject->port == (strcmp(subject->scheme, "https") == 0 ? 443 : 80);
    return is_usual
               ? arena_format(arena, "%s://%s", subject->scheme, subject->host)
               : arena_format(arena, "%s://%s:%d", subject->scheme, subject->host, subject->port);
}

/* The members that request.requestLine has too. */
static int add_line(struct evaluation *evaluation, struct match_subject *subject,
                    const struct url_template *names, struct map *map) {
    struct arena *arena = evaluation->room.arena;
    struct value path = {0};
    struct value query = {0};
    int r = make_path(arena, subject->target, names, &path);
    if (r == 0)
        r = make_fields(subject, MATCH_QUERY, &query);
    if (r != 0)
        return r;
    const char *base = base_url(arena, subject);
    if (!base)
        return FATAL(ENOMEM);
    add(map, "method", value_of_text(subject->method));
    add(map, "scheme", value_of_text(subject->scheme));
    add(map, "host", value_of_text(subject->host));
    add(map, "port", value_of_integer(&evaluation->room, subject->port));
    add(map, "query", query);
    add(map, "path", path);
    add(map, "pathSegments", path);
    add(map, "url", value_of_bytes(subject->target, strcspn(subject->target, "#")));
    add(map, "baseUrl", value_of_text(base));
    add(map, "clientIp", value_of_text(subject->client_ip));
    return 0;
}

static int add_id(struct evaluation *evaluation, struct map *map) {
    char *id = arena_alloc(evaluation->room.arena, UUID_SIZE);
    if (!id)
        return FATAL(ENOMEM);
    uuid_make(id);
    add(map, "id", value_of_text(id));
    return 0;
}

int model_make(struct evaluation *evaluation, struct match_subject *subject,
               const struct url_template *path, const cJSON *parameters, struct value *ret_root) {
    struct arena *arena = evaluation->room.arena;
    struct map request = {arena_alloc(arena, MAX_MEMBERS * sizeof(struct value_item)), 0};
    struct map root = {arena_alloc(arena, 2 * sizeof(struct value_item)), 0};
    struct value headers = {0};
    struct value cookies = {0};
    struct value body = value_of_bytes(subject->body ? subject->body : "", subject->body_size);
    if (!request.items || !root.items)
        return FATAL(ENOMEM);
    int r = add_line(evaluation, subject, path, &request);
    struct value line = {.kind = VALUE_MAP, .items = request.items, .count = request.count};
    if (r == 0)
        r = make_fields(subject, MATCH_HEADERS, &headers);
    if (r == 0)
        r = make_fields(subject, MATCH_COOKIES, &cookies);
    if (r == 0)
        r = add_id(evaluation, &request);
    if (r != 0 || evaluation->room.lacks_memory)
        return r != 0 ? r : FATAL(ENOMEM);
    add(&request, "requestLine", line);
    add(&request, "headers", headers);
    add(&request, "cookies", cookies);
    add(&request, "body", body);
    body.kind = VALUE_BASE64;
    add(&request, "bodyAsBase64", body);
    add(&root, "request",
        (struct value){.kind = VALUE_MAP, .items = request.items, .count = request.count});
    add(&root, "parameters", value_of_json(parameters, STYLE_JAVA));
    *ret_root = (struct value){.kind = VALUE_MAP, .items = root.items, .count = root.count};
    return 0;
}
