/* What the handlers share: refusals of iam as errors, and the JSON of users and groups. */
#pragma once

#include "exchange.h"
#include "iam/groups.h"
#include "iam/users.h"
#include "util/json_build.h"

/* Answers with a documented outcome of iam. `id` is what was not found or is in the way, or the
 * problem of a filter. Passes on what is <0. */
int answer_refusal(struct exchange *exchange, int outcome, const char *id);

/* Builds the body of an answer. */
typedef void (*answer_render)(struct json_builder *builder, cJSON *root, const void *value);

/* 0 or -ENOMEM. */
int answer_object(struct exchange *exchange, int status, answer_render render, const void *value);
int answer_array(struct exchange *exchange, int status, answer_render render, const void *value);

/* "id", "username", "displayName". */
void answer_add_user(struct json_builder *builder, cJSON *object, const struct user_view *view);

void answer_render_group(struct json_builder *builder, cJSON *root, const void *value);
