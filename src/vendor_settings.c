#include "vendor_settings.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "util/cleanup.h"

enum { MAX_DEPTH = 32, MAX_NODES = 20000 };

#define ACCOUNT(name, index)                                                                       \
    {name ".username", offsetof(struct vendor_settings, accounts[index].username)},                \
        {name ".password", offsetof(struct vendor_settings, accounts[index].password)}, {          \
        name ".tenantAdminAccess", offsetof(struct vendor_settings, accounts[index].tenants)       \
    }

static const struct field {
    const char *name;
    size_t offset;
} fields[] = {
    ACCOUNT("kestra.security.instanceOwner", 0),
    ACCOUNT("kestra.security.superAdmin", 1),
    ACCOUNT("kestra.ee.superAdmin", 2),
    ACCOUNT("kestra.server.basicAuth", 3),
    {"micronaut.server.port", offsetof(struct vendor_settings, port)},
    {"endpoints.all.port", offsetof(struct vendor_settings, management_port)},
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* One source of settings. */
struct reading {
    struct vendor_settings *settings;
    vendor_getenv *getenv;
    yaml_document_t document;
    size_t nodes; /* that were visited, since aliases may repeat them without end */
    char *error;  /* VENDOR_ERROR_SIZE */
};

/* Case and the marks between words do not matter. */
static const char *skip_marks(const char *name) {
    return name + strspn(name, ".-_");
}

static bool starts_alike(const char **name, const char *prefix) {
    for (prefix = skip_marks(prefix); *prefix; prefix = skip_marks(prefix + 1)) {
        *name = skip_marks(*name);
        if (tolower((unsigned char)**name) != tolower((unsigned char)*prefix))
            return false;
        (*name)++;
    }
    return true;
}

static const struct field *find_field(const char *name) {
    for (size_t i = 0; i < N_FIELDS; i++) {
        const char *rest = fields[i].name;
        if (starts_alike(&rest, name) && *skip_marks(rest) == '\0')
            return &fields[i];
    }
    return NULL;
}

static bool leads_to_field(const char *path) {
    for (size_t i = 0; i < N_FIELDS; i++) {
        const char *rest = fields[i].name;
        if (starts_alike(&rest, path))
            return true;
    }
    return false;
}

static void ignore(struct vendor_settings *settings, const char *name) {
    size_t known =
        settings->n_ignored < VENDOR_MAX_IGNORED ? settings->n_ignored : (size_t)VENDOR_MAX_IGNORED;
    for (size_t i = 0; i < known; i++)
        if (strcmp(settings->ignored[i], name) == 0)
            return;
    if (known < VENDOR_MAX_IGNORED)
        snprintf(settings->ignored[known], VENDOR_PATH_SIZE, "%s", name);
    settings->n_ignored++;
}

static int refuse(const struct reading *reading, const char *name, const char *problem) {
    snprintf(reading->error, VENDOR_ERROR_SIZE, "%.120s: %s", name, problem);
    return 1;
}

/* A placeholder names a variable, or a setting that has one: a.b-c is A_B_C. */
static const char *look_up(const struct reading *reading, const char *name, size_t length) {
    char variable[VENDOR_PATH_SIZE];
    snprintf(variable, sizeof(variable), "%.*s", (int)length, name);
    const char *value = reading->getenv(variable);
    for (char *c = variable; *c; c++)
        *c = (char)(strchr(".-", *c) ? '_' : toupper((unsigned char)*c));
    return value ? value : reading->getenv(variable);
}

/* Returns the end of a placeholder that starts at `text`, which is its closing brace, or NULL. */
static const char *find_end(const char *text) {
    int depth = 0;
    for (; *text; text++) {
        depth += strncmp(text, "${", 2) == 0;
        if (*text == '}' && --depth == 0)
            return text;
    }
    return NULL;
}

static int expand(const struct reading *reading, const char *name, const char *text, size_t size,
                  int depth, char out[VENDOR_TEXT_SIZE], size_t *used);

/* Appends what a placeholder stands for. The default may have placeholders, too, and backticks
 * around it. */
static int expand_one(const struct reading *reading, const char *name, const char *text,
                      size_t size, int depth, char out[VENDOR_TEXT_SIZE], size_t *used) {
    const char *colon = memchr(text, ':', size);
    size_t length = colon ? (size_t)(colon - text) : size;
    const char *value = look_up(reading, text, length);
    if (value) {
        int written = snprintf(out + *used, VENDOR_TEXT_SIZE - *used, "%s", value);
        *used += (size_t)written;
        return *used < VENDOR_TEXT_SIZE ? 0 : refuse(reading, name, "is too long");
    }
    if (!colon) {
        char problem[VENDOR_PATH_SIZE];
        snprintf(problem, sizeof(problem), "the variable %.*s is not set, and has no default",
                 (int)(length < 60 ? length : 60), text);
        return refuse(reading, name, problem);
    }
    text = colon + 1;
    size -= length + 1;
    bool is_quoted = size >= 2 && text[0] == '`' && text[size - 1] == '`';
    return expand(reading, name, text + is_quoted, is_quoted ? size - 2 : size, depth + 1, out,
                  used);
}

static int expand(const struct reading *reading, const char *name, const char *text, size_t size,
                  int depth, char out[VENDOR_TEXT_SIZE], size_t *used) {
    const char *stop = text + size;
    if (depth > MAX_DEPTH)
        return refuse(reading, name, "is nested too deep");
    while (text < stop) {
        const char *end = strncmp(text, "${", 2) == 0 ? find_end(text) : NULL;
        if (end && end < stop) {
            int r = expand_one(reading, name, text + 2, (size_t)(end - text) - 2, depth, out, used);
            if (r != 0)
                return r;
            text = end + 1;
            continue;
        }
        if (*used + 1 >= VENDOR_TEXT_SIZE)
            return refuse(reading, name, "is too long");
        out[(*used)++] = *text++;
    }
    out[*used] = '\0';
    return 0;
}

/* Appends to a list with `appends`, or else replaces the value. */
static int take(struct reading *reading, const char *name, const char *value, bool appends) {
    const struct field *field = find_field(name);
    if (!field) {
        ignore(reading->settings, name);
        return 0;
    }
    char text[VENDOR_TEXT_SIZE] = "";
    char *target = (char *)reading->settings + field->offset;
    size_t used = 0;
    if (appends && *target)
        used = (size_t)snprintf(text, sizeof(text), "%s,", target);
    int r = used < sizeof(text) ? expand(reading, name, value, strlen(value), 0, text, &used)
                                : refuse(reading, name, "is too long");
    if (r == 0)
        memcpy(target, text, sizeof(text));
    return r;
}

int vendor_settings_take(struct vendor_settings *settings, const char *name, const char *value,
                         vendor_getenv *getenv, char reterr_error[VENDOR_ERROR_SIZE]) {
    struct reading reading = {.settings = settings, .getenv = getenv};
    reading.error = reterr_error;
    return take(&reading, name, value, false);
}

int vendor_settings_read_properties(struct vendor_settings *settings, char *text,
                                    vendor_getenv *getenv, char reterr_error[VENDOR_ERROR_SIZE]) {
    static const char blank[] = " \t\r\f";
    for (char *line; (line = strsep(&text, "\n"));) {
        line += strspn(line, blank);
        if (*line == '\0' || *line == '#' || *line == '!')
            continue;
        char *value = line + strcspn(line, "=: \t");
        char *end = value;
        value += strspn(value, blank);
        value += *value == '=' || *value == ':';
        value += strspn(value, blank);
        *end = '\0';
        for (end = value + strlen(value); end > value && strchr(blank, end[-1]); end--)
            end[-1] = '\0';
        int r = vendor_settings_take(settings, line, value, getenv, reterr_error);
        if (r != 0)
            return r;
    }
    return 0;
}

static bool is_null(const yaml_node_t *node) {
    const char *text = (const char *)node->data.scalar.value;
    return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (*text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static int take_list(struct reading *reading, const yaml_node_t *list, const char *path) {
    const struct field *field = find_field(path);
    if (field)
        *((char *)reading->settings + field->offset) = '\0';
    for (const yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top; item++) {
        const yaml_node_t *node = yaml_document_get_node(&reading->document, *item);
        if (node->type != YAML_SCALAR_NODE)
            return field ? refuse(reading, path, "must be a text, or a list of texts") : 0;
        int r = take(reading, path, (const char *)node->data.scalar.value, true);
        if (r != 0)
            return r;
    }
    return 0;
}

static int walk(struct reading *reading, int index, const char *path, int depth);

static bool is_merge(const yaml_node_t *key) {
    return strcmp((const char *)key->data.scalar.value, "<<") == 0;
}

static int walk_merged(struct reading *reading, int index, const char *path, int depth) {
    const yaml_node_t *node = yaml_document_get_node(&reading->document, index);
    int r = 0;
    if (node->type != YAML_SEQUENCE_NODE)
        return walk(reading, index, path, depth);
    for (const yaml_node_item_t *item = node->data.sequence.items.top;
         r == 0 && item > node->data.sequence.items.start; item--)
        r = walk(reading, item[-1], path, depth); /* the first of them wins */
    return r;
}

/* What is merged comes first, so that the mapping's own members win. */
static int walk_mapping(struct reading *reading, const yaml_node_t *mapping, const char *path,
                        int depth) {
    int r = 0;
    for (int turn = 0; turn < 2; turn++) {
        for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
             r == 0 && pair < mapping->data.mapping.pairs.top; pair++) {
            const yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);
            char name[VENDOR_PATH_SIZE];
            if (key->type != YAML_SCALAR_NODE || is_merge(key) != (turn == 0))
                continue;
            int length = snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "",
                                  (const char *)key->data.scalar.value);
            if (turn == 0)
                r = walk_merged(reading, pair->value, path, depth + 1);
            else if (length >= (int)sizeof(name) || !leads_to_field(name))
                ignore(reading->settings, name);
            else
                r = walk(reading, pair->value, name, depth + 1);
        }
    }
    return r;
}

static int walk(struct reading *reading, int index, const char *path, int depth) {
    const yaml_node_t *node = yaml_document_get_node(&reading->document, index);
    if (depth > MAX_DEPTH || reading->nodes++ > MAX_NODES)
        return refuse(reading, *path ? path : "the document", "is nested too deep, or too large");
    switch (node->type) {
    case YAML_MAPPING_NODE:
        if (*path && find_field(path))
            return refuse(reading, path, "must be a text");
        return walk_mapping(reading, node, path, depth);
    case YAML_SEQUENCE_NODE:
        return *path ? take_list(reading, node, path)
                     : refuse(reading, "the document", "must be a mapping");
    case YAML_SCALAR_NODE:
        if (is_null(node))
            return 0;
        return *path ? take(reading, path, (const char *)node->data.scalar.value, false)
                     : refuse(reading, "the document", "must be a mapping");
    case YAML_NO_NODE:
        break;
    }
    return 0;
}

/* Returns 0 after a document, >0 with an error, or <0 after the last one. */
static int read_document(struct reading *reading, yaml_parser_t *parser) {
    if (!yaml_parser_load(parser, &reading->document)) {
        snprintf(reading->error, VENDOR_ERROR_SIZE, "line %zu, column %zu: %s",
                 parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                 parser->problem ? parser->problem : "is no YAML");
        return 1;
    }
    bool has_root = yaml_document_get_root_node(&reading->document) != NULL;
    int r = has_root ? walk(reading, 1, "", 0) : -1;
    yaml_document_delete(&reading->document);
    return r;
}

int vendor_settings_read_yaml(struct vendor_settings *settings, const char *text, size_t size,
                              vendor_getenv *getenv, char reterr_error[VENDOR_ERROR_SIZE]) {
    CLEANUP(yaml_parser_delete) yaml_parser_t parser;
    struct reading reading = {.settings = settings, .getenv = getenv, .error = reterr_error};
    int r = 0;
    if (!yaml_parser_initialize(&parser)) {
        snprintf(reterr_error, VENDOR_ERROR_SIZE, "out of memory");
        return 1;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    while (r == 0)
        r = read_document(&reading, &parser);
    return r > 0 ? r : 0;
}

const struct vendor_account *vendor_settings_administrator(const struct vendor_settings *settings) {
    for (size_t i = 0; i < VENDOR_ACCOUNTS; i++)
        if (settings->accounts[i].username[0] && settings->accounts[i].password[0])
            return &settings->accounts[i];
    return NULL;
}
