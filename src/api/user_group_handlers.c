/* The groups of a user. */
#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "iam/group_membership.h"
#include "util/fatal.h"

/* A single unknown group gets the usual error; several are all named. */
static int refuse_unknown(struct exchange *exchange, const struct string_list *ids) {
    static const char start[] = "Groups do not exist for ids ";
    if (ids->count == 1)
        return answer_refusal(exchange, IAM_UNKNOWN_GROUP, ids->items[0]);
    size_t size = sizeof(start);
    for (size_t i = 0; i < ids->count; i++)
        size += strlen(ids->items[i]) + strlen("'', ");
    char *text = arena_alloc(&exchange->request.arena, size);
    if (!text)
        return FATAL(ENOMEM);
    char *end = stpcpy(text, start);
    for (size_t i = 0; i < ids->count; i++)
        end = stpcpy(stpcpy(stpcpy(end, i == 0 ? "'" : ", '"), ids->items[i]), "'");
    return exchange_fail(exchange, ERROR_NOT_FOUND, text);
}

int handle_update_user_groups(struct exchange *exchange, const void *input) {
    const struct update_user_groups_input *in = input;
    struct string_list unknown = {0};
    if (!in->body.group_ids.present && exchange->config->missing_groups == MISSING_GROUPS_REJECT)
        return exchange_refuse_member(exchange, "groupIds", "must not be null");
    int r = iam_set_user_groups(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                                &in->body.group_ids, &exchange->request.arena, &unknown);
    return r == IAM_UNKNOWN_GROUP ? refuse_unknown(exchange, &unknown)
                                  : answer_done(exchange, r, 204, in->id);
}
