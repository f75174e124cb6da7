#include "util/part_reader.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "util/fatal.h"

enum { BOUNDARY_MAX = 70 };

static struct span span_from(struct span span, const char *start) {
    return (struct span){start, span.size - (size_t)(start - span.start)};
}

static const char *span_find(struct span span, const char *text, size_t length) {
    return memmem(span.start, span.size, text, length);
}

struct span part_skip_blanks(struct span span) {
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

int part_find_parameter(struct span header, const char *name, struct arena *arena,
                        const char **ret_value) {
    const char *semicolon;
    while ((semicolon = memchr(header.start, ';', header.size))) {
        header = part_skip_blanks(span_from(header, semicolon + 1));
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
    return PART_BROKEN;
}

bool part_cut_line(struct span *headers, struct span *ret_line) {
    if (headers->size == 0)
        return false;
    const char *end = span_find(*headers, "\r\n", 2);
    const char *stop = headers->start + headers->size;
    *ret_line = (struct span){headers->start, (size_t)((end ? end : stop) - headers->start)};
    *headers = span_from(*headers, end ? end + 2 : stop);
    return true;
}

struct span part_find_header(const struct part *part, const char *name) {
    struct span headers = part->headers;
    struct span line;
    size_t length = strlen(name);
    while (part_cut_line(&headers, &line))
        if (line.size > length && line.start[length] == ':' &&
            strncasecmp(line.start, name, length) == 0)
            return part_skip_blanks(span_from(line, line.start + length + 1));
    return (struct span){part->headers.start, 0};
}

int part_reader_init(struct part_reader *reader, const char *content_type, struct span body,
                     struct arena *arena) {
    const char *boundary;
    const struct span header = {content_type, content_type ? strlen(content_type) : 0};
    int r = content_type ? part_find_parameter(header, "boundary", arena, &boundary) : PART_BROKEN;
    if (r != 0)
        return r;
    if (*boundary == '\0' || strlen(boundary) > BOUNDARY_MAX)
        return PART_BROKEN;
    const char *delimiter = arena_format(arena, "\r\n--%s", boundary);
    if (!delimiter)
        return FATAL(ENOMEM);
    size_t length = strlen(delimiter);
    /* The first delimiter needs no line end before it. */
    bool starts = body.size >= length - 2 && memcmp(body.start, delimiter + 2, length - 2) == 0;
    *reader = (struct part_reader){
        .rest = body,
        .delimiter = delimiter,
        .length = length,
        .at = starts          ? body.start
              : body.size > 0 ? span_find(body, delimiter, length)
                              : NULL,
        .skip = starts ? length - 2 : length,
    };
    return 0;
}

int part_reader_next(struct part_reader *reader, struct part *ret_part) {
    if (!reader->at)
        return PART_BROKEN;
    struct span rest = span_from(reader->rest, reader->at + reader->skip);
    if (rest.size >= 2 && memcmp(rest.start, "--", 2) == 0)
        return PART_END;
    rest = part_skip_blanks(rest);
    if (rest.size < 2 || memcmp(rest.start, "\r\n", 2) != 0)
        return PART_BROKEN;
    reader->at = span_find(rest, reader->delimiter, reader->length);
    reader->rest = rest;
    reader->skip = reader->length;
    if (!reader->at)
        return PART_BROKEN;
    struct span part = {rest.start + 2, (size_t)(reader->at - rest.start)};
    part.size = part.size > 2 ? part.size - 2 : 0;
    const char *end = span_find(part, "\r\n\r\n", 4);
    if (!end)
        return PART_BROKEN;
    ret_part->headers = (struct span){part.start, (size_t)(end - part.start)};
    ret_part->content = span_from(part, end + 4);
    return 0;
}
