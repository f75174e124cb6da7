/* Creates, lists and deletes sandboxes. */
#include "admin/admin_answer.h"
#include "admin_input.h"
#include "sandbox/fixture.h"
#include "util/cleanup.h"

int handle_list_sandboxes(struct exchange *exchange, const void *input) {
    const char **names;
    size_t count;
    (void)input;
    int r = sandboxes_list(exchange->sandboxes, &exchange->request.arena, &names, &count);
    return r == 0 ? admin_answer_names(exchange, "sandboxes", names, count) : r;
}

static int start_from_fixture(struct exchange *exchange, const cJSON *fixture,
                              struct snapshot *ret_start) {
    struct violations violations = {.arena = &exchange->request.arena};
    struct fixture_summary summary;
    struct snapshot start = {.clock = sandboxes_seed(exchange->sandboxes)->clock};
    struct clock clock = {.setting = start.clock};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place place = json_place_member(&root, "fixture");
    int r = fixture_make_state(&exchange->sandbox->iam, fixture, clock_now(&clock),
                               exchange->cancellation, &place, &violations, &summary, &start.state);
    if (r > 0)
        exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
    if (r == 0)
        *ret_start = start;
    return r;
}

/* Finds the state that the body asks for. Returns 0, >0 when the response is set, or <0. */
static int find_start(struct exchange *exchange, const struct create_sandbox_input *in,
                      struct snapshot *ret_start) {
    if (in->body.fixture && in->body.snapshot)
        return exchange_refuse_member(exchange, "snapshot",
                                      "a sandbox starts from a fixture or a snapshot, not both");
    if (in->body.fixture)
        return start_from_fixture(exchange, in->body.fixture, ret_start);
    if (!in->body.snapshot)
        return 0;
    int r = sandbox_find_snapshot(exchange->sandbox, in->body.snapshot, ret_start);
    if (r == SANDBOX_NOT_FOUND)
        exchange_fail(exchange, ERROR_NOT_FOUND, "this sandbox has no snapshot of this name");
    return r;
}

/* Returns 0, >0 when the response is set, or <0. */
static int find_version(struct exchange *exchange, const char *name,
                        const struct version **ret_version) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place place = json_place_member(&root, "serverVersion");
    if (!name || (*ret_version = version_find(name)))
        return 0;
    const char *names = "";
    for (size_t i = 0; i < contract_n_versions && names; i++)
        names = arena_format(violations.arena, "%s%s%s", names, *names ? ", " : "",
                             contract_versions[i].name);
    int r =
        violations_add(&violations, &place,
                       names ? arena_format(violations.arena, "must be one of: %s", names) : NULL);
    return r < 0 ? r : exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
}

struct details {
    const char *name;
    const struct version *version;
};

static void render_details(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct details *details = value;
    json_add_text(builder, root, "name", details->name);
    json_add_text(builder, root, "serverVersion", details->version->name);
}

int handle_create_sandbox(struct exchange *exchange, const void *input) {
    const struct create_sandbox_input *in = input;
    CLEANUP(snapshot_deinit) struct snapshot start = {0};
    const struct version *version = NULL;
    struct sandbox *sandbox;
    int r = find_version(exchange, in->body.server_version, &version);
    if (r == 0)
        r = find_start(exchange, in, &start);
    if (r != 0)
        return r;
    r = sandboxes_create(exchange->sandboxes, in->name, start.state ? &start : NULL, version,
                         &sandbox);
    if (r == SANDBOX_EXISTS)
        exchange_fail(exchange, ERROR_CONFLICT, "there is already a sandbox of this name");
    if (r != 0)
        return r == SANDBOX_EXISTS ? 0 : exchange_fail_sandbox(exchange, r);
    const struct details details = {in->name, sandbox->iam.version};
    sandboxes_leave(exchange->sandboxes, sandbox);
    return answer_object(exchange, 201, render_details, &details);
}

int handle_get_sandbox(struct exchange *exchange, const void *input) {
    const struct get_sandbox_input *in = input;
    struct details details = {.name = in->name};
    int r = sandboxes_find_version(exchange->sandboxes, in->name, &details.version);
    if (r == SANDBOX_NOT_FOUND)
        exchange_fail(exchange, ERROR_NOT_FOUND, "there is no such sandbox");
    return r == 0                   ? answer_object(exchange, 200, render_details, &details)
           : r == SANDBOX_NOT_FOUND ? 0
                                    : r;
}

int handle_delete_sandbox(struct exchange *exchange, const void *input) {
    const struct delete_sandbox_input *in = input;
    int r = sandboxes_delete(exchange->sandboxes, in->name);
    if (r == 0)
        response_set_empty(&exchange->response, 204);
    else if (r == SANDBOX_NOT_FOUND)
        exchange_fail(exchange, ERROR_NOT_FOUND,
                      "there is no such sandbox, or it is the default one, which stays");
    return r;
}
