/* Shared by the handlers of SCIM: who may enter, where resources are, and answers in its form. */
#pragma once

#include "exchange/exchange.h"
#include "json/json_build.h"
#include "scim/scim_resource.h"

/* Returns the URL up to the n-th segment of the request's path, as the client sees it. Without a
 * usable Host header it starts with the path. Returns NULL when memory is out. */
const char *scim_url(struct exchange *exchange, size_t n_segments);

/* Finds the integration. Returns 0 and the URL that the paths of resources follow;
 * EXCHANGE_ANSWERED when there is no such integration or it is disabled; or <0. */
int scim_enter(struct exchange *exchange, const char *integration, const char **ret_base);

/* Answers for an outcome of scim_resource.h. Returns 0. */
int scim_refuse(struct exchange *exchange, int outcome, const char *problem);

/* Answers with what was built. Returns as json_end does. */
int scim_answer(struct exchange *exchange, int status, struct json_builder *builder);

/* Returns a tree with the attributes, a text that kestub has written or NULL for none. It needs
 * scim_tree_deinit. */
struct scim_tree scim_begin_tree(const struct exchange *exchange, const char *attributes);

/* Adds "schemas" and "meta". The tree has only the attributes of the type. */
struct scim_origin {
    const struct scim_resource_type *type;
    const char *base;
    const char *id;
    int64_t created_at; /* in epoch ms, like the next; INT64_MIN: unknown */
    int64_t modified_at;
};
void scim_add_origin(struct scim_tree *tree, const struct scim_origin *origin);

/* Adds the URL of a resource. */
void scim_add_location(struct scim_tree *tree, cJSON *object, const char *name,
                       const struct scim_resource_type *type, const char *base, const char *id);

/* Prints a tree into the request's arena. Returns NULL when memory is out. */
const char *scim_print(struct exchange *exchange, const cJSON *tree);

/* Answers with a new or changed resource as the request wants to see it, which leaves the tree
 * without the rest. A new one has the header Location. */
int scim_answer_resource(struct exchange *exchange, int status, const struct scim_tree *tree,
                         const struct scim_resource_type *type,
                         const struct string_list *attributes, const struct string_list *excluded);
