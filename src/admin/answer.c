#include "admin/answer.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/text.h"

/* Where a name was too long for the error, it may have been cut within a character. */
int admin_refuse(struct exchange *exchange, const struct pattern_error *error) {
    char pointer[3 * PATTERN_POINTER_SIZE];
    char detail[3 * PATTERN_DETAIL_SIZE];
    struct violations violations = {.arena = &exchange->request.arena};
    text_repair(error->pointer, strlen(error->pointer), pointer);
    text_repair(error->detail, strlen(error->detail), detail);
    int r = violations_add(&violations, pointer, detail);
    if (r < 0)
        return r;
    exchange_refuse(exchange, ERROR_INVALID_ENTITY, &violations);
    return 1;
}

int admin_answer_text(struct exchange *exchange, int status, const char *json) {
    char *copy = strdup(json);
    if (!copy)
        return -ENOMEM;
    response_set_owned(&exchange->response, status, "application/json", copy, strlen(copy));
    return 0;
}

int admin_answer_tree(struct exchange *exchange, int status, cJSON *tree) {
    CLEANUP(cleanup_json) cJSON *root = tree;
    return root ? response_set_json(&exchange->response, status, root) : -ENOMEM;
}

int admin_parse_matcher(struct exchange *exchange, struct json_tree **ret_trees,
                        const struct matcher **ret_matcher) {
    struct pattern_error error = {0};
    struct matcher_parser parser = {.arena = &exchange->request.arena, .error = &error};
    int r = matcher_parse(&parser, exchange->body, NULL, ret_matcher);
    *ret_trees = parser.trees;
    return r > 0 ? admin_refuse(exchange, &error) : r;
}
