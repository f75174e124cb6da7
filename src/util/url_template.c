#include "util/url_template.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/fatal.h"

enum { MAX_SEGMENTS = 64 };

/* "prefix{name}suffix"; without a name only the prefix counts. */
struct segment {
    const char *prefix;
    const char *name;
    const char *suffix;
};

struct url_template {
    struct segment segments[MAX_SEGMENTS];
    size_t n_segments;
    size_t n_variables;
    bool takes_rest;
};

int url_template_find(const struct url_template *url_template, const char *name) {
    int index = 0;
    for (size_t i = 0; i < url_template->n_segments; i++) {
        const char *variable = url_template->segments[i].name;
        if (variable && strcmp(variable, name) == 0)
            return index;
        index += variable != NULL;
    }
    return -1;
}

const char *url_template_name(const struct url_template *url_template, size_t index) {
    for (size_t i = 0; i < url_template->n_segments; i++)
        if (url_template->segments[i].name && index-- == 0)
            return url_template->segments[i].name;
    return NULL;
}

static int refuse(char reterr_error[URL_TEMPLATE_ERROR_SIZE], const char *reason) {
    snprintf(reterr_error, URL_TEMPLATE_ERROR_SIZE, "%s", reason);
    return 1;
}

static int parse_segment(struct url_template *url_template, char *text,
                         char reterr_error[URL_TEMPLATE_ERROR_SIZE]) {
    struct segment segment = {.prefix = text, .suffix = ""};
    char *open = strchr(text, '{');
    char *close = strchr(text, '}');
    if (open) {
        if (!close || close < open + 2)
            return refuse(reterr_error, "a variable needs a name between braces");
        *open = '\0';
        *close = '\0';
        segment.name = open + 1;
        segment.suffix = close + 1;
        if (strpbrk(segment.name, "{") || strpbrk(segment.suffix, "{}"))
            return refuse(reterr_error, "a segment can have only one variable");
        if (url_template_find(url_template, segment.name) >= 0)
            return refuse(reterr_error, "two variables have the same name");
        if (url_template->n_variables++ == URL_TEMPLATE_MAX_VARIABLES)
            return refuse(reterr_error, "there are too many variables");
    } else if (close) {
        return refuse(reterr_error, "a closing brace has no opening brace");
    }
    if (url_template->n_segments == MAX_SEGMENTS)
        return refuse(reterr_error, "there are too many segments");
    url_template->segments[url_template->n_segments++] = segment;
    return 0;
}

int url_template_parse(const char *text, struct arena *arena,
                       const struct url_template **ret_template,
                       char reterr_error[URL_TEMPLATE_ERROR_SIZE]) {
    struct url_template *parsed = arena_alloc(arena, sizeof(*parsed));
    char *at = arena_copy(arena, text, strlen(text));
    if (!parsed || !at)
        return FATAL(ENOMEM);
    if (*at != '/')
        return refuse(reterr_error, "it must start with a slash");
    while (at) {
        char *slash = strchr(++at, '/');
        if (slash)
            *slash = '\0';
        parsed->takes_rest = !slash && strcmp(at, "**") == 0;
        int r = parsed->takes_rest ? 0 : parse_segment(parsed, at, reterr_error);
        if (r != 0)
            return r;
        at = slash;
    }
    *ret_template = parsed;
    return 0;
}

/* Returns 0 and the variable's value (NULL when the segment has no variable), >0 when the segment
 * does not match, or -ENOMEM. */
static int match_segment(const struct segment *segment, const char *text, size_t length,
                         struct arena *arena, const char **ret_value) {
    size_t prefix = strlen(segment->prefix);
    size_t suffix = strlen(segment->suffix);
    *ret_value = NULL;
    if (length < prefix || strncmp(text, segment->prefix, prefix) != 0)
        return 1;
    if (!segment->name)
        return length == prefix ? 0 : 1;
    if (length <= prefix + suffix || strncmp(text + length - suffix, segment->suffix, suffix) != 0)
        return 1;
    size_t value_length = length - prefix - suffix;
    *ret_value = arena_copy(arena, text + prefix, value_length);
    return *ret_value ? 0 : FATAL(ENOMEM);
}

int url_template_match(const struct url_template *url_template, const char *path, size_t length,
                       struct arena *arena, const char *ret_values[URL_TEMPLATE_MAX_VARIABLES]) {
    const char *values[URL_TEMPLATE_MAX_VARIABLES];
    size_t n_values = 0;
    const char *at = path;
    const char *end = path + length;
    for (size_t i = 0; i < url_template->n_segments; i++) {
        const char *value;
        if (at == end || *at != '/')
            return 1;
        at++;
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t size = (size_t)((slash ? slash : end) - at);
        int r = match_segment(&url_template->segments[i], at, size, arena, &value);
        if (r != 0)
            return r;
        if (value)
            values[n_values++] = value;
        at += size;
    }
    bool has_rest = at != end && *at == '/';
    if (url_template->takes_rest ? !has_rest : at != end)
        return 1;
    if (n_values > 0)
        memcpy(ret_values, values, n_values * sizeof(values[0]));
    return 0;
}
