/* Requests for the matcher as text: "METHOD target", header lines, a blank line, and a body. */
#pragma once

#include <string.h>

#include "match/subject.h"

enum { MATCH_REQUEST_MAX_HEADERS = 64 };

/* Parses a request into the arena. Returns false when memory is out. End the subject with
 * match_subject_deinit. */
static inline bool match_request_read(const char *text, size_t size, struct arena *arena,
                                      struct match_subject *ret_subject) {
    struct match_subject subject = {.arena = arena, .now = 1704164645678}; /* 2024-01-02 */
    char *at = arena_copy(arena, text, size);
    struct name_value *headers =
        arena_alloc(arena, MATCH_REQUEST_MAX_HEADERS * sizeof(struct name_value));
    if (!at || !headers)
        return false;
    char *end = at + size;
    subject.headers.items = headers;
    subject.target = "";
    for (int line = 0; at < end; line++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        char *next = stop ? stop + 1 : end;
        if (stop)
            *stop = '\0';
        char *gap = strchr(at, line == 0 ? ' ' : ':');
        if (gap) {
            *gap++ = '\0';
            gap += strspn(gap, " ");
        }
        if (line > 0 && !*at && !gap) {
            subject.body = next;
            subject.body_size = (size_t)(end - next);
            break;
        }
        if (line == 0) {
            subject.method = at;
            subject.target = gap ? gap : "";
        } else if (subject.headers.count < MATCH_REQUEST_MAX_HEADERS) {
            headers[subject.headers.count++] =
                (struct name_value){.name = at, .value = gap ? gap : ""};
        }
        at = next;
    }
    *ret_subject = subject;
    return true;
}
