/* What the handlers of the control plane share. */
#pragma once

#include "api/answer.h"

/* Each answers with JSON: with a text, which is copied, or with a tree, which is taken over. A NULL
 * tree means that memory was out. Returns 0 or -ENOMEM. */
int admin_answer_text(struct exchange *exchange, int status, const char *json);
int admin_answer_tree(struct exchange *exchange, int status, cJSON *tree);

/* admin_render_name is an answer_render that renders {"name": value}. admin_answer_names answers
 * with an object whose `member` is a list of such objects. Returns 0 or -ENOMEM. */
void admin_render_name(struct json_builder *builder, cJSON *root, const void *value);
int admin_answer_names(struct exchange *exchange, const char *member, const char *const *names,
                       size_t count);

/* Parses the body as a matcher of one value. Returns 0 and the matcher, which lives in the
 * request's arena; >0 when the request was refused; or -ENOMEM. The caller frees the trees with
 * json_trees_free in all cases. */
int admin_parse_matcher(struct exchange *exchange, struct json_tree **ret_trees,
                        const struct matcher **ret_matcher);
