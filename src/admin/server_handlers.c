/* What the server tells about itself. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "admin_input.h"
#include "api/answer.h"
#include "embedded.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

static void render_health(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct config *config = value;
    int64_t up_us = timestamp_monotonic_us() - config->start_us;
    json_add_text(builder, root, "status", "healthy");
    json_add_text(builder, root, "message", "kestub is ready");
    json_add_text(builder, root, "version", KESTUB_VERSION);
    json_add_integer(builder, root, "uptimeInSeconds", up_us / 1000000);
    json_add_instant(builder, root, "timestamp", timestamp_now());
}

static bool has_parameter(const struct route *route) {
    for (size_t i = 0; i < route->n_segments; i++)
        if (!route->segments[i])
            return true;
    return false;
}

/* The link leads to the sandbox that the path of the request names. */
static void render_link(struct json_builder *builder, struct json_parent links,
                        const struct route *route, struct exchange *exchange) {
    const char *sandbox = exchange->request.sandbox;
    struct arena *arena = &exchange->request.arena;
    const char *href = sandbox ? arena_format(arena, "/sandbox/%s", sandbox) : "";
    for (size_t i = 0; href && i < route->n_segments; i++)
        href = arena_format(arena, "%s/%s", href, route->segments[i]);
    builder->failed |= !href;
    struct json_parent link = json_add_object(builder, links, NULL);
    json_add_text(builder, link, "operation", route->operations[HTTP_GET]->id);
    json_add_text(builder, link, "href", href);
}

/* Lists what a client can look at without knowing an id. */
int handle_get_index(struct exchange *exchange, const void *input) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    struct json_parent links = json_add_array(&builder, json_begin_object(&builder), "links");
    (void)input;
    for (size_t i = 0; i < admin_routes.n_routes; i++) {
        const struct route *route = &admin_routes.routes[i];
        const struct operation *operation = route->operations[HTTP_GET];
        if (operation && operation != exchange->routing.operation && !has_parameter(route))
            render_link(&builder, links, route, exchange);
    }
    return answer_built(exchange, 200, &builder);
}

static void render_version(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    (void)value;
    json_add_text(builder, root, "version", KESTUB_VERSION);
}

int handle_get_admin_contract(struct exchange *exchange, const void *input) {
    (void)input;
    response_set_static(&exchange->response, 200, "application/yaml", embedded_admin_contract,
                        embedded_admin_contract_size);
    return 0;
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
