#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "templates/helper_tables.h"
#include "templates/letters.h"
#include "templates/patterns.h"
#include "util/base64.h"
#include "util/fatal.h"
#include "util/text.h"

static int append(struct buffer *out, const char *text, size_t size) {
    return buffer_append(out, text, size, VALUE_MAX_OUTPUT);
}

/* The text that a helper works on: its block, or else its parameter. */
static int subject_of(struct evaluation *e, const struct call *call, struct value *ret_text) {
    return call->is_body ? evaluation_capture(e, call->body, ret_text)
                         : evaluation_param_text(e, call, 0, ret_text);
}

static bool is_trimmed(char c) {
    return (unsigned char)c <= ' ';
}

static int run_trim(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    int r = subject_of(e, call, &text);
    if (r != 0)
        return r;
    while (text.size > 0 && is_trimmed(*text.text)) {
        text.text++;
        text.size--;
    }
    size_t size = text.size;
    while (size > 0 && is_trimmed(text.text[size - 1]))
        size--;
    const char *copy = arena_copy(e->room.arena, text.text, size);
    if (!copy)
        return FATAL(ENOMEM);
    *ret_value = value_of_bytes(copy, size);
    return 0;
}

/* Decodes base64, with or without padding. */
static int decode_base64(struct evaluation *e, const struct call *call, const struct value *text,
                         struct value *ret_value) {
    char *bytes = NULL;
    size_t size = 0;
    const char *padding = text->size % 4 == 2 ? "==" : text->size % 4 == 3 ? "=" : "";
    const char *padded = arena_format(e->room.arena, "%s%s", text->text, padding);
    if (!padded)
        return FATAL(ENOMEM);
    int r = base64_decode(padded, e->room.arena, &bytes, &size);
    if (r > 0)
        return evaluation_fail(e, call, "cannot decode '%.40s', which is not base64", text->text);
    if (r == 0)
        *ret_value = value_of_bytes(bytes, size);
    return r;
}

static int run_base64(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct value decodes = {0};
    struct value pads = {0};
    int r = subject_of(e, call, &text);
    if (r == 0)
        r = evaluation_option(e, call, "decode", &decodes);
    if (r == 0)
        r = evaluation_option(e, call, "padding", &pads);
    if (r != 0)
        return r;
    if (decodes.kind == VALUE_BOOLEAN && decodes.is_true)
        return decode_base64(e, call, &text, ret_value);
    const char *encoded = base64_encode(text.text, text.size, e->room.arena);
    if (!encoded)
        return FATAL(ENOMEM);
    size_t size = strlen(encoded);
    if (pads.kind == VALUE_BOOLEAN && !pads.is_true)
        size = strcspn(encoded, "=");
    const char *copy = arena_copy(e->room.arena, encoded, size);
    *ret_value = value_of_bytes(copy, size);
    return copy ? 0 : FATAL(ENOMEM);
}

/* The form encoding of java.net.URLEncoder. */
static int encode_url(const struct value *text, struct buffer *out) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < text->size; i++) {
        char escape[4];
        unsigned char c = (unsigned char)text->text[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || (c && strchr("-_.*", c));
        if (is_plain || c == ' ') {
            r = append(out, c == ' ' ? "+" : text->text + i, 1);
            continue;
        }
        snprintf(escape, sizeof(escape), "%%%02X", c);
        r = append(out, escape, 3);
    }
    return r;
}

static int run_url_encode(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct value decodes = {0};
    struct buffer out = {0};
    int r = evaluation_param_text(e, call, 0, &text);
    if (r == 0)
        r = evaluation_option(e, call, "decode", &decodes);
    if (r != 0)
        return r;
    if (decodes.kind != VALUE_BOOLEAN || !decodes.is_true) {
        r = encode_url(&text, &out);
        return evaluation_take(e, call, r, &out, ret_value);
    }
    char *decoded = arena_alloc(e->room.arena, text.size + 1);
    if (!decoded)
        return FATAL(ENOMEM);
    if (text_form_decode(text.text, text.size, decoded) != 0)
        return evaluation_fail(e, call, "cannot decode '%.40s'", text.text);
    *ret_value = value_of_text(decoded);
    return 0;
}

/* Changes the case of letters. */
static int change_case(struct evaluation *e, const struct call *call, enum letters_change change,
                       struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    if (r == 0)
        r = evaluation_text(e, call, &value, &value);
    if (r != 0)
        return r;
    char *copy = arena_copy(e->room.arena, value.text, value.size);
    if (!copy)
        return FATAL(ENOMEM);
    letters_change(copy, value.size, change);
    *ret_value = value_of_bytes(copy, value.size);
    return 0;
}

static int run_upper(struct evaluation *e, const struct call *call, struct value *ret_value) {
    return change_case(e, call, LETTERS_UPPER, ret_value);
}

static int run_lower(struct evaluation *e, const struct call *call, struct value *ret_value) {
    return change_case(e, call, LETTERS_LOWER, ret_value);
}

static int run_capitalize(struct evaluation *e, const struct call *call, struct value *ret_value) {
    bool is_fully = false;
    int r = evaluation_option_flag(e, call, "fully", &is_fully);
    return r == 0 ? change_case(e, call, is_fully ? LETTERS_TITLE_ONLY : LETTERS_TITLE, ret_value)
                  : r;
}

static int run_capitalize_first(struct evaluation *e, const struct call *call,
                                struct value *ret_value) {
    return change_case(e, call, LETTERS_FIRST, ret_value);
}

/* Takes the first parameter that is not empty, or the last one. */
static int run_default_if_empty(struct evaluation *e, const struct call *call,
                                struct value *ret_value) {
    struct value value = {0};
    int r = evaluation_param(e, call, 0, &value);
    for (size_t i = 1; r == 0 && i < call->n_params && !value_is_true(&value); i++)
        r = evaluation_param(e, call, i, &value);
    if (r == 0)
        *ret_value = value;
    return r;
}

/* Puts one text in the place of another. */
static int substitute(struct evaluation *e, const struct call *call, const struct value *old,
                      const struct value *new, struct value *ret_value) {
    struct value text = {0};
    struct buffer out = {0};
    int r = evaluation_param_text(e, call, 0, &text);
    if (r != 0)
        return r;
    const char *at = text.text;
    const char *end = at + text.size;
    for (const char *found;
         r == 0 && old->size > 0 && (found = memmem(at, (size_t)(end - at), old->text, old->size));
         at = found + old->size) {
        r = append(&out, at, (size_t)(found - at));
        if (r == 0)
            r = append(&out, new->text, new->size);
    }
    if (r == 0)
        r = append(&out, at, (size_t)(end - at));
    return evaluation_take(e, call, r, &out, ret_value);
}

static int run_replace(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value old = {0};
    struct value new = {0};
    int r = evaluation_param_text(e, call, 1, &old);
    if (r == 0)
        r = evaluation_param_text(e, call, 2, &new);
    return r == 0 ? substitute(e, call, &old, &new, ret_value) : r;
}

static int run_cut(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value old = value_of_text(" ");
    const struct value nothing = value_of_text("");
    int r = call->n_params > 1 ? evaluation_param_text(e, call, 1, &old) : 0;
    return r == 0 ? substitute(e, call, &old, &nothing, ret_value) : r;
}

/* Returns the byte at which a unit of UTF-16 starts. */
static size_t byte_at(const struct value *text, int64_t unit) {
    size_t at = 0;
    for (int64_t count = 0; at < text->size && count < unit; at++) {
        unsigned char byte = (unsigned char)text->text[at];
        count += byte >= 0xf0 ? 2 : 1;
        while (at + 1 < text->size && ((unsigned char)text->text[at + 1] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

static int run_substring(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    int64_t start = 0;
    int r = evaluation_param_text(e, call, 0, &text);
    int64_t length = r == 0 ? value_length(text.text, text.size) : 0;
    int64_t end = length;
    if (r == 0 && call->n_params < 2)
        return evaluation_fail(e, call, "needs a start");
    if (r == 0)
        r = evaluation_param_integer(e, call, 1, &start);
    if (r == 0 && call->n_params > 2)
        r = evaluation_param_integer(e, call, 2, &end);
    if (r != 0)
        return r;
    if (start < 0 || end < start || end > length)
        return evaluation_fail(e, call, "has no characters %lld to %lld of %lld", (long long)start,
                               (long long)end, (long long)length);
    size_t from = byte_at(&text, start);
    size_t size = byte_at(&text, end) - from;
    const char *copy = arena_copy(e->room.arena, text.text + from, size);
    *ret_value = value_of_bytes(copy, size);
    return copy ? 0 : FATAL(ENOMEM);
}

/* Gives the groups of a match a name, under which the template finds them. */
static int assign_groups(struct evaluation *e, const struct call *call,
                         const struct regex_group *groups, size_t count) {
    struct value name = {0};
    struct value_item *items = arena_alloc(e->room.arena, count * sizeof(*items));
    int r = evaluation_param_text(e, call, 2, &name);
    if (r != 0 || !items)
        return r != 0 ? r : FATAL(ENOMEM);
    for (size_t i = 1; i < count; i++) {
        const char *copy = arena_copy(e->room.arena, groups[i].text, groups[i].size);
        if (!copy)
            return FATAL(ENOMEM);
        if (groups[i].text)
            items[i - 1].value = value_of_bytes(copy, groups[i].size);
    }
    struct value list = value_of_list(items, count - 1);
    list.is_first = true;
    return evaluation_assign(e, name.text, &list);
}

static int run_regex_extract(struct evaluation *e, const struct call *call,
                             struct value *ret_value) {
    struct value text = {0};
    const struct regex *regex = NULL;
    const struct regex_group *groups = NULL;
    size_t count = 0;
    int r = evaluation_param_text(e, call, 0, &text);
    if (r == 0)
        r = patterns_compile(e, call, REGEX_SEARCH, &regex);
    if (r != 0)
        return r;
    r = regex_find(regex, text.text, text.size, e->room.budget, e->room.arena, &groups, &count);
    bool is_found = r == 0 && (call->n_params < 3 || count > 1);
    r = evaluation_check(e, call, r < 0 ? r : 0);
    if (r != 0)
        return r;
    if (is_found && call->n_params > 2)
        return assign_groups(e, call, groups, count);
    if (is_found) {
        const char *copy = arena_copy(e->room.arena, groups[0].text, groups[0].size);
        *ret_value = value_of_bytes(copy, groups[0].size);
        return copy ? 0 : FATAL(ENOMEM);
    }
    if (syntax_option(call, "default"))
        return evaluation_option(e, call, "default", ret_value);
    r = evaluation_param_text(e, call, 1, &text);
    return r == 0 ? evaluation_complain(e, ret_value, "Nothing matched %s", text.text) : r;
}

/* Leaves out what looks like a tag of HTML. */
static int run_strip_tags(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct buffer out = {0};
    int r = evaluation_param_text(e, call, 0, &text);
    if (r != 0)
        return r;
    const char *at = text.text;
    const char *end = at + text.size;
    while (r == 0 && at < end) {
        const char *open = memchr(at, '<', (size_t)(end - at));
        const char *close = open ? memchr(open, '>', (size_t)(end - open)) : NULL;
        r = append(&out, at, (size_t)((close ? open : end) - at));
        at = close ? close + 1 : end;
    }
    return evaluation_take(e, call, r, &out, ret_value);
}

const struct helper helpers_text[] = {
    {"trim", .run = run_trim, .has_body = true},
    {"base64", .run = run_base64, .options = "decode padding", .has_body = true},
    {"urlEncode", .run = run_url_encode, .options = "decode"},
    {"upper", .run = run_upper},
    {"lower", .run = run_lower},
    {"capitalize", .run = run_capitalize, .options = "fully"},
    {"capitalizeFirst", .run = run_capitalize_first},
    {"defaultIfEmpty", .run = run_default_if_empty},
    {"replace", .run = run_replace},
    {"cut", .run = run_cut},
    {"substring", .run = run_substring},
    {"regexExtract", .run = run_regex_extract, .options = "default", .check = patterns_check},
    {"stripTags", .run = run_strip_tags},
    {.name = NULL},
};
