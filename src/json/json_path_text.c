#include "json/json_path_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"
#include "util/text.h"

int json_path_refuse(struct json_path_reader *p, const char *reason) {
    snprintf(p->error, JSON_PATH_ERROR_SIZE, "%s at byte %zu of the JSONPath", reason,
             (size_t)(p->at - p->text));
    return 1;
}

void json_path_skip_blanks(struct json_path_reader *p) {
    p->at += strspn(p->at, " \t\r\n");
}

bool json_path_take(struct json_path_reader *p, const char *token) {
    size_t length = strlen(token);
    if (strncmp(p->at, token, length) != 0)
        return false;
    p->at += length;
    return true;
}

/* Returns the next `end` that no backslash precedes, or NULL. */
static const char *find_end(const char *at, char end) {
    while (*at && *at != end)
        at += *at == '\\' && at[1] ? 2 : 1;
    return *at ? at : NULL;
}

int json_path_read_delimited(struct json_path_reader *p, char end, char **ret_text) {
    const char *stop = find_end(p->at, end);
    if (!stop)
        return json_path_refuse(p, "unterminated string");
    char *out = arena_copy(p->arena, p->at, (size_t)(stop - p->at));
    if (!out)
        return FATAL(ENOMEM);
    *ret_text = out;
    while (p->at < stop) {
        if (*p->at == '\\' && p->at[1] == end)
            p->at++;
        else if (*p->at == '\\')
            *out++ = *p->at++;
        *out++ = *p->at++;
    }
    *out = '\0';
    p->at++;
    return 0;
}

/* Writes the character in UTF-8. Returns its end. */
static char *write_character(unsigned long c, char *out) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* Reads four hexadecimal digits. Returns 0, which no escape may stand for, when they are none. */
static unsigned long read_unit(const char *digits) {
    char copy[5] = "";
    if (strspn(digits, "0123456789abcdefABCDEF") < 4)
        return 0;
    memcpy(copy, digits, 4);
    return strtoul(copy, NULL, 16);
}

/* Reads what follows \u, which may be half of a pair. */
static int read_escape(struct json_path_reader *p, char **out) {
    unsigned long c = read_unit(p->at);
    bool is_pair = c >= 0xd800 && c < 0xdc00 && p->at[4] == '\\' && p->at[5] == 'u';
    unsigned long low = is_pair ? read_unit(p->at + 6) : 0;
    if (is_pair)
        c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + (c - 0xd800) * 0x400 + (low - 0xdc00) : 0;
    if (c == 0 || (c >= 0xd800 && c < 0xe000))
        return json_path_refuse(p, "invalid escape");
    *out = write_character(c, *out);
    p->at += is_pair ? 10 : 4;
    return 0;
}

int json_path_read_quoted(struct json_path_reader *p, char **ret_text) {
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *stop = find_end(p->at + 1, *p->at);
    p->at++;
    if (!stop)
        return json_path_refuse(p, "unterminated string");
    char *out = arena_copy(p->arena, p->at, (size_t)(stop - p->at));
    if (!out)
        return FATAL(ENOMEM);
    *ret_text = out;
    while (p->at < stop) {
        bool is_escape = *p->at == '\\';
        p->at += is_escape;
        if (is_escape && json_path_take(p, "u")) {
            int r = read_escape(p, &out);
            if (r != 0)
                return r;
            continue;
        }
        const char *letter = is_escape ? strchr(letters, *p->at) : NULL;
        *out = *p->at;
        if (letter)
            *out = meanings[letter - letters];
        out++;
        p->at++;
    }
    *out = '\0';
    p->at++;
    return 0;
}

int json_path_read_integer(struct json_path_reader *p, long *ret_value) {
    char *end;
    const char *digits = p->at + (*p->at == '-');
    if (*digits < '0' || *digits > '9')
        return json_path_refuse(p, "number expected");
    if (strspn(digits, "0123456789") > 9)
        return json_path_refuse(p, "number is too large");
    *ret_value = strtol(p->at, &end, 10);
    p->at = end;
    return 0;
}

static int read_number(struct json_path_reader *p, cJSON *literal) {
    size_t length = strspn(p->at, "0123456789+-.eE");
    char *copy = arena_copy(p->arena, p->at, length);
    char *end;
    if (!copy)
        return FATAL(ENOMEM);
    literal->type = cJSON_Number;
    literal->valuestring = copy;
    literal->valuedouble = strtod(copy, &end);
    if (*end)
        return json_path_refuse(p, "invalid number");
    p->at += length;
    return 0;
}

static int read_value(struct json_path_reader *p, cJSON **ret_value);

/* Reads the items or members up to the closing bracket. */
static int read_container(struct json_path_reader *p, cJSON *container, const char *close) {
    cJSON **tail = &container->child;
    json_path_skip_blanks(p);
    if (json_path_take(p, close))
        return 0;
    do {
        char *name = NULL;
        json_path_skip_blanks(p);
        int r = 0;
        if (*close == '}') {
            if (*p->at != '\'' && *p->at != '"')
                return json_path_refuse(p, "quoted name expected");
            r = json_path_read_quoted(p, &name);
            json_path_skip_blanks(p);
            if (r == 0 && !json_path_take(p, ":"))
                return json_path_refuse(p, "':' expected");
        }
        if (r == 0)
            r = read_value(p, tail);
        if (r != 0)
            return r;
        (*tail)->string = name;
        tail = &(*tail)->next;
        json_path_skip_blanks(p);
    } while (json_path_take(p, ","));
    return json_path_take(p, close) ? 0 : json_path_refuse(p, "',' or a closing bracket expected");
}

static int read_value(struct json_path_reader *p, cJSON **ret_value) {
    cJSON *literal = arena_alloc(p->arena, sizeof(*literal));
    if (!literal)
        return FATAL(ENOMEM);
    *ret_value = literal;
    json_path_skip_blanks(p);
    if (*p->at == '\'' || *p->at == '"') {
        literal->type = cJSON_String;
        return json_path_read_quoted(p, &literal->valuestring);
    }
    if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9'))
        return read_number(p, literal);
    if (*p->at == '[' || *p->at == '{') {
        bool is_list = *p->at++ == '[';
        literal->type = is_list ? cJSON_Array : cJSON_Object;
        if (p->depth == JSON_PATH_MAX_DEPTH)
            return json_path_refuse(p, "nested too deeply");
        p->depth++;
        int r = read_container(p, literal, is_list ? "]" : "}");
        p->depth--;
        return r;
    }
    if (json_path_take(p, "true"))
        literal->type = cJSON_True;
    else if (json_path_take(p, "false"))
        literal->type = cJSON_False;
    else if (json_path_take(p, "null"))
        literal->type = cJSON_NULL;
    else
        return json_path_refuse(p, "path or value expected");
    return 0;
}

int json_path_read_literal(struct json_path_reader *p, const cJSON **ret_literal) {
    cJSON *literal = NULL;
    int r = read_value(p, &literal);
    *ret_literal = literal;
    return r;
}
