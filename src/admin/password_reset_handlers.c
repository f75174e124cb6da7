/* The tokens of users who have forgotten their passwords. Nobody else tells them, since kestub
 * sends no e-mail. */
#include <errno.h>
#include <stdlib.h>

#include "admin/admin_answer.h"
#include "admin_input.h"
#include "iam/password_resets.h"
#include "util/cleanup.h"
#include "util/fatal.h"

struct rendering {
    struct json_builder *builder;
    cJSON *list;
};

static int add_reset(void *cls, int64_t pk, const char *const *columns) {
    const struct rendering *rendering = cls;
    (void)pk;
    cJSON *object = json_add_object(rendering->builder, rendering->list, NULL);
    json_add_text(rendering->builder, object, "username", columns[RESET_COLUMN_USERNAME]);
    json_add_text(rendering->builder, object, "token", columns[RESET_COLUMN_TOKEN]);
    json_add_instant(rendering->builder, object, "expiresAt",
                     strtoll(columns[RESET_COLUMN_EXPIRES_AT], NULL, 10));
    return 0;
}

int handle_list_password_resets(struct exchange *exchange, const void *input) {
    CLEANUP(cleanup_json) cJSON *root = cJSON_CreateObject();
    struct json_builder builder = {.failed = !root};
    struct rendering rendering = {&builder, json_add_array(&builder, root, "passwordResets")};
    (void)input;
    int r = iam_list_password_resets(exchange->iam, clock_now(&exchange->sandbox->clock), add_reset,
                                     &rendering);
    if (r != 0)
        return r;
    return builder.failed ? FATAL(ENOMEM) : admin_answer_tree(exchange, 200, TAKE(root));
}
