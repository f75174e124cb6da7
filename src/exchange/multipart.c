#include "exchange/multipart.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "util/base64.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum { BOUNDARY_MAX = 70 };

enum outcome { BROKEN = 1 };

/* A piece of the body; not terminated. */
struct span {
    const char *start;
    size_t size;
};

static struct span span_from(struct span span, const char *start) {
    return (struct span){start, span.size - (size_t)(start - span.start)};
}

static const char *span_find(struct span span, const char *text, size_t length) {
    return memmem(span.start, span.size, text, length);
}

static struct span skip_blanks(struct span span) {
    while (span.size > 0 && (*span.start == ' ' || *span.start == '\t'))
        span = span_from(span, span.start + 1);
    return span;
}

/* Cuts off a quoted string, without its quotes, or the text up to a blank or semicolon. */
static struct span cut_value(struct span *rest) {
    bool quoted = rest->size > 0 && *rest->start == '"';
    size_t i = quoted;
    for (; i < rest->size; i++) {
        char c = rest->start[i];
        if (quoted ? c == '"' : c == ' ' || c == '\t' || c == ';')
            break;
        if (quoted && c == '\\')
            i++;
    }
    if (i > rest->size)
        i = rest->size;
    const struct span value = {rest->start + quoted, i - quoted};
    *rest = span_from(*rest, rest->start + i + (quoted && i < rest->size));
    return value;
}

/* Returns a copy in the arena, without the backslashes of a quoted string. */
static const char *unquote(struct span value, struct arena *arena) {
    char *text = arena_alloc(arena, value.size + 1);
    size_t length = 0;
    for (size_t i = 0; text && i < value.size; i++) {
        if (value.start[i] == '\\' && i + 1 < value.size)
            i++;
        text[length++] = value.start[i];
    }
    return text;
}

/* Finds a parameter in the value of a header, such as `name` in `form-data; name="logo"`. Returns
 * 0, BROKEN when there is none, or -ENOMEM. */
static int find_parameter(struct span header, const char *name, struct arena *arena,
                          const char **ret_value) {
    const char *semicolon;
    while ((semicolon = memchr(header.start, ';', header.size))) {
        header = skip_blanks(span_from(header, semicolon + 1));
        const char *equals = memchr(header.start, '=', header.size);
        if (!equals)
            break;
        bool found = (size_t)(equals - header.start) == strlen(name) &&
                     strncasecmp(header.start, name, strlen(name)) == 0;
        header = span_from(header, equals + 1);
        const struct span value = cut_value(&header);
        if (found) {
            *ret_value = unquote(value, arena);
            return *ret_value ? 0 : FATAL(ENOMEM);
        }
    }
    return BROKEN;
}

/* Finds a header of a part. Returns an empty value when there is none. */
static struct span find_header(struct span headers, const char *name) {
    size_t length = strlen(name);
    while (headers.size > 0) {
        const char *end = span_find(headers, "\r\n", 2);
        struct span line = {headers.start, end ? (size_t)(end - headers.start) : headers.size};
        if (line.size > length && line.start[length] == ':' &&
            strncasecmp(line.start, name, length) == 0)
            return skip_blanks(span_from(line, line.start + length + 1));
        headers = span_from(headers, end ? end + 2 : headers.start + headers.size);
    }
    return (struct span){headers.start, 0};
}

/* Returns the media type of a part if it is one, without its parameters. */
static const char *media_type_of(struct span headers, struct arena *arena) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789!#$&^_.+-";
    struct span header = find_header(headers, "Content-Type");
    const char *text = arena_copy(arena, header.start, header.size);
    if (!text)
        return NULL;
    size_t first = strspn(text, letters);
    size_t second = text[first] == '/' ? strspn(text + first + 1, letters) : 0;
    return first > 0 && second > 0 ? arena_copy(arena, text, first + 1 + second)
                                   : "application/octet-stream";
}

static bool is_property(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return true;
    return false;
}

/* Adds one part, which has headers, an empty line and content. */
static int add_part(const struct schema *schema, struct span part, struct arena *arena,
                    cJSON *tree) {
    const char *end = span_find(part, "\r\n\r\n", 4);
    const char *name;
    if (!end)
        return BROKEN;
    const struct span headers = {part.start, (size_t)(end - part.start)};
    const struct span content = span_from(part, end + 4);
    int r = find_parameter(find_header(headers, "Content-Disposition"), "name", arena, &name);
    if (r != 0)
        return r;
    if (!is_property(schema, name))
        return 0;
    if (cJSON_GetObjectItemCaseSensitive(tree, name))
        return BROKEN;
    const char *type = media_type_of(headers, arena);
    const char *encoded = base64_encode(content.start, content.size, arena);
    const char *url =
        type && encoded ? arena_format(arena, "data:%s;base64,%s", type, encoded) : NULL;
    return url && cJSON_AddStringToObject(tree, name, url) ? 0 : FATAL(ENOMEM);
}

/* Adds the parts between the delimiters, which the first one starts and a closing one ends. */
static int add_parts(const struct schema *schema, struct span body, const char *delimiter,
                     struct arena *arena, cJSON *tree) {
    size_t length = strlen(delimiter);
    /* The first delimiter needs no line end before it. */
    bool starts = body.size >= length - 2 && memcmp(body.start, delimiter + 2, length - 2) == 0;
    const char *at = starts ? body.start : span_find(body, delimiter, length);
    for (size_t skip = starts ? length - 2 : length; at; skip = length) {
        body = span_from(body, at + skip);
        if (body.size >= 2 && memcmp(body.start, "--", 2) == 0)
            return 0;
        body = skip_blanks(body);
        if (body.size < 2 || memcmp(body.start, "\r\n", 2) != 0)
            return BROKEN;
        at = span_find(body, delimiter, length);
        if (!at)
            return BROKEN;
        struct span part = {body.start + 2, (size_t)(at - body.start)};
        part.size = part.size > 2 ? part.size - 2 : 0;
        int r = add_part(schema, part, arena, tree);
        if (r != 0)
            return r;
    }
    return BROKEN;
}

int multipart_read(const struct schema *schema, const char *content_type, const char *bytes,
                   size_t size, struct arena *arena, cJSON **ret_tree) {
    const char *boundary;
    const struct span header = {content_type, content_type ? strlen(content_type) : 0};
    int r = content_type ? find_parameter(header, "boundary", arena, &boundary) : BROKEN;
    if (r != 0)
        return r;
    if (*boundary == '\0' || strlen(boundary) > BOUNDARY_MAX)
        return BROKEN;
    const char *delimiter = arena_format(arena, "\r\n--%s", boundary);
    CLEANUP(cleanup_json) cJSON *tree = cJSON_CreateObject();
    if (!delimiter || !tree)
        return FATAL(ENOMEM);
    r = add_parts(schema, (struct span){bytes, size}, delimiter, arena, tree);
    if (r == 0)
        *ret_tree = TAKE(tree);
    return r;
}
