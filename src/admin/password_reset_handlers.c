/* The tokens of users who have forgotten their passwords. Nobody else tells them, since kestub
 * sends no e-mail. */
#include <stdlib.h>

#include "admin/admin_answer.h"
#include "admin_input.h"
#include "iam/password_resets.h"
#include "util/cleanup.h"

struct rendering {
    struct json_builder *builder;
    struct json_parent list;
};

static int add_reset(void *cls, int64_t pk, const char *const *columns) {
    const struct rendering *rendering = cls;
    (void)pk;
    struct json_parent object = json_add_object(rendering->builder, rendering->list, NULL);
    json_add_text(rendering->builder, object, "username", columns[RESET_COLUMN_USERNAME]);
    json_add_text(rendering->builder, object, "token", columns[RESET_COLUMN_TOKEN]);
    json_add_instant(rendering->builder, object, "expiresAt",
                     strtoll(columns[RESET_COLUMN_EXPIRES_AT], NULL, 10));
    return 0;
}

int handle_list_password_resets(struct exchange *exchange, const void *input) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    struct json_parent root = json_begin_object(&builder);
    struct rendering rendering = {&builder, json_add_array(&builder, root, "passwordResets")};
    (void)input;
    int r = iam_list_password_resets(exchange->iam, clock_now(&exchange->sandbox->clock), add_reset,
                                     &rendering);
    return r == 0 ? answer_built(exchange, 200, &builder) : r;
}
