#include "json/json_placeholder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/fatal.h"
#include "util/regex.h"
#include "util/text.h"

enum { MAX_QUOTED = 80 };

struct pattern {
    const cJSON *expected;
    const struct regex *regex;
    struct pattern *next;
};

struct json_placeholders {
    struct pattern *patterns;
};

static const char regex_name[] = "regex}";

/* Returns what follows the prefix, or NULL. */
static const char *name_of(const cJSON *expected) {
    static const char prefix[] = "{json-unit.";
    const char *text = cJSON_GetStringValue(expected);
    if (!text || (*text != '$' && *text != '#') || strncmp(text + 1, prefix, strlen(prefix)) != 0)
        return NULL;
    return text + 1 + strlen(prefix);
}

enum json_placeholder json_placeholder_kind(const cJSON *expected) {
    static const struct {
        const char *name;
        enum json_placeholder kind;
    } names[] = {
        {"ignore}", JSON_IGNORE},           {"ignore-element}", JSON_IGNORE_ELEMENT},
        {"any-string}", JSON_ANY_STRING},   {"any-number}", JSON_ANY_NUMBER},
        {"any-boolean}", JSON_ANY_BOOLEAN},
    };
    const char *name = name_of(expected);
    if (!name)
        return JSON_NO_PLACEHOLDER;
    if (strncmp(name, regex_name, strlen(regex_name)) == 0)
        return JSON_MATCHES_REGEX;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].kind;
    return JSON_UNKNOWN_PLACEHOLDER;
}

struct reader {
    struct arena *arena;
    struct json_placeholders *placeholders;
    char *error; /* JSON_PLACEHOLDER_ERROR_SIZE */
};

static int read_pattern(struct reader *reader, const cJSON *expected) {
    struct pattern *pattern = arena_alloc(reader->arena, sizeof(*pattern));
    char reason[REGEX_ERROR_SIZE];
    if (!pattern)
        return FATAL(ENOMEM);
    int r = regex_compile(name_of(expected) + strlen(regex_name), REGEX_JAVA | REGEX_WHOLE,
                          reader->arena, &pattern->regex, reason);
    if (r > 0)
        snprintf(reader->error, JSON_PLACEHOLDER_ERROR_SIZE,
                 "has a placeholder that is not a regular expression: %s", reason);
    pattern->expected = expected;
    pattern->next = reader->placeholders->patterns;
    reader->placeholders->patterns = pattern;
    return r;
}

static int read_all(struct reader *reader, const cJSON *value) {
    int r = 0;
    enum json_placeholder kind = json_placeholder_kind(value);
    if (kind == JSON_UNKNOWN_PLACEHOLDER) {
        const char *text = value->valuestring;
        snprintf(reader->error, JSON_PLACEHOLDER_ERROR_SIZE, "has an unknown placeholder: %.*s",
                 (int)text_cut(text, MAX_QUOTED), text);
        return 1;
    }
    if (kind == JSON_MATCHES_REGEX)
        r = read_pattern(reader, value);
    for (const cJSON *child = value->child; child && r == 0; child = child->next)
        r = read_all(reader, child);
    return r;
}

int json_placeholders_parse(const cJSON *tree, struct arena *arena,
                            const struct json_placeholders **ret_placeholders,
                            char reterr_error[JSON_PLACEHOLDER_ERROR_SIZE]) {
    struct json_placeholders *placeholders = arena_alloc(arena, sizeof(*placeholders));
    if (!placeholders)
        return FATAL(ENOMEM);
    placeholders->patterns = NULL;
    struct reader reader = {.arena = arena, .placeholders = placeholders};
    reader.error = reterr_error;
    int r = read_all(&reader, tree);
    if (r == 0)
        *ret_placeholders = placeholders;
    return r;
}

static int match_regex(const struct json_placeholders *placeholders, const cJSON *expected,
                       const cJSON *actual, struct budget *budget) {
    const struct pattern *pattern = placeholders->patterns;
    while (pattern && pattern->expected != expected && budget_spend(budget, 1))
        pattern = pattern->next;
    if (!pattern || budget->exhausted || !cJSON_IsString(actual))
        return 1;
    return regex_match(pattern->regex, actual->valuestring, strlen(actual->valuestring), budget);
}

int json_placeholder_match(const struct json_placeholders *placeholders, const cJSON *expected,
                           const cJSON *actual, struct budget *budget) {
    switch (json_placeholder_kind(expected)) {
    case JSON_IGNORE:
    case JSON_IGNORE_ELEMENT:
        return 0;
    case JSON_ANY_STRING:
        return cJSON_IsString(actual) ? 0 : 1;
    case JSON_ANY_NUMBER:
        return cJSON_IsNumber(actual) ? 0 : 1;
    case JSON_ANY_BOOLEAN:
        return cJSON_IsBool(actual) ? 0 : 1;
    case JSON_MATCHES_REGEX:
        return match_regex(placeholders, expected, actual, budget);
    case JSON_NO_PLACEHOLDER:
    case JSON_UNKNOWN_PLACEHOLDER:
        break;
    }
    return 1;
}
