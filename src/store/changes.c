#include "store/changes.h"

#include <stdbool.h>
#include <string.h>

struct phrase {
    const char *text;
    size_t size;
};
#define PHRASE(text)                                                                               \
    { (text), sizeof(text) - 1 }

static const struct phrase phrases[CHANGES_N_CODES] = {
    [0] = PHRASE(""), /* no code */
    [CHANGES_USER] = PHRASE(",\"user\":{\"id\":"),
    [CHANGES_USER_END] = PHRASE("}"),
    [CHANGES_SAME_USER] = PHRASE(""),
    [CHANGES_GROUP] = PHRASE(",\"group\":{\"id\":"),
    [CHANGES_NAME] = PHRASE(",\"name\":"),
    [CHANGES_TENANT] = PHRASE("},\"tenant\":"),
    [CHANGES_ADDED] = PHRASE("{\"kind\":\"MEMBERSHIP\",\"change\":\"ADDED\""),
    [CHANGES_UPDATED] = PHRASE("{\"kind\":\"MEMBERSHIP\",\"change\":\"UPDATED\""),
    [CHANGES_REMOVED] = PHRASE("{\"kind\":\"MEMBERSHIP\",\"change\":\"REMOVED\""),
    [CHANGES_AS_MEMBER] = PHRASE(",\"membership\":\"MEMBER\""),
    [CHANGES_AS_OWNER] = PHRASE(",\"membership\":\"OWNER\""),
    [CHANGES_AS_EXTERNAL] = PHRASE(",\"membership\":\"EXTERNAL\""),
};

static bool is_code(char c) {
    return (unsigned char)c < CHANGES_N_CODES;
}

size_t changes_measure_byte(char byte) {
    return is_code(byte) ? phrases[(unsigned char)byte].size : 1;
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
        const struct phrase *phrase = &phrases[(unsigned char)*at];
        r = buffer_append(out, phrase->text, phrase->size, limit);
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
