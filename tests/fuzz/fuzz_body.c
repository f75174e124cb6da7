/* Input: a JSON text. It is parsed, validated as the body of every operation and as a fixture, and
 * bound. What is accepted is printed, and must be accepted again. */
#include <stdlib.h>
#include <string.h>

#include "contract/validate.h"
#include "fuzz.h"
#include "json/json.h"

static void validate_everything(const cJSON *tree, struct arena *arena) {
    struct violations violations = {.arena = arena};
    if (validate_value(fixture_schema, tree, &json_root, &violations) < 0)
        abort();
    for (size_t i = 0; i < version_find("2.0")->routes.n_routes; i++) {
        for (size_t method = 0; method < HTTP_N_METHODS; method++) {
            const struct operation *operation =
                version_find("2.0")->routes.routes[i].operations[method];
            struct violations found = {.arena = arena};
            if (!operation || !operation->body)
                continue;
            void *input = arena_alloc(arena, operation->input_size);
            if (validate_value(operation->body, tree, &json_root, &found) < 0)
                abort();
            if (found.count == 0 && validate_bind(operation->body, tree, arena, input) < 0)
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cJSON *tree = NULL;
    cJSON *again = NULL;
    struct json_error error;
    struct arena arena;
    arena_init(&arena);
    if (json_parse((const char *)data, size, &tree, &error) == 0) {
        validate_everything(tree, &arena);
        char *text = cJSON_PrintUnformatted(tree);
        if (!text || json_parse(text, strlen(text), &again, &error) != 0)
            abort();
        free(text);
    } else if (error.line == 0 || error.column == 0 || !error.reason) {
        abort();
    }
    cJSON_Delete(again);
    cJSON_Delete(tree);
    arena_deinit(&arena);
    return 0;
}
