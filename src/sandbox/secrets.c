#include "sandbox/secrets.h"

#include <ctype.h>
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"

enum { NAME_SIZE = 128 }; /* only the start of longer names counts */

/* ---- Names */

struct word {
    const char *text;
    size_t length;
};
#define WORD(text)                                                                                 \
    { text, sizeof(text) - 1 }

static bool ends_with(const char *name, size_t length, const struct word *end) {
    return length >= end->length && name[length - 1] == end->text[end->length - 1] &&
           memcmp(name + length - end->length, end->text, end->length) == 0;
}

static bool ends_as_secret(const char *name, size_t length) {
    static const struct word ends[] = {WORD("password"),  WORD("passwd"),     WORD("passphrase"),
                                       WORD("passcode"),  WORD("pwd"),        WORD("secret"),
                                       WORD("token"),     WORD("jwt"),        WORD("apikey"),
                                       WORD("accesskey"), WORD("privatekey"), WORD("assertion"),
                                       WORD("credential")};
    static const struct word names[] = {WORD("pass"), WORD("authorization"), WORD("sessionid")};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_with(name, length, &ends[i]))
            return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].length == length && memcmp(name, names[i].text, length) == 0)
            return true;
    return false;
}

/* Removes endings, since "passwordHash" and "password2" are as secret as "password". Returns the
 * length of the rest. */
static size_t strip(const char *name, size_t length) {
    static const struct word ends[] = {WORD("hash"),         WORD("value"),   WORD("key"),
                                       WORD("confirmation"), WORD("confirm"), WORD("repeat"),
                                       WORD("again"),        WORD("text")};
    while (length > 0 && isdigit((unsigned char)name[length - 1]))
        length--;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_with(name, length, &ends[i]))
            return length - ends[i].length;
    return length;
}

static bool is_stripped_secret(const char *name, size_t length) {
    size_t stripped = strip(name, length);
    return stripped > 0 && stripped < length && ends_as_secret(name, stripped);
}

/* Sorts out most names quickly. Every name of a secret has one of these letters or a double s. */
static bool may_be_secret(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char c = (char)(name[i] | 0x20);
        if (c == 'w' || c == 'k' || c == 'c' || c == 'z' ||
            (c == 's' && i > 0 && (name[i - 1] | 0x20) == 's'))
            return true;
    }
    return false;
}

bool secrets_is_name(const char *name, size_t length, bool *ret_is_plural) {
    char plain[NAME_SIZE];
    size_t size = 0;
    *ret_is_plural = false;
    if (!may_be_secret(name, length))
        return false;
    for (size_t i = 0; i < length && size < NAME_SIZE; i++)
        if (isalnum((unsigned char)name[i]))
            plain[size++] = (char)tolower((unsigned char)name[i]);
    if (ends_as_secret(plain, size) || is_stripped_secret(plain, size))
        return true;
    *ret_is_plural = size > 0 && plain[size - 1] == 's' && ends_as_secret(plain, size - 1);
    return *ret_is_plural;
}

/* ---- Texts */

/* Copies a text from start to end and replaces the secrets with masks. */
struct masker {
    const char *at;
    const char *end;
    const char *copied; /* the end of what was copied or masked */
    struct buffer *out; /* NULL: only find out whether there are secrets */
    int r;
};

static void append(struct masker *masker, const char *bytes, size_t size) {
    if (masker->r == 0 && masker->out)
        masker->r = buffer_append(masker->out, bytes, size, SIZE_MAX / 2);
}

static void mask(struct masker *masker, const char *start, const char *end, const char *text) {
    if (start == end)
        return;
    append(masker, masker->copied, (size_t)(start - masker->copied));
    append(masker, text, strlen(text));
    masker->copied = end;
}

static int finish(struct masker *masker, const char *start) {
    if (masker->copied > start)
        append(masker, masker->copied, (size_t)(masker->end - masker->copied));
    return masker->r;
}

static bool is_among(const char *characters, char c) {
    return c && strchr(characters, c);
}

/* Returns the next of the characters, starting at `at`, or the end. */
static const char *find(const struct masker *masker, const char *at, const char *characters) {
    while (at < masker->end && !is_among(characters, *at))
        at++;
    return at;
}

static bool is_number(const char *start, const char *end) {
    while (start < end && (isdigit((unsigned char)*start) || is_among("+-.eE", *start)))
        start++;
    return start == end;
}

static bool is_secret_field(const char *name, size_t length, const char *value, const char *end) {
    char decoded[NAME_SIZE * 3 + 1];
    bool is_plural;
    if (length < sizeof(decoded) && memchr(name, '%', length) &&
        text_form_decode(name, length, decoded) == 0)
        return is_secret_field(decoded, strlen(decoded), value, end);
    return secrets_is_name(name, length, &is_plural) && !(is_plural && is_number(value, end));
}

/* Masks from the first secret name to the end. A value may itself contain the name of a secret, as
 * in "back=/x?token=y" or after an escaped separator. */
static void mask_pair(struct masker *masker, const char *name, const char *end) {
    const char *equals;
    for (; (equals = memchr(name, '=', (size_t)(end - name))); name = equals + 1) {
        if (!is_secret_field(name, (size_t)(equals - name), equals + 1, end))
            continue;
        mask(masker, equals + 1, end, SECRETS_MASK);
        return;
    }
}

/* name=value&name=value */
static void mask_pairs(struct masker *masker, const char *at, const char *end,
                       const char *separators) {
    while (at < end) {
        const char *next = at;
        while (next < end && !is_among(separators, *next))
            next++;
        mask_pair(masker, at, next);
        at = next + 1;
    }
}

/* Masks what follows the path of a URL. The fragment is treated like the query. */
static void mask_query(struct masker *masker, const char *url, const char *end) {
    const char *query = memchr(url, '?', (size_t)(end - url));
    const char *fragment = memchr(url, '#', (size_t)((query ? query : end) - url));
    query = fragment ? fragment : query;
    if (query)
        mask_pairs(masker, query + 1, end, "&#");
}

int secrets_mask_url(const char *url, struct buffer *out) {
    struct masker masker = {.end = url + strlen(url), .copied = url, .out = out};
    mask_query(&masker, url, masker.end);
    return finish(&masker, url);
}

/* ---- Headers */

static bool is_one_of(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (text_is_same_name(name, names[i]))
            return true;
    return false;
}

static bool is_scheme(const char *value, size_t length) {
    static const char *const schemes[] = {"Basic", "Bearer", "Digest", "Negotiate"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strlen(schemes[i]) == length && strncasecmp(value, schemes[i], length) == 0)
            return true;
    return false;
}

/* Hides the whole value when the scheme is unknown, since the secret may start anywhere. */
bool secrets_hide_header(const char *name, const char *value, size_t *ret_seen) {
    static const char *const harmless[] = {"Host",       "Content-Type",    "Content-Length",
                                           "User-Agent", "Accept",          "Accept-Encoding",
                                           "Connection", "Accept-Language", "Cache-Control"};
    static const char *const credentials[] = {"Authorization", "Proxy-Authorization"};
    static const char *const others[] = {"Cookie", "Set-Cookie", "X-Kestub-Console"};
    static const char *const urls[] = {"Location", "Referer"};
    bool is_plural;
    *ret_seen = 0;
    if (is_one_of(name, harmless, sizeof(harmless) / sizeof(harmless[0]))) /* most are */
        return false;
    if (is_one_of(name, credentials, sizeof(credentials) / sizeof(credentials[0]))) {
        size_t scheme = strcspn(value, " ");
        *ret_seen = value[scheme] && is_scheme(value, scheme) ? scheme + 1 : 0;
        return true;
    }
    if (is_one_of(name, urls, sizeof(urls) / sizeof(urls[0]))) {
        struct masker masker = {.end = value + strlen(value), .copied = value};
        mask_query(&masker, value, masker.end);
        *ret_seen = strcspn(value, "?#") + 1;
        return masker.copied > value;
    }
    return is_one_of(name, others, sizeof(others) / sizeof(others[0])) ||
           secrets_is_name(name, strlen(name), &is_plural);
}

/* ---- JSON, which may be truncated or invalid */

static const char *skip_blanks(const struct masker *masker, const char *at) {
    while (at < masker->end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* Returns the quote that ends the string whose text starts at `at`, or the end. */
static const char *find_quote(const struct masker *masker, const char *at) {
    const char *start = at;
    while ((at = memchr(at, '"', (size_t)(masker->end - at)))) {
        const char *escape = at;
        while (escape > start && escape[-1] == '\\')
            escape--;
        if ((at - escape) % 2 == 0)
            return at;
        at++;
    }
    return masker->end;
}

/* Decodes escaped ASCII characters first. Nobody needs to escape them, but a client may do it. */
static bool is_secret_member(const char *name, size_t length, bool *ret_is_plural) {
    static const char escape[] = "\\u00";
    char plain[NAME_SIZE];
    size_t size = 0;
    if (!memchr(name, '\\', length))
        return secrets_is_name(name, length, ret_is_plural);
    for (size_t i = 0; i < length && size < NAME_SIZE; i++) {
        plain[size] = name[i];
        if (length - i >= 6 && memcmp(name + i, escape, 4) == 0) {
            const char digits[] = {name[i + 4], name[i + 5], '\0'};
            plain[size] = (char)strtol(digits, NULL, 16);
            i += 5;
        }
        size++;
    }
    return secrets_is_name(plain, size, ret_is_plural);
}

/* Masks the string or number at the current position. Skips one byte of anything else. */
static void mask_scalar(struct masker *masker, bool is_plural) {
    const char *start = masker->at;
    if (*start == '"') {
        const char *quote = find_quote(masker, start + 1);
        mask(masker, start + 1, quote, SECRETS_MASK);
        masker->at = quote + 1;
    } else if (*start == '-' || isdigit((unsigned char)*start)) {
        masker->at = find(masker, start, ",]} \t\r\n");
        if (!is_plural)
            mask(masker, start, masker->at, "\"" SECRETS_MASK "\"");
    } else {
        masker->at++;
    }
}

/* Masks the strings and numbers of an array or object, but not the names. */
static void mask_container(struct masker *masker, bool is_plural) {
    int depth = 0;
    do {
        char c = *masker->at;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (c == '"') {
            const char *quote = find_quote(masker, masker->at + 1);
            const char *next = quote < masker->end ? skip_blanks(masker, quote + 1) : quote;
            if (next < masker->end && *next == ':') {
                masker->at = next + 1;
                continue;
            }
        }
        mask_scalar(masker, is_plural);
    } while (depth > 0 && masker->at < masker->end);
}

static void mask_json(struct masker *masker) {
    while (masker->at < masker->end) {
        const char *name = memchr(masker->at, '"', (size_t)(masker->end - masker->at));
        if (!name)
            return;
        const char *quote = find_quote(masker, name + 1);
        masker->at = quote < masker->end ? skip_blanks(masker, quote + 1) : quote;
        if (masker->at >= masker->end || *masker->at != ':') {
            mask_query(masker, name + 1, quote); /* a string may be a link */
            continue;
        }
        masker->at = skip_blanks(masker, masker->at + 1);
        bool is_plural;
        if (masker->at >= masker->end ||
            !is_secret_member(name + 1, (size_t)(quote - name - 1), &is_plural))
            continue;
        if (*masker->at == '{' || *masker->at == '[')
            mask_container(masker, is_plural);
        else
            mask_scalar(masker, is_plural);
    }
}

/* ---- Multipart forms */

static bool starts_with(const char *text, size_t size, const char *start) {
    size_t length = strlen(start);
    return size >= length && strncasecmp(text, start, length) == 0;
}

/* Whether the head of a part gives the field the name of a secret. */
static bool is_secret_part(const char *head, size_t size) {
    static const char member[] = "name=";
    bool is_plural;
    for (const char *at = head; at + sizeof(member) <= head + size; at++) {
        if (!starts_with(at, (size_t)(head + size - at), member) ||
            (at > head && isalnum((unsigned char)at[-1])))
            continue;
        const char *name = at + sizeof(member) - 1;
        const char *end = name + (*name == '"');
        while (end < head + size && !is_among(*name == '"' ? "\"" : "; \r\n", *end))
            end++;
        return secrets_is_name(name, (size_t)(end - name), &is_plural);
    }
    return false;
}

/* Returns the end of a part's value: the next line that starts with the boundary. Or NULL. */
static const char *find_boundary(const struct masker *masker, const char *value,
                                 const char *boundary, size_t length) {
    const char *at = value;
    while ((at = memmem(at, (size_t)(masker->end - at), boundary, length))) {
        if (at - value >= 2 && memcmp(at - 2, "\r\n", 2) == 0)
            return at - 2;
        at++;
    }
    return NULL;
}

/* Takes the first line as the boundary. */
static void mask_parts(struct masker *masker) {
    const char *boundary = masker->at;
    const char *line_end = memmem(boundary, (size_t)(masker->end - boundary), "\r\n", 2);
    if (!line_end || line_end - boundary < 2 || memcmp(boundary, "--", 2) != 0)
        return;
    size_t length = (size_t)(line_end - boundary);
    for (const char *end = line_end; end;) {
        const char *blank = memmem(end, (size_t)(masker->end - end), "\r\n\r\n", 4);
        if (!blank)
            return;
        const char *head = end;
        const char *value = blank + 4;
        end = find_boundary(masker, value, boundary, length);
        if (is_secret_part(head, (size_t)(blank - head)))
            mask(masker, value, end ? end : masker->end, SECRETS_MASK);
    }
}

static bool is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

#define LETTER(c) (1U << ((c)&31)) /* in either case */

/* Whether the name of a secret may end here, by its last letters. Digits and separators do not
 * count. */
static bool may_end_secret(const char *name, const char *end) {
    static const uint32_t preceding[32] = {
        ['d' & 31] = LETTER('r') | LETTER('w') | LETTER('i'),
        ['e' & 31] = LETTER('s') | LETTER('d') | LETTER('u'),
        ['h' & 31] = LETTER('s'),
        ['l' & 31] = LETTER('a'),
        ['m' & 31] = LETTER('r'),
        ['n' & 31] = LETTER('e') | LETTER('o') | LETTER('i'),
        ['s' & 31] = LETTER('s'),
        ['t' & 31] = LETTER('e') | LETTER('w') | LETTER('a') | LETTER('x'),
        ['y' & 31] = LETTER('e'),
    };
    if (end - name < 2)
        return false;
    if (!is_letter(end[-1]) || !is_letter(end[-2]))
        return true;
    if ((preceding[end[-1] & 31] & LETTER(end[-2])) == 0)
        return (end[-1] | 0x20) == 's' && may_end_secret(name, end - 1);
    /* Many names end with "id" or "al", but of secrets only "sessionid" and "credential". */
    char last = (char)(end[-1] | 0x20);
    int needed = last == 'l' ? 'i' : last == 'd' && (end[-2] | 0x20) == 'i' ? 'n' : '\0';
    char third = (char)(end - name < 3 ? '\0' : end[-3]);
    return !needed || (third != '"' && (!is_letter(third) || (third | 0x20) == needed));
}

/* Whether the string that ends with this quote has the name of a secret. There are no escapes. */
static bool ends_secret(const char *body, const char *quote, bool may_be_long) {
    bool is_plural;
    if (!may_be_long && !may_end_secret(body, quote))
        return false;
    const char *name = memrchr(body, '"', (size_t)(quote - body));
    return name && secrets_is_name(name + 1, (size_t)(quote - name - 1), &is_plural);
}

/* Several bytes are compared at once, with bytes of all ones as the result. */
typedef unsigned char lane __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

static bool is_any(lane compared) {
    halves both = (halves)compared;
    return (both[0] | both[1]) != 0;
}

/* Whether one of the marked quotes ends the name of a secret; `at` is where the lane starts. *last
 * is the last quote that ended a name, before which no name starts. */
static bool has_secret(const char *body, const char *at, lane marked, const char **last) {
    halves both = (halves)marked;
    for (size_t half = 0; half < 2; half++) {
        uint64_t left = le64toh(both[half]);
        while (left != 0) {
            int shift = __builtin_ctzll(left);
            const char *quote = at + 8 * half + shift / 8;
            left &= ~(UINT64_C(0xff) << shift);
            if (ends_secret(body, quote, quote - *last > NAME_SIZE))
                return true;
            *last = quote;
        }
    }
    return false;
}

/* Sorts out most JSON quickly. A secret is the value of a name, whose quote a colon or a blank
 * follows, or part of a link. Texts with escapes always may have some. */
static bool may_have_secrets(const char *body, size_t size) {
    enum { WIDTH = sizeof(lane) };
    const char *last = body;
    lane special = {0};
    for (size_t i = 0; i < size; i += WIDTH) {
        char tail[2 * WIDTH];
        const char *at = body + i;
        lane here;
        lane next;
        if (size - i <= WIDTH) {
            memset(tail, 0, sizeof(tail));
            at = memcpy(tail, at, size - i);
        }
        memcpy(&here, at, WIDTH);
        memcpy(&next, at + 1, WIDTH);
        special |= (lane)((here == '?') | (here == '#') | (here == '\\'));
        lane ends = (lane)((here == '"') & ((next == ':') | (next <= ' ')));
        if (is_any(ends) && has_secret(body, body + i, ends, &last))
            return true;
    }
    return is_any(special);
}

/* Looks at the content, since clients send JSON with any Content-Type. */
static bool looks_like_json(const struct masker *masker) {
    bool has_mark = starts_with(masker->at, (size_t)(masker->end - masker->at), "\xef\xbb\xbf");
    const char *first = skip_blanks(masker, masker->at + (has_mark ? 3 : 0));
    return first < masker->end && (*first == '{' || *first == '[');
}

static bool may_be_form(const char *content_type) {
    static const char *const types[] = {"application/x-www-form-urlencoded", "text/plain"};
    for (size_t i = 0; content_type && i < sizeof(types) / sizeof(types[0]); i++)
        if (strncasecmp(content_type, types[i], strlen(types[i])) == 0)
            return true;
    return !content_type;
}

int secrets_mask_body(const char *body, size_t size, const char *content_type, struct buffer *out) {
    if (size == 0)
        return 0;
    struct masker masker = {.at = body, .end = body + size, .copied = body, .out = out};
    if (content_type && strncasecmp(content_type, "multipart/", 10) == 0)
        mask_parts(&masker);
    else if (looks_like_json(&masker)) {
        if (may_have_secrets(body, size))
            mask_json(&masker);
    } else if (may_be_form(content_type))
        mask_pairs(&masker, body, masker.end, "&\r\n");
    return finish(&masker, body);
}
