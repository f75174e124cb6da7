/* Input: a filter of SCIM. It is parsed and applied to users. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scim/scim_filter.h"

static const char *const users[] = {
    "{\"id\":\"1\",\"userName\":\"ada@example.com\",\"active\":true,\"emails\":[{\"value\":\"a@b."
    "c\","
    "\"type\":\"work\",\"primary\":true},{\"value\":\"d@e.f\"}],\"name\":{\"familyName\":\"L\"},"
    "\"meta\":{\"created\":\"2024-01-02T03:04:05Z\"},"
    "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"department\":\"D\"}}",
    "{\"id\":\"2\",\"userName\":\"\",\"active\":false}",
    "{}",
};

static bool matches(const struct scim_filter *filter, const char *user, bool *ret_exhausted) {
    struct budget budget = {.left = 100000};
    cJSON *tree = cJSON_Parse(user);
    bool found = tree && scim_filter_matches(filter, tree, &budget);
    *ret_exhausted = budget.exhausted;
    cJSON_Delete(tree);
    return found;
}

/* The opposite of a filter matches whatever the filter does not. */
static void check_opposite(const struct scim_filter *filter, const char *text, size_t size,
                           struct arena *arena) {
    const struct scim_filter *opposite;
    const char *problem = NULL;
    char *negated = arena_format(arena, "not (%.*s)", (int)size, text);
    int r = scim_filter_parse(&scim_user_type, NULL, negated, strlen(negated), arena, &opposite,
                              &problem);
    if (r > 0 && (strstr(problem, "too deeply") || strstr(problem, "too long")))
        return;
    if (r != 0)
        abort();
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        bool exhausted[2];
        bool found = matches(filter, users[i], &exhausted[0]);
        if (matches(opposite, users[i], &exhausted[1]) == found && !exhausted[0] && !exhausted[1])
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    const struct scim_filter *filter;
    const char *problem = NULL;
    const char *text = (const char *)data;
    if (memchr(data, '\0', size)) /* no query and no JSON string has a NUL */
        return 0;
    arena_init(&arena);
    int r = scim_filter_parse(&scim_user_type, NULL, text, size, &arena, &filter, &problem);
    if (r < 0 || (r > 0 && !problem))
        abort();
    if (r == 0) {
        scim_filter_key(filter, "userName");
        check_opposite(filter, text, size, &arena);
    }
    arena_deinit(&arena);
    return 0;
}
