/* What the handlers share: refusals of iam as errors, and the JSON of users and groups. */
#pragma once

#include "exchange/exchange.h"
#include "iam/groups.h"
#include "iam/users.h"
#include "json/json_build.h"

/* Answers with a documented outcome of iam. `id` is what was not found or is in the way, or the
 * problem of a filter. Passes on what is <0. */
int answer_refusal(struct exchange *exchange, int outcome, const char *id);

/* The id of the user who calls, as iam_find_self; otherwise the name of the principal. */
int answer_find_self(struct exchange *exchange, const char **ret_id);

/* An answer without a body, or a refusal. */
int answer_done(struct exchange *exchange, int outcome, int status, const char *id);

/* Refuses a password that is not good enough, with one violation for each rule; NULL is none, and
 * good. `name` is the body's member that it comes from, NULL the body itself. 0 or
 * -ENOMEM. */
int answer_weak_password(struct exchange *exchange, const char *name, const char *password,
                         bool *ret_weak);

/* Builds the body of an answer. */
typedef void (*answer_render)(struct json_builder *builder, cJSON *root, const void *value);

/* 0 or -ENOMEM. */
int answer_object(struct exchange *exchange, int status, answer_render render, const void *value);
int answer_array(struct exchange *exchange, int status, answer_render render, const void *value);

/* "auths", the ways in which the user can authenticate; `id_name` is what their ids are called,
 * NULL: they have none. */
void answer_add_auths(struct json_builder *builder, cJSON *object, const struct user *user,
                      const char *id_name);

/* "tenants". */
void answer_add_tenants(struct json_builder *builder, cJSON *object, const struct user_view *view);

/* "id", "username", "displayName". */
void answer_add_user(struct json_builder *builder, cJSON *object, const struct user_view *view);

void answer_render_group(struct json_builder *builder, cJSON *root, const void *value);
