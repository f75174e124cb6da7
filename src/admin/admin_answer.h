/* What the handlers of the control plane share. */
#pragma once

#include <stdio.h>

#include "api/answer.h"

/* Answers with a JSON text, which is copied. Returns 0 or -ENOMEM. */
int admin_answer_text(struct exchange *exchange, int status, const char *json);

/* Answers with the text that `print` writes. Returns 0 or -ENOMEM. */
int admin_answer_printed(struct exchange *exchange, const char *content_type,
                         void (*print)(FILE *out, const void *cls), const void *cls);

/* admin_render_name is an answer_render that renders {"name": value}. admin_answer_names answers
 * with an object whose `member` is a list of such objects. Returns 0 or -ENOMEM. */
void admin_render_name(struct json_builder *builder, struct json_parent root, const void *value);
int admin_answer_names(struct exchange *exchange, const char *member, const char *const *names,
                       size_t count);

/* An answer with a long list, as an object whose first member is the list. It is given up with
 * -EDQUOT when the memory limit leaves no room for more of it, and with -ECANCELED. Needs
 * admin_list_deinit. */
struct admin_list {
    struct exchange *exchange;
    struct json_builder builder;
    struct json_parent root;
    struct json_parent items;
};
void admin_list_begin(struct admin_list *list, struct exchange *exchange, const char *member);
int admin_list_add(struct admin_list *list, answer_render render, const void *value);
int admin_list_add_text(struct admin_list *list, const char *json);
void admin_list_deinit(struct admin_list *list);

/* Adds the members that `render` makes after the list, unless it is NULL, and answers with a 200.
 */
int admin_list_end(struct admin_list *list, answer_render render, const void *value);

/* Parses the body as a matcher of one value. Returns 0 and the matcher, which lives in the
 * request's arena; >0 when the request was refused; or -ENOMEM. The caller frees the trees with
 * json_trees_free in all cases. */
int admin_parse_matcher(struct exchange *exchange, struct json_tree **ret_trees,
                        const struct matcher **ret_matcher);
