/* Scenarios, and the settings that delay responses. */
#include <errno.h>

#include "admin/admin_answer.h"
#include "admin_input.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static void render_scenarios(struct json_builder *builder, struct json_parent root,
                             const void *value) {
    const struct exchange *exchange = value;
    stubs_render_scenarios(exchange->sandbox->stubs, builder,
                           json_add_array(builder, root, "scenarios"));
}

int handle_list_scenarios(struct exchange *exchange, const void *input) {
    enum { COPIES = 2 }; /* the text, and what it grows by */
    (void)input;
    if (exchange_reserve(exchange, MEMORY_TO_WORK,
                         COPIES * stubs_measure(exchange->sandbox->stubs)) != 0)
        return 0;
    return answer_object(exchange, 200, render_scenarios, exchange);
}

int handle_reset_scenarios(struct exchange *exchange, const void *input) {
    (void)input;
    stubs_reset_scenarios(exchange->sandbox->stubs);
    return answer_done(exchange, 0, 200, NULL);
}

int handle_set_scenario_state(struct exchange *exchange, const void *input) {
    const struct set_scenario_state_input *in = input;
    int r = stubs_set_scenario(exchange->sandbox->stubs, in->name, in->body.state);
    if (r == 0) {
        response_set_empty(&exchange->response, 200);
    } else if (r == STUBS_NOT_FOUND) {
        exchange_fail(exchange, ERROR_NOT_FOUND,
                      arena_format(&exchange->request.arena, "no stub belongs to the scenario '%s'",
                                   in->name));
    } else if (r == STUBS_UNKNOWN_STATE) {
        return exchange_refuse_member(exchange, "state",
                                      "must be a state that a stub of the scenario uses");
    }
    return r;
}

static void render_member(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    json_add_copy(builder, root, "settings", value);
}

static void render_bare(struct json_builder *builder, struct json_parent root, const void *value) {
    json_add_members(builder, root, value);
}

int handle_get_settings(struct exchange *exchange, const void *input) {
    CLEANUP(cleanup_json) cJSON *settings = stubs_render_settings(exchange->sandbox->stubs);
    (void)input;
    return settings ? answer_object(exchange, 200, render_member, settings) : FATAL(ENOMEM);
}

/* Clients send the settings bare, or wrapped as they received them. The response repeats them,
 * since the Python client reads it as settings. It is made before the change, so that nothing
 * changes when memory is out. */
static int set_settings(struct exchange *exchange) {
    const cJSON *wrapped = cJSON_GetObjectItemCaseSensitive(exchange->body, "settings");
    const cJSON *settings = cJSON_IsObject(wrapped) ? wrapped : exchange->body;
    struct violations violations = {.arena = &exchange->request.arena};
    int r = answer_object(exchange, 200, render_bare, settings);
    if (r == 0)
        r = stubs_set_settings(exchange->sandbox->stubs, settings, &violations);
    return r > 0 ? exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations) : r;
}

int handle_set_settings(struct exchange *exchange, const void *input) {
    (void)input;
    return set_settings(exchange);
}

int handle_replace_settings(struct exchange *exchange, const void *input) {
    (void)input;
    return set_settings(exchange);
}

int handle_extend_settings(struct exchange *exchange, const void *input) {
    const struct extend_settings_input *in = input;
    struct violations violations = {.arena = &exchange->request.arena};
    int r = stubs_extend_settings(exchange->sandbox->stubs, in->body.extended, &violations);
    return r > 0 ? exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations)
                 : answer_done(exchange, r, 200, NULL);
}
