/* Shows, replaces, saves and restores the state of a sandbox. */
#include "admin/admin_answer.h"
#include "admin_input.h"
#include "sandbox/fixture.h"
#include "util/cleanup.h"

static void render_nothing(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    (void)builder;
    (void)root;
    (void)value;
}

static int fail_to_find(struct exchange *exchange) {
    exchange_fail(exchange, ERROR_NOT_FOUND, "this sandbox has no snapshot of this name");
    return 0;
}

static void render_summary(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct fixture_summary *summary = value;
    json_add_integer(builder, root, "tenants", (int64_t)summary->tenants);
    json_add_integer(builder, root, "groups", (int64_t)summary->groups);
    json_add_integer(builder, root, "roles", (int64_t)summary->roles);
    json_add_integer(builder, root, "bindings", (int64_t)summary->bindings);
    json_add_integer(builder, root, "invitations", (int64_t)summary->invitations);
    json_add_integer(builder, root, "securityIntegrations", (int64_t)summary->integrations);
    json_add_integer(builder, root, "users", (int64_t)summary->users);
    json_add_integer(builder, root, "serviceAccounts", (int64_t)summary->service_accounts);
    json_add_integer(builder, root, "memberships", (int64_t)summary->memberships);
    json_add_integer(builder, root, "tokens", (int64_t)summary->tokens);
}

int handle_get_state(struct exchange *exchange, const void *input) {
    char *text;
    size_t size;
    (void)input;
    int r = fixture_dump(&exchange->sandbox->iam, exchange->cancellation, &text, &size);
    if (r == 0)
        response_set_owned(&exchange->response, 200, "application/json", text, size);
    return r;
}

static void cleanup_state(struct store_copy **state) {
    store_copy_free(*state);
}

int handle_put_state(struct exchange *exchange, const void *input) {
    struct violations violations = {.arena = &exchange->request.arena};
    struct fixture_summary summary;
    CLEANUP(cleanup_state) struct store_copy *state = NULL;
    (void)input;
    const struct json_place root = exchange_body_place(exchange);
    int r = fixture_make_state(&exchange->sandbox->iam, exchange->body,
                               clock_now(&exchange->sandbox->clock), exchange->cancellation, &root,
                               &violations, &summary, &state);
    if (r > 0)
        exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
    if (r != 0)
        return r;
    r = sandbox_replace(exchange->sandbox, state);
    return r == 0 ? answer_object(exchange, 200, render_summary, &summary) : r;
}

int handle_reset(struct exchange *exchange, const void *input) {
    (void)input;
    int r = sandbox_reset(exchange->sandbox);
    return r == 0 ? answer_object(exchange, 200, render_nothing, NULL) : r;
}

int handle_list_snapshots(struct exchange *exchange, const void *input) {
    const char **names;
    size_t count;
    (void)input;
    int r = sandbox_list_snapshots(exchange->sandbox, &exchange->request.arena, &names, &count);
    return r == 0 ? admin_answer_names(exchange, "snapshots", names, count) : r;
}

int handle_save_snapshot(struct exchange *exchange, const void *input) {
    const struct save_snapshot_input *in = input;
    size_t size;
    int r = store_measure(exchange->sandbox->iam.store, &size);
    if (r == 0)
        r = exchange_reserve(exchange, MEMORY_TO_KEEP, size);
    if (r != 0)
        return r;
    r = sandbox_save_snapshot(exchange->sandbox, in->name);
    if (r == SANDBOX_NO_ROOM) {
        exchange_fail(exchange, ERROR_NO_ROOM,
                      arena_format(&exchange->request.arena,
                                   "a sandbox holds at most %d snapshots; delete one first",
                                   SANDBOX_MAX_SNAPSHOTS));
        return 0;
    }
    return r == 0 ? answer_object(exchange, 201, admin_render_name, in->name)
                  : exchange_fail_sandbox(exchange, r);
}

int handle_restore_snapshot(struct exchange *exchange, const void *input) {
    const struct restore_snapshot_input *in = input;
    int r = sandbox_restore_snapshot(exchange->sandbox, in->name);
    if (r == SANDBOX_NOT_FOUND)
        return fail_to_find(exchange);
    return r == 0 ? answer_object(exchange, 200, admin_render_name, in->name) : r;
}

int handle_delete_snapshot(struct exchange *exchange, const void *input) {
    const struct delete_snapshot_input *in = input;
    if (sandbox_delete_snapshot(exchange->sandbox, in->name) == SANDBOX_NOT_FOUND)
        return fail_to_find(exchange);
    response_set_empty(&exchange->response, 204);
    return 0;
}
