#include "http/head.h"

#include <limits.h>
#include <string.h>

#include <microhttpd.h>

#include "util/text.h"

/* From 1.0 on, libmicrohttpd itself refuses what this module finds by comparing addresses. */
static bool parses_in_place(void) {
    return MHD_get_version()[0] == '0';
}

/* In its strict mode, 0.9.75 leaves some of the requests that it refuses without an answer, and
 * never says why it refused them. */
int head_strictness(void) {
    return parses_in_place() ? 0 : 1;
}

static void note(struct head *head, bool is_right, const char *flaw) {
    if (!is_right && !head->flaw)
        head->flaw = flaw;
}

/* 0.9.75 parses a head in its receive buffer and overwrites the separators with NULs. So a NUL in
 * the head, a folded line, a line without its CR, or too many blanks leave a gap between two parts
 * that differs from the length of one separator. This never reads the bytes in the gap. */
static void expect_at(struct head *head, uintptr_t part) {
    note(head, !head->in_place || part == head->next,
         "the head has a NUL, a folded line, too many blanks, or a line that does not end with CR "
         "and LF");
}

static bool is_token(const char *text) {
    static const bool allowed[UCHAR_MAX + 1] = {
        ['0' ... '9'] = true,  ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true,
        ['#' ... '\''] = true, ['*'] = true,         ['+'] = true,         ['-'] = true,
        ['.'] = true,          ['^' ... '`'] = true, ['|'] = true,         ['~'] = true,
    };
    const unsigned char *at = (const unsigned char *)text;
    while (allowed[*at])
        at++;
    return at > (const unsigned char *)text && *at == '\0';
}

/* Allows visible characters, bytes beyond ASCII, and the characters of `also`. */
static bool is_visible(const char *text, const char *also) {
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at == 0x7f || (*at <= ' ' && !strchr(also, *at)))
            return false;
    return true;
}

/* Checks only the characters; the host may be empty (RFC 9112, section 3.2). */
static bool is_host(const char *text) {
    static const bool allowed[UCHAR_MAX + 1] = {
        ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true,
        ['$' ... '+'] = true, ['-' ... '.'] = true, [':' ... ';'] = true, ['='] = true,
        ['['] = true,         [']'] = true,         ['_'] = true,         ['~'] = true,
    };
    const unsigned char *at = (const unsigned char *)text;
    while (allowed[*at])
        at++;
    return at[strspn((const char *)at, " \t")] == '\0';
}

void head_begin(struct head *head, const char *method, const char *target, const void *place,
                const char *version) {
    *head = (struct head){.in_place = parses_in_place(),
                          .is_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0,
                          .start = (uintptr_t)method};
    note(head, is_token(method), "the method is not a token");
    head->next = head->start + strlen(method) + 1;
    expect_at(head, (uintptr_t)place);
    note(head, is_visible(target, ""), "the target has a blank or a control character");
    head->next = (uintptr_t)place + strlen(target) + 1;
    expect_at(head, (uintptr_t)version);
    head->next = (uintptr_t)version + strlen(version) + 2;
}

void head_add(struct head *head, const char *name, const char *value) {
    expect_at(head, (uintptr_t)name);
    note(head, is_token(name), "the name of a header is not a token");
    note(head, is_visible(value, " \t"), "the value of a header has a control character");
    if (text_is_same_name(name, MHD_HTTP_HEADER_HOST)) {
        note(head, ++head->n_hosts == 1, "there are several Host headers");
        note(head, is_host(value), "the value of the Host header is invalid");
    } else if (text_is_same_name(name, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
        note(head, !head->is_1_0, "HTTP/1.0 has no Transfer-Encoding");
    }
    /* The value may start anywhere, since any number of blanks may precede it. */
    head->next = (uintptr_t)value + strlen(value) + 2;
}

void head_end(struct head *head, size_t size) {
    note(head, head->n_hosts == 1 || head->is_1_0, "there is no Host header");
    head->next += 2; /* the empty line */
    expect_at(head, head->start + size);
}
