#include "util/regex_java.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTED_CLASSES = 32, MAX_PROPERTY_SIZE = 40 };

struct translator {
    const char *at;
    struct buffer *out;
    size_t limit;
    const char *reason;
    unsigned n_groups;  /* opened so far */
    unsigned n_nested;  /* classes around this place */
    bool is_at_start;   /* nothing but flags so far */
    bool has_comments;  /* the flag x */
    bool wants_unicode; /* the flag U */
};

static int refuse(struct translator *t, const char *reason) {
    t->reason = reason;
    return 1;
}

static int put(struct translator *t, const char *bytes, size_t size) {
    int r = buffer_append(t->out, bytes, size, t->limit);
    return r > 0 ? refuse(t, "it is too long") : r;
}

static int put_text(struct translator *t, const char *text) {
    return put(t, text, strlen(text));
}

/* Copies so many bytes of the pattern. */
static int copy(struct translator *t, size_t size) {
    const char *from = t->at;
    t->at += size;
    return put(t, from, size);
}

static int put_code_point(struct translator *t, uint32_t code_point) {
    char text[24];
    snprintf(text, sizeof(text), "\\x{%x}", (unsigned)code_point);
    return put_text(t, text);
}

/* Reads exactly four hexadecimal digits. */
static bool read_unit(const char *digits, uint32_t *ret_unit) {
    char text[5] = "";
    if (strspn(digits, "0123456789abcdefABCDEF") < 4)
        return false;
    memcpy(text, digits, 4);
    *ret_unit = (uint32_t)strtoul(text, NULL, 16);
    return true;
}

/* \uD83D\uDE00 is one character. */
static int translate_unicode(struct translator *t) {
    uint32_t unit;
    uint32_t low;
    if (!read_unit(t->at + 2, &unit))
        return refuse(t, "\\u needs four hexadecimal digits");
    t->at += 6;
    if (unit >= 0xD800 && unit < 0xDC00 && t->at[0] == '\\' && t->at[1] == 'u' &&
        read_unit(t->at + 2, &low) && low >= 0xDC00 && low < 0xE000) {
        t->at += 6;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    return put_code_point(t, unit);
}

/* \0 has one to three octal digits in Java, and at most two more in PCRE2. */
static int translate_octal(struct translator *t) {
    const char *digits = t->at + 2;
    size_t length = strspn(digits, "01234567");
    size_t limit = digits[0] <= '3' ? 3 : 2;
    uint32_t code_point = 0;
    if (length == 0)
        return refuse(t, "\\0 needs an octal digit");
    length = length < limit ? length : limit;
    for (size_t i = 0; i < length; i++)
        code_point = code_point * 8 + (uint32_t)(digits[i] - '0');
    t->at = digits + length;
    return put_code_point(t, code_point);
}

/* Java takes as many digits for the number of a group as there are groups before this place, PCRE2
 * as there are in the whole pattern. */
static int translate_reference(struct translator *t) {
    unsigned group = (unsigned)(t->at[1] - '0');
    char text[24];
    t->at += 2;
    while (*t->at >= '0' && *t->at <= '9' && group * 10 + (unsigned)(*t->at - '0') <= t->n_groups)
        group = group * 10 + (unsigned)(*t->at++ - '0');
    snprintf(text, sizeof(text), "\\g{%u}", group);
    return put_text(t, text);
}

/* Finds the POSIX class that Java calls \p{NAME}. PCRE2 takes some of these names for properties of
 * Unicode. Returns NULL when it is none. */
static const char *find_posix(const char *name) {
    static const struct {
        const char *name;
        const char *posix;
    } classes[] = {
        {"ASCII", "ascii"},   {"Alnum", "alnum"}, {"Alpha", "alpha"}, {"Blank", "blank"},
        {"Cntrl", "cntrl"},   {"Digit", "digit"}, {"Graph", "graph"}, {"Lower", "lower"},
        {"Print", "print"},   {"Punct", "punct"}, {"Space", "space"}, {"Upper", "upper"},
        {"XDigit", "xdigit"},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strcmp(classes[i].name, name) == 0)
            return classes[i].posix;
    return NULL;
}

static int translate_property(struct translator *t, bool is_in_class) {
    static const char *const prefixes[] = {"Is", "general_category=", "gc=", "script=", "sc="};
    char name[MAX_PROPERTY_SIZE];
    char text[MAX_PROPERTY_SIZE + 16];
    bool is_negative = t->at[1] == 'P';
    if (t->at[2] != '{')
        return copy(t, 2);
    size_t size = strcspn(t->at + 3, "}");
    if (t->at[3 + size] != '}' || size >= sizeof(name))
        return refuse(t, "it has an unknown property");
    memcpy(name, t->at + 3, size);
    name[size] = '\0';
    t->at += size + 4;
    const char *posix = find_posix(name);
    if (posix) {
        snprintf(text, sizeof(text), is_in_class ? "[:%s%s:]" : "[[:%s%s:]]",
                 is_negative ? "^" : "", posix);
        return put_text(t, text);
    }
    const char *property = name;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]) && property == name; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            property += strlen(prefixes[i]);
    snprintf(text, sizeof(text), "\\%c{%s}", is_negative ? 'P' : 'p', property);
    return put_text(t, text);
}

/* \Q…\E; without \E, to the end. */
static int translate_quotation(struct translator *t) {
    const char *end = strstr(t->at + 2, "\\E");
    const char *next = end ? end + 2 : t->at + strlen(t->at);
    end = end ? end : next;
    int r = 0;
    for (const char *c = t->at + 2; c < end && r == 0; c++) {
        bool is_word = (unsigned char)*c >= 0x80 || strchr("_ ", *c) || (*c >= '0' && *c <= '9') ||
                       (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
        r = is_word && *c != ' ' ? 0 : put(t, "\\", 1);
        r = r == 0 ? put(t, c, 1) : r;
    }
    t->at = next;
    return r;
}

static int translate_escape(struct translator *t, bool is_in_class) {
    char c = t->at[1];
    switch (c) {
    case '\0':
        return copy(t, 1);
    case 'Q':
        return translate_quotation(t);
    case 'p':
    case 'P':
        return translate_property(t, is_in_class);
    case 'u':
        return translate_unicode(t);
    case '0':
        return translate_octal(t);
    default:
        if (!is_in_class && c >= '1' && c <= '9')
            return translate_reference(t);
        if (t->at[2] == '{' && strchr("xN", c)) /* the code point or the name of a character */
            return copy(t, 2 + strcspn(t->at + 2, "}"));
        return copy(t, 2);
    }
}

/* A class that PCRE2 reads as Java does has no class within and no intersection. */
static bool is_plain(const char *inner) {
    bool is_first = true;
    for (const char *c = inner; *c; c++, is_first = false) {
        if (*c == '[' || (c[0] == '&' && c[1] == '&') || (c[0] == '\\' && c[1] == 'Q'))
            return false;
        if (*c == ']' && !is_first)
            return true;
        if (*c == '\\' && c[1])
            c++;
    }
    return true;
}

/* Translates one character, range end or escape of a class. A hyphen after an escape such as \w
 * stands for itself. */
static int translate_item(struct translator *t) {
    if (*t->at != '\\')
        return copy(t, 1);
    bool is_set = t->at[1] && strchr("dDhHsSvVwWpP", t->at[1]);
    int r = translate_escape(t, true);
    if (r != 0 || !is_set || *t->at != '-' || t->at[1] == ']')
        return r;
    t->at++;
    return put_text(t, "\\-");
}

static int translate_plain_class(struct translator *t) {
    int r = 0;
    if (*t->at == ']')
        r = copy(t, 1);
    while (r == 0 && *t->at && *t->at != ']')
        r = translate_item(t);
    if (r == 0 && !*t->at)
        return refuse(t, "a '[' has no ']'");
    return r == 0 ? copy(t, 1) : r;
}

static int translate_class(struct translator *t);

/* Translates the operand of an intersection to alternatives, as in [a-c]|[x-z]. */
static int translate_operand(struct translator *t) {
    bool is_open = false;
    bool is_empty = true;
    int r = 0;
    while (r == 0 && *t->at && *t->at != ']' && !(t->at[0] == '&' && t->at[1] == '&')) {
        bool is_nested = *t->at == '[';
        if (is_open && is_nested) {
            r = put_text(t, "]");
            is_open = false;
        }
        if (r == 0 && !is_open && !is_empty)
            r = put_text(t, "|");
        if (r == 0 && !is_open && !is_nested)
            r = put_text(t, "[");
        is_open = !is_nested;
        is_empty = false;
        if (r == 0)
            r = is_nested ? translate_class(t) : translate_item(t);
    }
    return r == 0 && is_open ? put_text(t, "]") : r;
}

/* PCRE2 has no intersections, so [a&&b] becomes (?:(?=[a])(?=[b])(?s:.)). */
static int translate_intersection(struct translator *t, bool is_negative) {
    int r = put_text(t, is_negative ? "(?:(?!" : "(?:");
    do {
        while (r == 0 && *t->at == '&' && t->at[1] == '&')
            t->at += 2;
        r = r == 0 ? put_text(t, "(?=") : r;
        r = r == 0 ? translate_operand(t) : r;
        r = r == 0 ? put_text(t, ")") : r;
    } while (r == 0 && *t->at == '&');
    if (r == 0 && *t->at != ']')
        return refuse(t, "a '[' has no ']'");
    t->at += r == 0;
    return r == 0 ? put_text(t, is_negative ? ")(?s:.))" : "(?s:.))") : r;
}

static int translate_class(struct translator *t) {
    bool is_negative = t->at[1] == '^';
    const char *inner = t->at + (is_negative ? 2 : 1);
    int r;
    if (t->n_nested == MAX_NESTED_CLASSES)
        return refuse(t, "its classes are nested too deeply");
    if (t->n_nested > 0 && t->at[1] == ':')
        return refuse(t, "it has a POSIX class, which Java writes as \\p{Alpha}");
    t->n_nested++;
    if (is_plain(inner)) {
        r = copy(t, is_negative ? 2 : 1);
        r = r == 0 ? translate_plain_class(t) : r;
    } else {
        t->at = inner;
        r = translate_intersection(t, is_negative);
    }
    t->n_nested--;
    return r;
}

/* Flags, as in (?i) and (?i-s:…). PCRE2 is always as u and d say; x is xx there, and U, which means
 * something else there, is an option of the whole pattern. */
static int translate_flags(struct translator *t) {
    bool is_on = true;
    int r = copy(t, 2);
    for (; r == 0 && *t->at && !strchr(":)", *t->at); t->at++) {
        char flag = *t->at;
        if (flag == '-')
            is_on = false;
        if (flag == 'x')
            t->has_comments = is_on;
        if (flag == 'U' && (!is_on || !t->is_at_start))
            return refuse(t, "it has the flag U elsewhere than at its start");
        if (flag == 'U')
            t->wants_unicode = true;
        else if (flag == 'x')
            r = put_text(t, "xx");
        else if (flag != 'u' && flag != 'd')
            r = put(t, &flag, 1);
    }
    if (*t->at == ':')
        t->is_at_start = false;
    return r == 0 && *t->at ? copy(t, 1) : r;
}

static int translate_group(struct translator *t) {
    if (t->at[1] == '*')
        return refuse(t, "a '*' has nothing to repeat");
    if (t->at[1] == '?' && strspn(t->at + 2, "idmsuxU-") > 0)
        return translate_flags(t);
    t->is_at_start = false;
    bool is_named = t->at[1] == '?' && t->at[2] == '<' && t->at[3] != '=' && t->at[3] != '!';
    t->n_groups += t->at[1] != '?' || is_named;
    return copy(t, 1);
}

/* What Java refuses here, PCRE2 takes for itself, or for {0,n} in later versions. */
static int translate_repetition(struct translator *t) {
    size_t digits = strspn(t->at + 1, "0123456789");
    const char *end = t->at + 1 + digits;
    if (*end == ',')
        end += 1 + strspn(end + 1, "0123456789");
    if (digits == 0 || *end != '}')
        return refuse(t, "a '{' that is no repetition needs a '\\' before it");
    return copy(t, (size_t)(end + 1 - t->at));
}

static int translate_one(struct translator *t) {
    char c = *t->at;
    if (c == '(')
        return translate_group(t);
    t->is_at_start = false;
    switch (c) {
    case '\\':
        return translate_escape(t, false);
    case '[':
        return translate_class(t);
    case '{':
        return translate_repetition(t);
    case '#':
        return copy(t, t->has_comments ? strcspn(t->at, "\n") : 1);
    default:
        return copy(t, 1);
    }
}

int regex_from_java(const char *pattern, size_t limit, struct buffer *out,
                    const char **reterr_reason) {
    static const char unicode[] = "(*UCP)";
    struct translator t = {.at = pattern, .out = out, .limit = limit, .is_at_start = true};
    size_t start = out->size;
    int r = 0;
    while (r == 0 && *t.at)
        r = translate_one(&t);
    if (r == 0 && t.wants_unicode) {
        r = put_text(&t, unicode);
        if (r == 0) {
            size_t size = sizeof(unicode) - 1;
            memmove(out->bytes + start + size, out->bytes + start, out->size - start - size);
            memcpy(out->bytes + start, unicode, size);
        }
    }
    *reterr_reason = t.reason;
    return r;
}
