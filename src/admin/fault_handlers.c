/* Fault profiles. */
#include "admin/admin_answer.h"
#include "admin_input.h"
#include "util/timestamp.h"

static void render(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct fault_set *set = value;
    struct json_parent faults = json_add_array(builder, root, "faults");
    for (unsigned i = 0; i < N_PROFILES; i++) {
        char text[FAULT_TEXT_SIZE];
        if (!set->faults[i].on)
            continue;
        fault_set_format(set, (enum profile)i, text);
        json_add_text(builder, faults, NULL, text);
    }
}

int handle_get_faults(struct exchange *exchange, const void *input) {
    struct fault_set set;
    (void)input;
    faults_get(exchange->sandbox->faults, &set);
    return answer_object(exchange, 200, render, &set);
}

/* Returns 0, >0 when the request was refused, or <0. */
static int read_set(struct exchange *exchange, const struct string_list *texts,
                    struct fault_set *ret_set) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place faults = json_place_member(&root, "faults");
    struct fault_set set = {0};
    for (size_t i = 0; i < texts->count; i++) {
        char error[FAULT_ERROR_SIZE];
        const struct json_place element = json_place_element(&faults, i);
        if (fault_set_add(&set, texts->items[i], error) == 0)
            continue;
        int r = violations_refuse(&violations, &element, "%s", error);
        return r < 0 ? r : exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
    }
    *ret_set = set;
    return 0;
}

int handle_set_faults(struct exchange *exchange, const void *input) {
    const struct set_faults_input *in = input;
    struct fault_set set;
    int r = read_set(exchange, &in->body.faults, &set);
    if (r != 0)
        return r;
    r = answer_object(exchange, 200, render, &set);
    if (r == 0 && set.faults[PROFILE_RESTART].on && set.faults[PROFILE_RESTART].extra)
        r = sandbox_replace(exchange->sandbox, exchange->sandbox->start.state);
    return r == 0 ? faults_set(exchange->sandbox->faults, &set, timestamp_monotonic_us()) : r;
}

int handle_delete_faults(struct exchange *exchange, const void *input) {
    const struct fault_set none = {0};
    (void)input;
    int r = faults_set(exchange->sandbox->faults, &none, timestamp_monotonic_us());
    return answer_done(exchange, r, 204, NULL);
}
