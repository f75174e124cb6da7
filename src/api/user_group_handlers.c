/* The groups of a user. */
#include <string.h>

#include "contract_input.h"
#include "exchange/exchange.h"
#include "iam/group_membership.h"

/* "Group does not exist for id 'a'", or "Groups do not exist for ids 'a', 'b'". */
static const char *describe_unknown(struct arena *arena, const struct string_list *ids) {
    size_t size = sizeof("Groups do not exist for ids ");
    for (size_t i = 0; i < ids->count; i++)
        size += strlen(ids->items[i]) + sizeof("'', ");
    char *text = arena_alloc(arena, size);
    if (!text)
        return NULL;
    char *end = stpcpy(text, ids->count == 1 ? "Group does not exist for id "
                                             : "Groups do not exist for ids ");
    for (size_t i = 0; i < ids->count; i++)
        end = stpcpy(stpcpy(stpcpy(end, i == 0 ? "'" : ", '"), ids->items[i]), "'");
    return text;
}

int handle_update_user_groups(struct exchange *exchange, const void *input) {
    const struct update_user_groups_input *in = input;
    struct arena *arena = &exchange->request.arena;
    struct string_list unknown = {0};
    if (!in->body.group_ids.present && exchange->config->missing_groups == MISSING_GROUPS_REJECT)
        return exchange_refuse_member(exchange, "groupIds", "must not be null");
    int r = iam_set_user_groups(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                                &in->body.group_ids, arena, &unknown);
    switch (r) {
    case 0:
        response_set_empty(&exchange->response, 204);
        return 0;
    case IAM_UNKNOWN_USER:
        exchange_fail(exchange, ERROR_NOT_FOUND,
                      arena_format(arena, "User does not exist for id '%s'", in->id));
        return 0;
    case IAM_UNKNOWN_GROUP:
        exchange_fail(exchange, ERROR_NOT_FOUND, describe_unknown(arena, &unknown));
        return 0;
    case IAM_FORBIDDEN:
        exchange_fail(exchange, ERROR_FORBIDDEN, "you do not own every group that would change");
        return 0;
    default:
        return r;
    }
}
