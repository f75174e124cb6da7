#include "json/json.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_number.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

enum {
    MAX_NUMBER_LENGTH = 62, /* cJSON copies numbers into a buffer of 64 bytes and would split longer
                             * ones */
    FEW_BYTES = 4096,
};

struct scanner {
    const char *at;
    const char *end;
    int max_depth;
    bool has_long_numbers; /* some that a double may not give back */
    bool has_huge_numbers; /* some that cJSON would cut */
    bool builds;           /* a tree, as it scans, until something is not simple */
    cJSON *item;           /* the next value in the tree */
    const char *reason;    /* why the text is invalid; `at` is the place */
    const char *wanted;    /* a member of the root, or NULL */
    const char *wanted_at; /* its last value, and where it ends; NULL: there is none */
    const char *wanted_end;
};

static bool fail(struct scanner *s, const char *reason) {
    s->reason = reason;
    return false;
}

static void skip_blanks(struct scanner *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool next_is(const struct scanner *s, char c) {
    return s->at < s->end && *s->at == c;
}

static bool is_digit(const struct scanner *s) {
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

/* Most bodies are short and have neither numbers nor escapes. Their tree is built while they are
 * scanned, so that cJSON need not scan them again. When memory is out, cJSON finds that out too. */
static void build_child(struct scanner *s, cJSON *parent) {
    s->item = s->builds ? cJSON_CreateNull() : NULL;
    s->builds = s->item && cJSON_AddItemToArray(parent, s->item);
}

/* Copies the string that was just scanned, and whose text starts at `start`. */
static void build_text(struct scanner *s, char **text, const char *start) {
    size_t size = (size_t)(s->at - 1 - start);
    *text = cJSON_malloc(size + 1);
    s->builds = *text;
    if (!*text)
        return;
    memcpy(*text, start, size);
    (*text)[size] = '\0';
}

static bool scan_literal(struct scanner *s, const char *word, int type) {
    size_t length = strlen(word);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, word, length) != 0)
        return fail(s, "unexpected character");
    s->at += length;
    if (s->builds) {
        s->item->type = type;
        s->item->valueint = type == cJSON_True; /* as cJSON has it */
    }
    return true;
}

static bool scan_digits(struct scanner *s) {
    if (!is_digit(s))
        return fail(s, "digit expected");
    while (is_digit(s))
        s->at++;
    return true;
}

static bool scan_number(struct scanner *s) {
    const char *start = s->at;
    s->builds = false;
    if (next_is(s, '-'))
        s->at++;
    if (next_is(s, '0'))
        s->at++;
    else if (!scan_digits(s))
        return false;
    if (next_is(s, '.')) {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (next_is(s, 'e') || next_is(s, 'E')) {
        s->at++;
        if (next_is(s, '+') || next_is(s, '-'))
            s->at++;
        if (!scan_digits(s))
            return false;
    }
    s->has_long_numbers |= !json_number_is_plain(start, (size_t)(s->at - start));
    s->has_huge_numbers |= s->at - start > MAX_NUMBER_LENGTH;
    return true;
}

/* Reads the four digits after \u. Returns a negative number when they are missing. */
static int scan_hex4(struct scanner *s) {
    int value = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        if (s->at >= s->end)
            return -1;
        char c = *s->at;
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static bool scan_unicode_escape(struct scanner *s) {
    int unit = scan_hex4(s);
    if (unit < 0)
        return fail(s, "invalid \\u escape");
    if (unit == 0)
        return fail(s, "NUL is not allowed");
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return fail(s, "unpaired surrogate");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
            return fail(s, "unpaired surrogate");
        s->at += 2;
        int low = scan_hex4(s);
        if (low < 0xdc00 || low > 0xdfff)
            return fail(s, "unpaired surrogate");
    }
    return true;
}

static bool scan_string(struct scanner *s) {
    if (!next_is(s, '"'))
        return fail(s, "string expected");
    const char *start = ++s->at;
    unsigned char all = 0;
    while (s->at < s->end && *s->at != '"') {
        unsigned char c = (unsigned char)*s->at;
        if (c < 0x20)
            return fail(s, "control character in a string");
        s->at++;
        all |= c;
        if (c != '\\')
            continue;
        s->builds = false;
        if (s->at >= s->end)
            break;
        if (*s->at == 'u') {
            s->at++;
            if (!scan_unicode_escape(s))
                return false;
        } else if (*s->at && strchr("\"\\/bfnrt", *s->at)) {
            s->at++;
        } else {
            return fail(s, "unknown escape");
        }
    }
    if (s->at >= s->end)
        return fail(s, "unterminated string");
    if (all >= 0x80 && !text_is_utf8(start, (size_t)(s->at - start)))
        return fail(s, "invalid UTF-8");
    s->at++;
    return true;
}

static bool scan_value(struct scanner *s, int depth);

static bool scan_member(struct scanner *s, int depth) {
    const char *name = s->at + 1;
    if (!scan_string(s))
        return false;
    size_t length = (size_t)(s->at - 1 - name);
    if (s->builds)
        build_text(s, &s->item->string, name);
    skip_blanks(s);
    if (!next_is(s, ':'))
        return fail(s, "':' expected");
    s->at++;
    bool is_wanted = depth == 1 && s->wanted && strlen(s->wanted) == length &&
                     memcmp(s->wanted, name, length) == 0;
    skip_blanks(s);
    const char *value = s->at;
    if (!scan_value(s, depth))
        return false;
    if (is_wanted) {
        s->wanted_at = value;
        s->wanted_end = s->at;
    }
    return true;
}

static bool scan_container(struct scanner *s, char close, int depth) {
    if (depth >= s->max_depth)
        return fail(s, "nested too deeply");
    cJSON *container = s->item;
    if (s->builds)
        container->type = close == '}' ? cJSON_Object : cJSON_Array;
    s->at++;
    skip_blanks(s);
    if (next_is(s, close)) {
        s->at++;
        return true;
    }
    for (;;) {
        skip_blanks(s);
        if (s->builds)
            build_child(s, container);
        if (close == '}' ? !scan_member(s, depth + 1) : !scan_value(s, depth + 1))
            return false;
        skip_blanks(s);
        if (next_is(s, close)) {
            s->at++;
            return true;
        }
        if (!next_is(s, ','))
            return fail(s, close == '}' ? "',' or '}' expected" : "',' or ']' expected");
        s->at++;
    }
}

static bool scan_string_value(struct scanner *s) {
    const char *start = s->at + 1;
    if (!scan_string(s))
        return false;
    if (s->builds) {
        s->item->type = cJSON_String;
        build_text(s, &s->item->valuestring, start);
    }
    return true;
}

static bool scan_value(struct scanner *s, int depth) {
    skip_blanks(s);
    if (s->at >= s->end)
        return fail(s, "unexpected end");
    switch (*s->at) {
    case '{':
        return scan_container(s, '}', depth);
    case '[':
        return scan_container(s, ']', depth);
    case '"':
        return scan_string_value(s);
    case 't':
        return scan_literal(s, "true", cJSON_True);
    case 'f':
        return scan_literal(s, "false", cJSON_False);
    case 'n':
        return scan_literal(s, "null", cJSON_NULL);
    default:
        if (next_is(s, '-') || is_digit(s))
            return scan_number(s);
        return fail(s, "unexpected character");
    }
}

static bool scan_text(struct scanner *s) {
    if (!scan_value(s, 0))
        return false;
    skip_blanks(s);
    return s->at == s->end || fail(s, "unexpected text after the value");
}

static struct json_error describe(const char *text, const struct scanner *s) {
    struct json_error error = {.line = 1, .column = 1, .reason = s->reason};
    for (const char *p = text; p < s->at; p++) {
        error.column++;
        if (*p == '\n') {
            error.line++;
            error.column = 1;
        }
    }
    return error;
}

static int parse(const char *text, size_t length, int max_depth, cJSON **ret_tree,
                 struct json_error *reterr_error) {
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    CLEANUP(cleanup_json) cJSON *built = length <= FEW_BYTES ? cJSON_CreateNull() : NULL;
    struct scanner scanner = {
        .at = text, .end = text + length, .max_depth = max_depth, .builds = built, .item = built};
    if (!scan_text(&scanner)) {
        *reterr_error = describe(text, &scanner);
        return 1;
    }
    if (scanner.builds) {
        *ret_tree = TAKE(built);
        return 0;
    }
    /* The scan has accepted the text, so cJSON can only fail when memory is out. */
    CLEANUP(cleanup_free) char *copy = NULL;
    if (scanner.has_huge_numbers) {
        copy = json_number_blank(text, length, MAX_NUMBER_LENGTH);
        if (!copy)
            return FATAL(ENOMEM);
    }
    CLEANUP(cleanup_json) cJSON *tree = cJSON_ParseWithLength(copy ? copy : text, length);
    int r = tree ? 0 : FATAL(ENOMEM);
    if (r == 0 && scanner.has_long_numbers)
        r = json_number_keep(tree, text, length);
    if (r == 0)
        *ret_tree = TAKE(tree);
    return r;
}

cJSON *json_parse_own(const char *text) {
    cJSON *tree = NULL;
    struct json_error error;
    return parse(text, strlen(text), INT_MAX, &tree, &error) == 0 ? tree : NULL;
}

int json_parse(const char *text, size_t length, cJSON **ret_tree, struct json_error *reterr_error) {
    return parse(text, length, JSON_MAX_DEPTH, ret_tree, reterr_error);
}

int json_parse_dump(const char *text, size_t length, cJSON **ret_tree,
                    struct json_error *reterr_error) {
    return parse(text, length, JSON_MAX_DUMP_DEPTH, ret_tree, reterr_error);
}

/* Parses the text without the list that the scanner has found. */
static int parse_rest(const char *text, size_t length, const struct scanner *scanner,
                      cJSON **ret_rest) {
    size_t before = (size_t)(scanner->wanted_at + 1 - text);
    size_t after = (size_t)(text + length - (scanner->wanted_end - 1));
    CLEANUP(cleanup_free) char *rest = malloc(before + after);
    if (!rest)
        return FATAL(ENOMEM);
    memcpy(rest, text, before);
    memcpy(rest + before, scanner->wanted_end - 1, after);
    cJSON *tree = cJSON_ParseWithLength(rest, before + after);
    if (!tree)
        return FATAL(ENOMEM);
    *ret_rest = tree;
    return 0;
}

int json_split(const char *text, size_t length, const char *name, cJSON **ret_rest,
               struct json_elements *ret_elements) {
    struct scanner s = {
        .at = text, .end = text + length, .max_depth = JSON_MAX_DUMP_DEPTH, .wanted = name};
    if (!scan_text(&s) || s.has_long_numbers || s.has_huge_numbers || !s.wanted_at ||
        *s.wanted_at != '[')
        return 1;
    int r = parse_rest(text, length, &s, ret_rest);
    if (r == 0)
        *ret_elements = (struct json_elements){s.wanted_at + 1, s.wanted_end - 1};
    return r;
}

int json_next(struct json_elements *elements, cJSON **ret_element) {
    struct scanner s = {.at = elements->at, .end = elements->end};
    skip_blanks(&s);
    if (next_is(&s, ','))
        s.at++;
    skip_blanks(&s);
    if (s.at == s.end)
        return 1;
    /* The text is known to be valid, so cJSON can only fail when memory is out. */
    cJSON *element = cJSON_ParseWithLengthOpts(s.at, (size_t)(s.end - s.at), &elements->at, false);
    if (!element)
        return FATAL(ENOMEM);
    *ret_element = element;
    return 0;
}

/* `levels` are those of containers that there may be. */
static const char *find_flaw(const cJSON *value, int levels) {
    const char *flaw = NULL;
    const cJSON *child;
    if (!cJSON_IsObject(value) && !cJSON_IsArray(value))
        return NULL;
    if (levels == 0)
        return "is nested too deeply";
    cJSON_ArrayForEach (child, value)
        if (!flaw)
            flaw = find_flaw(child, levels - 1);
    return flaw;
}

const char *json_find_flaw(const cJSON *value) {
    return find_flaw(value, JSON_MAX_DEPTH);
}

bool json_is_integer(const cJSON *value) {
    double number = cJSON_IsNumber(value) ? value->valuedouble : 0.5;
    return number >= -(double)JSON_MAX_INTEGER && number <= (double)JSON_MAX_INTEGER &&
           number == (double)(int64_t)number;
}

struct member {
    cJSON *item;
    size_t index;
};

static int compare_members(const void *a, const void *b) {
    const struct member *left = a;
    const struct member *right = b;
    int order = strcmp(left->item->string, right->item->string);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static int tidy_object(cJSON *object) {
    size_t count = (size_t)cJSON_GetArraySize(object);
    CLEANUP(cleanup_free) struct member *members = calloc(count + 1, sizeof(*members));
    if (!members)
        return FATAL(ENOMEM);
    size_t i = 0;
    cJSON *item;
    cJSON_ArrayForEach (item, object) {
        members[i] = (struct member){item, i};
        i++;
    }
    qsort(members, count, sizeof(*members), compare_members);
    for (i = 0; i < count; i++) {
        item = members[i].item;
        bool repeated = i + 1 < count && strcmp(item->string, members[i + 1].item->string) == 0;
        if (repeated || cJSON_IsNull(item))
            cJSON_Delete(cJSON_DetachItemViaPointer(object, item));
    }
    return 0;
}

int json_tidy(cJSON *tree) {
    int r = cJSON_IsObject(tree) ? tidy_object(tree) : 0;
    cJSON *child;
    cJSON_ArrayForEach (child, tree)
        if (r == 0)
            r = json_tidy(child);
    return r;
}

enum { ALLOCATION = 16 }; /* overhead of the heap for each allocation */

size_t json_memory(const cJSON *tree) {
    size_t size = 0;
    for (; tree; tree = tree->next) {
        size += sizeof(*tree) + ALLOCATION + json_memory(tree->child);
        size += tree->string ? strlen(tree->string) + ALLOCATION : 0;
        size += tree->valuestring ? strlen(tree->valuestring) + ALLOCATION : 0;
    }
    return size;
}

/* Each value but the root, and its name, follows one of these. */
size_t json_estimate_memory(const char *text, size_t size) {
    size_t values = 1;
    for (size_t i = 0; i < size; i++)
        values += text[i] == ',' || text[i] == '[' || text[i] == '{';
    return size + values * (sizeof(cJSON) + 5 * (size_t)ALLOCATION);
}
