/* The time in a sandbox. */
#include "admin_input.h"
#include "api/answer.h"
#include "util/timestamp.h"

static void render_clock(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct clock *clock = value;
    json_add_instant(builder, root, "now", clock_now(clock));
    json_add_bool(builder, root, "frozen", clock_is_frozen(clock));
}

static int answer_clock(struct exchange *exchange) {
    const struct clock clock = {.setting = clock_setting(&exchange->sandbox->clock)};
    return answer_object(exchange, 200, render_clock, &clock);
}

int handle_get_clock(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_clock(exchange);
}

int handle_set_clock(struct exchange *exchange, const void *input) {
    const struct set_clock_input *in = input;
    struct clock_change change = {0};
    int64_t now;
    if (in->body.now && timestamp_parse(in->body.now, &now) == 0)
        change.now = &now;
    if (in->body.advance)
        duration_parse(in->body.advance, &change.advance);
    if (in->body.frozen.present)
        change.run = in->body.frozen.value ? CLOCK_FREEZES : CLOCK_RUNS;
    int r = sandbox_change_clock(exchange->sandbox, &change);
    return r == SANDBOX_INVALID_TIME
               ? exchange_refuse_member(exchange, NULL,
                                        "would move the time out of the years 0 to 9999")
               : answer_clock(exchange);
}

int handle_reset_clock(struct exchange *exchange, const void *input) {
    (void)input;
    sandbox_reset_clock(exchange->sandbox);
    return answer_clock(exchange);
}
