/* What the server tells about itself. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "admin_input.h"
#include "api/answer.h"
#include "util/fatal.h"
#include "util/timestamp.h"

static void render_health(struct json_builder *builder, cJSON *root, const void *value) {
    const struct config *config = value;
    int64_t up_us = timestamp_monotonic_us() - config->start_us;
    json_add_text(builder, root, "status", "healthy");
    json_add_text(builder, root, "message", "kestub is ready");
    json_add_text(builder, root, "version", KESTUB_VERSION);
    json_add_integer(builder, root, "uptimeInSeconds", up_us / 1000000);
    json_add_instant(builder, root, "timestamp", timestamp_now());
}

static void render_version(struct json_builder *builder, cJSON *root, const void *value) {
    (void)value;
    json_add_text(builder, root, "version", KESTUB_VERSION);
}

int handle_get_admin_health(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_object(exchange, 200, render_health, exchange->config);
}

int handle_get_version(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_object(exchange, 200, render_version, NULL);
}

/* main waits for this signal. The server sends the response before it stops. */
int handle_shut_down(struct exchange *exchange, const void *input) {
    (void)input;
    response_set_empty(&exchange->response, 200);
    return kill(getpid(), SIGTERM) < 0 ? FATAL(EIO) : 0;
}
