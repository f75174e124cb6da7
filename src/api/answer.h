/* Shared by the handlers: errors for the outcomes of iam, and the JSON of users and groups. */
#pragma once

#include "exchange/exchange.h"
#include "iam/block_listing.h"
#include "iam/groups.h"
#include "iam/roles.h"
#include "iam/user_listing.h"
#include "json/json_build.h"

/* What a listing asks for, of the query of its contract input: each operation has a type of its own
 * with the same members. */
#define LISTING_REQUEST(query)                                                                     \
    {                                                                                              \
        .page = (query).page, .size = (query).size, .q = (query).q, .sort = (query).sort,          \
        .filters = (query).filters                                                                 \
    }

/* Answers with the error for an outcome of iam. `id` is the id that was not found or already
 * exists, or the problem of a filter. Passes on <0. */
int answer_refusal(struct exchange *exchange, int outcome, const char *id);

/* Finds the id of the calling user as iam_find_self does. If there is none, *ret_id is the
 * principal's name. */
int answer_find_self(struct exchange *exchange, const char **ret_id);

/* Returns the status of success that the operation documents in this version. */
int answer_success(const struct exchange *exchange);

/* Answers without a body if the outcome is 0, or else with its error. */
int answer_done(struct exchange *exchange, int outcome, int status, const char *id);

/* Refuses a password that violates the password policy, with one violation for each rule. NULL
 * means no password and is fine. `name` is the member of the body that has the password; NULL is
 * the body itself. Returns 0 or -ENOMEM. */
int answer_weak_password(struct exchange *exchange, const char *name, const char *password,
                         bool *ret_weak);

/* Returns a builder for an answer, which obeys --max-memory. */
static inline struct json_builder answer_builder(const struct exchange *exchange) {
    return (struct json_builder){.memory = exchange_memory(exchange)};
}

/* Answers with what was built. Returns 0, or <0 as json_end does. */
static inline int answer_built(struct exchange *exchange, int status,
                               struct json_builder *builder) {
    return response_set_built(&exchange->response, status, "application/json", builder);
}

/* Writes the body of an answer. */
typedef void (*answer_render)(struct json_builder *builder, struct json_parent root,
                              const void *value);

/* Return as answer_built does. */
int answer_object(struct exchange *exchange, int status, answer_render render, const void *value);
int answer_array(struct exchange *exchange, int status, answer_render render, const void *value);

/* Adds "auths": the ways in which the user can authenticate. `id_name` names the member with their
 * id; NULL omits the id. */
void answer_add_auths(struct json_builder *builder, struct json_parent object,
                      const struct user *user, const char *id_name);

/* Adds whether the user may do everything, under the name that the version gives this privilege. */
void answer_add_privilege(struct json_builder *builder, struct json_parent object,
                          const struct user_view *view);

/* Chooses between the two names of the privilege in a request. The newer one wins. */
struct optional_bool answer_privilege(struct optional_bool instance_owner,
                                      struct optional_bool super_admin);

/* Adds "tenants". */
void answer_add_tenants(struct json_builder *builder, struct json_parent object,
                        const struct user_view *view);

/* Adds "id", "username" and "displayName". */
void answer_add_user(struct json_builder *builder, struct json_parent object,
                     const struct user_view *view);

/* Adds "groups" as those who have access to a tenant are shown with. */
void answer_add_groups(struct json_builder *builder, struct json_parent object,
                       const struct user_view *view);

/* Render a struct user_page of those who have access to a tenant, as a page or as an array. */
void answer_render_access(struct json_builder *builder, struct json_parent root, const void *value);
void answer_render_access_list(struct json_builder *builder, struct json_parent root,
                               const void *value);
/* Answers 200 with an empty object. Returns 0 or -ENOMEM. */
int answer_empty_object(struct exchange *exchange);

/* Adds the summary of a role. */
void answer_add_role(struct json_builder *builder, struct json_parent object,
                     const struct version *version, const struct role *role);

void answer_render_group(struct json_builder *builder, struct json_parent root, const void *value);
void answer_render_tenant(struct json_builder *builder, struct json_parent root, const void *value);

/* Whether the handler of a listing shall return EXCHANGE_SLOW, because the listing takes long. */
bool answer_leaves_thread(struct exchange *exchange, enum row_kind kind,
                          const struct listing_request *request);
