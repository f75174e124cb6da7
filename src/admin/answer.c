#include "admin/answer.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"

int admin_refuse(struct exchange *exchange, const struct pattern_error *error) {
    struct violations violations = {.arena = &exchange->request.arena};
    int r = violations_add(&violations, error->pointer, error->detail);
    if (r == 0)
        exchange_refuse(exchange, ERROR_INVALID_ENTITY, &violations);
    return r;
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
    if (r <= 0)
        return r;
    r = admin_refuse(exchange, &error);
    return r < 0 ? r : 1;
}
