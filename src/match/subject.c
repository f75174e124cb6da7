#include "match/subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/fatal.h"
#include "util/part_reader.h"
#include "util/text.h"

void match_subject_deinit(struct match_subject *subject) {
    json_trees_free(subject->trees);
    subject->trees = NULL;
}

static int place_port(const char *text, int fallback) {
    char *end;
    long port = strtol(text, &end, 10);
    return *end == '\0' && port > 0 && port < 65536 ? (int)port : fallback;
}

int match_subject_set_place(struct match_subject *subject, bool is_tls, const char *target) {
    bool is_http = strncasecmp(target, "http://", 7) == 0;
    bool is_https = strncasecmp(target, "https://", 8) == 0;
    const char *authority = is_http || is_https ? strchr(target, ':') + 3 : NULL;
    is_https |= is_tls && !is_http;
    for (size_t i = 0; !authority && i < subject->headers.count; i++)
        if (strcasecmp(subject->headers.items[i].name, "Host") == 0)
            authority = subject->headers.items[i].value;
    if (!authority)
        authority = "";
    char *host = arena_copy(subject->arena, authority, strcspn(authority, "/?#"));
    if (!host)
        return FATAL(ENOMEM);
    char *user_end = strrchr(host, '@');
    host = user_end ? user_end + 1 : host;
    char *bracket = strchr(host, ']'); /* the closing bracket of an IPv6 address, which contains
                                        * colons itself */
    char *colon = strchr(bracket ? bracket : host, ':');
    subject->scheme = is_https ? "https" : "http";
    subject->port = is_https ? 443 : 80;
    if (colon) {
        subject->port = place_port(colon + 1, subject->port);
        *colon = '\0';
    }
    subject->host = host;
    return 0;
}

static char *decode_form(struct arena *arena, const char *text, size_t length) {
    char *raw = arena_copy(arena, text, length);
    char *decoded = raw ? arena_alloc(arena, length + 1) : NULL;
    if (!decoded)
        return NULL;
    return text_form_decode(raw, length, decoded) == 0 ? decoded : raw;
}

static size_t count_char(const char *text, size_t size, char c) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == c;
    return count;
}

int match_form_parse(struct arena *arena, const char *text, size_t size, bool decodes,
                     struct name_value_list *ret_fields) {
    size_t room = count_char(text, size, '&') + 1;
    struct name_value *fields = arena_alloc(arena, room * sizeof(*fields));
    char *(*copy)(struct arena *, const char *, size_t) = decodes ? decode_form : arena_copy;
    if (!fields)
        return FATAL(ENOMEM);
    size_t count = 0;
    const char *end = text + size;
    for (const char *at = text; at < end;) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        size_t length = (size_t)((ampersand ? ampersand : end) - at);
        const char *equals = length > 0 ? memchr(at, '=', length) : NULL;
        size_t name_length = equals ? (size_t)(equals - at) : length;
        if (length > 0) {
            struct name_value field = {.name = copy(arena, at, name_length), .value = ""};
            if (equals)
                field.value = copy(arena, equals + 1, length - name_length - 1);
            if (!field.name || !field.value)
                return FATAL(ENOMEM);
            fields[count++] = field;
        }
        at += length + 1;
    }
    *ret_fields = (struct name_value_list){.items = fields, .count = count};
    return 0;
}

static int parse_query(struct match_subject *subject, struct name_value_list *ret_fields) {
    const char *question = subject->target ? strchr(subject->target, '?') : NULL;
    const char *query = question ? question + 1 : "";
    return match_form_parse(subject->arena, query, strcspn(query, "#"), true, ret_fields);
}

static int parse_body(struct match_subject *subject, struct name_value_list *ret_fields) {
    static const char form[] = "application/x-www-form-urlencoded";
    *ret_fields = (struct name_value_list){0};
    for (size_t i = 0; i < subject->headers.count; i++) {
        const struct name_value *header = &subject->headers.items[i];
        if (strcasecmp(header->name, "Content-Type") == 0 &&
            strncasecmp(header->value, form, strlen(form)) == 0)
            return match_form_parse(subject->arena, subject->body, subject->body_size, true,
                                    ret_fields);
    }
    return 0;
}

/* Reads name=value from `length` bytes. Returns false when there is no name. */
static bool parse_cookie(char *text, size_t length, struct name_value *ret_field) {
    size_t blanks = strspn(text, " \t");
    char *name = text + (blanks < length ? blanks : length);
    char *end = text + length;
    while (end > name && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    char *value = strchr(name, '=');
    if (!value || value == name)
        return false;
    *value++ = '\0';
    if (end - value >= 2 && value[0] == '"' && end[-1] == '"') {
        value++;
        end[-1] = '\0';
    }
    *ret_field = (struct name_value){.name = name, .value = value};
    return true;
}

static int parse_cookies(struct match_subject *subject, struct name_value_list *ret_fields) {
    size_t room = 0;
    for (size_t i = 0; i < subject->headers.count; i++) {
        const struct name_value *header = &subject->headers.items[i];
        if (strcasecmp(header->name, "Cookie") == 0)
            room += count_char(header->value, strlen(header->value), ';') + 1;
    }
    struct name_value *fields = arena_alloc(subject->arena, room * sizeof(*fields));
    if (!fields)
        return FATAL(ENOMEM);
    size_t count = 0;
    for (size_t i = 0; i < subject->headers.count; i++) {
        const struct name_value *header = &subject->headers.items[i];
        if (strcasecmp(header->name, "Cookie") != 0)
            continue;
        char *at = arena_copy(subject->arena, header->value, strlen(header->value));
        if (!at)
            return FATAL(ENOMEM);
        for (bool more = true; more;) {
            size_t length = strcspn(at, ";");
            more = at[length] == ';';
            count += parse_cookie(at, length, &fields[count]);
            at += length + 1;
        }
    }
    *ret_fields = (struct name_value_list){.items = fields, .count = count};
    return 0;
}

int match_subject_fields(struct match_subject *subject, enum match_group group,
                         struct name_value_list *ret_fields) {
    static int (*const parsers[])(struct match_subject *, struct name_value_list *) = {
        [MATCH_QUERY] = parse_query,
        [MATCH_COOKIES] = parse_cookies,
        [MATCH_FORM] = parse_body,
    };
    if (group == MATCH_HEADERS) {
        *ret_fields = subject->headers;
        return 0;
    }
    if (!subject->has_group[group]) {
        int r = parsers[group](subject, &subject->groups[group]);
        if (r < 0)
            return r;
        subject->has_group[group] = true;
    }
    *ret_fields = subject->groups[group];
    return 0;
}

static int read_headers(struct arena *arena, const struct part *part,
                        struct name_value_list *ret_headers) {
    struct name_value_list headers = {0};
    size_t capacity = 0;
    struct span rest = part->headers;
    struct span line;
    while (part_cut_line(&rest, &line)) {
        char *name = arena_copy(arena, line.start, line.size);
        struct name_value *items =
            arena_grow(arena, headers.items, headers.count, sizeof(*items), &capacity);
        if (!name || !items)
            return FATAL(ENOMEM);
        headers.items = items;
        char *value = strchr(name, ':');
        if (!value)
            continue;
        *value++ = '\0';
        value += strspn(value, " \t");
        for (size_t i = strlen(value); i > 0 && (value[i - 1] == ' ' || value[i - 1] == '\t'); i--)
            value[i - 1] = '\0';
        headers.items[headers.count++] = (struct name_value){.name = name, .value = value};
    }
    *ret_headers = headers;
    return 0;
}

/* Returns 0 and the part, PART_BROKEN when WireMock leaves it out, or -ENOMEM. */
static int read_part(struct arena *arena, const struct part *part, struct match_part *ret_part) {
    static const char form_data[] = "form-data";
    struct match_part read = {.content = part->content.start, .content_size = part->content.size};
    struct span disposition = part_find_header(part, "Content-Disposition");
    const char *name;
    if (disposition.size < strlen(form_data) ||
        strncasecmp(disposition.start, form_data, strlen(form_data)) != 0)
        return PART_BROKEN;
    int r = part_find_parameter(disposition, "name", arena, &name);
    if (r != 0 || *name == '\0')
        return r != 0 ? r : PART_BROKEN;
    r = part_find_parameter(disposition, "filename", arena, &read.file_name);
    r = r < 0 ? r : read_headers(arena, part, &read.headers);
    if (r == 0)
        *ret_part = read;
    return r;
}

static int read_parts(struct match_subject *subject, struct part_reader *reader,
                      struct match_parts *parts) {
    struct part part;
    int r;
    while ((r = part_reader_next(reader, &part)) == 0) {
        struct match_part *items = arena_grow(subject->arena, parts->items, parts->count,
                                              sizeof(*items), &parts->capacity);
        if (!items)
            return FATAL(ENOMEM);
        parts->items = items;
        r = read_part(subject->arena, &part, &parts->items[parts->count]);
        if (r < 0)
            return r;
        parts->count += r == 0;
    }
    return r;
}

static const char *find_multipart_type(const struct match_subject *subject) {
    static const char multipart[] = "multipart/";
    for (size_t i = 0; i < subject->headers.count; i++) {
        const struct name_value *header = &subject->headers.items[i];
        if (strcasecmp(header->name, "Content-Type") == 0 &&
            strncasecmp(header->value, multipart, strlen(multipart)) == 0)
            return header->value;
    }
    return NULL;
}

int match_subject_parts(struct match_subject *subject, const struct match_parts **ret_parts) {
    struct part_reader reader;
    struct match_parts parts = {0};
    *ret_parts = &subject->parts;
    if (subject->has_parts)
        return 0;
    int r = part_reader_init(&reader, find_multipart_type(subject),
                             (struct span){subject->body, subject->body_size}, subject->arena);
    if (r == 0)
        r = read_parts(subject, &reader, &parts);
    if (r < 0)
        return r;
    subject->has_parts = true;
    if (r == PART_END)
        subject->parts = parts;
    return 0;
}
