#include "admin/breaches.h"

#include <string.h>

#include "util/text.h"

static bool is_known_parameter(const struct operation *operation, const char *name, size_t length) {
    for (size_t i = 0; operation->query && i < operation->query->n_fields; i++) {
        const struct field *field = &operation->query->fields[i];
        size_t size = strlen(field->name);
        if (size <= length && strncmp(field->name, name, size) == 0 &&
            (size == length || (field->bind == BIND_PAIRS && name[size] == '[')))
            return true;
    }
    return false;
}

/* Returns the first parameter of the query that the operation does not have, decoded, or NULL.
 * Skips names that are not valid text: the request got a 400 for those. */
static const char *unknown_parameter(const struct journal_record *record, struct arena *arena) {
    const char *at = strchr(record->url, '?');
    while (at && *at && *at != '#') {
        at++;
        size_t length = strcspn(at, "=&#");
        char *name = length > 0 ? arena_copy(arena, at, length) : NULL;
        if (name && text_percent_decode(name, length, name) == 0 &&
            !is_known_parameter(record->operation, name, strlen(name)))
            return name;
        at += strcspn(at, "&#");
    }
    return NULL;
}

static bool is_documented(const struct operation *operation, int status) {
    for (const int *documented = operation->statuses; *documented; documented++)
        if (*documented == status)
            return true;
    return false;
}

/* Whether the emulator uses the status for input that is missing, malformed or of the wrong
 * type. */
static bool is_refusal(int status) {
    return status == 400 || status == 415 || status == 422;
}

size_t breaches_find(const struct journal_entry *entry, struct arena *arena,
                     struct breach out[BREACHES_PER_ENTRY]) {
    const struct journal_record *record = &entry->record;
    size_t count = 0;
    if (!record->operation) {
        /* A browser's preflight request does not count as a call. */
        if (strcmp(record->method, "OPTIONS") != 0)
            out[count++] = (struct breach){entry, "UNKNOWN_OPERATION", NULL};
        return count;
    }
    const char *parameter = unknown_parameter(record, arena);
    if (parameter)
        out[count++] = (struct breach){entry, "UNKNOWN_PARAMETER", parameter};
    if (!record->stub_answered && !record->breakage && is_refusal(record->status))
        out[count++] = (struct breach){entry, "INVALID_REQUEST", NULL};
    if (!record->breakage && !is_documented(record->operation, record->status))
        out[count++] = (struct breach){entry, "UNDOCUMENTED_STATUS", NULL};
    return count;
}
