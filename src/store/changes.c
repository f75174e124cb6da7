#include "store/changes.h"

#include <stdbool.h>
#include <string.h>

static const char *const phrases[CHANGES_N_CODES] = {
    [CHANGES_USER] = ",\"user\":{\"id\":",
    [CHANGES_USER_END] = "}",
    [CHANGES_SAME_USER] = "",
    [CHANGES_GROUP] = ",\"group\":{\"id\":",
    [CHANGES_NAME] = ",\"name\":",
    [CHANGES_TENANT] = "},\"tenant\":",
    [CHANGES_ADDED] = "{\"kind\":\"MEMBERSHIP\",\"change\":\"ADDED\"",
    [CHANGES_UPDATED] = "{\"kind\":\"MEMBERSHIP\",\"change\":\"UPDATED\"",
    [CHANGES_REMOVED] = "{\"kind\":\"MEMBERSHIP\",\"change\":\"REMOVED\"",
    [CHANGES_AS_MEMBER] = ",\"membership\":\"MEMBER\"",
    [CHANGES_AS_OWNER] = ",\"membership\":\"OWNER\"",
    [CHANGES_AS_EXTERNAL] = ",\"membership\":\"EXTERNAL\"",
};

static bool is_code(char c) {
    return (unsigned char)c < CHANGES_N_CODES;
}

size_t changes_measure_byte(char byte) {
    return is_code(byte) ? strlen(phrases[(unsigned char)byte]) : 1;
}

/* Prints until `end`. */
static int print(const char *packed, const char *end, size_t limit, struct buffer *out) {
    const char *user = packed;
    const char *user_end = packed;
    int r = 0;
    for (const char *at = packed; r == 0 && at < end;) {
        const char *start = at;
        while (at < end && !is_code(*at))
            at++;
        r = buffer_append(out, start, (size_t)(at - start), limit);
        if (r != 0 || at == end)
            break;
        const char *phrase = phrases[(unsigned char)*at];
        r = buffer_append(out, phrase, strlen(phrase), limit);
        if (*at == CHANGES_USER)
            user = at;
        else if (*at == CHANGES_USER_END)
            user_end = at + 1;
        else if (*at == CHANGES_SAME_USER && r == 0)
            r = print(user, user_end, limit, out);
        at++;
    }
    return r;
}

int changes_print(const char *packed, size_t limit, struct buffer *out) {
    return print(packed, packed + strlen(packed), limit, out);
}
