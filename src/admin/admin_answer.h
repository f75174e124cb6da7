/* What the handlers of the control plane share. */
#pragma once

#include "api/answer.h"

/* Answers with a text of JSON, which is copied, or with a tree, which is taken and NULL when memory
 * was out. 0 or -ENOMEM. */
int admin_answer_text(struct exchange *exchange, int status, const char *json);
int admin_answer_tree(struct exchange *exchange, int status, cJSON *tree);

/* {"name": value}, an answer_render; and an object with a list of such. 0 or -ENOMEM. */
void admin_render_name(struct json_builder *builder, cJSON *root, const void *value);
int admin_answer_names(struct exchange *exchange, const char *member, const char *const *names,
                       size_t count);

/* Parses the body as a matcher of one value. 0 and the matcher, in the request's arena; >0 and the
 * request is refused; -ENOMEM. The trees are for json_trees_free. */
int admin_parse_matcher(struct exchange *exchange, struct json_tree **ret_trees,
                        const struct matcher **ret_matcher);
