#include "exchange/templating.h"

#include <errno.h>
#include <string.h>

#include "exchange/body_file.h"
#include "json/json.h"
#include "templates/template.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"
#include "util/text.h"

/* A larger file is sent from the disk, and cannot be a template. */
enum { MAX_FILE = 4 << 20 };

struct templating {
    struct exchange *exchange;
    const struct stub *stub;
    struct template_session session;
};

bool templating_is_needed(const struct stub *stub) {
    const struct stub_templates *templates = &stub->templates;
    if (!templates->is_active)
        return false;
    bool has_template =
        templates->body || templates->body_file || (stub->body_file && !templates->keeps_files);
    for (size_t i = 0; templates->headers && i < stub->headers.count; i++)
        has_template |= templates->headers[i] != NULL;
    return has_template;
}

static int fail(struct templating *t, const char *member, const char *reason) {
    const char *detail =
        arena_format(&t->exchange->request.arena, "stub %s: %s: %s", t->stub->id, member, reason);
    return detail ? exchange_fail(t->exchange, ERROR_BROKEN_STUB, detail) : FATAL(ENOMEM);
}

/* Returns 0, EXCHANGE_ANSWERED after a failure, or <0. */
static int render(struct templating *t, const char *member, const struct template *template,
                  struct buffer *out) {
    int r = template_render(&t->session, template, out);
    return r > 0 ? fail(t, member, t->session.evaluation.error) : r;
}

/* Renders a short text into the arena of the request. */
static int render_text(struct templating *t, const char *member, const struct template *template,
                       const char **ret_text) {
    CLEANUP(buffer_deinit) struct buffer out = {0};
    int r = render(t, member, template, &out);
    if (r != 0)
        return r;
    if (out.bytes && strlen(out.bytes) != out.size)
        return fail(t, member, "the rendered text has a NUL");
    const char *text = arena_copy(&t->exchange->request.arena, out.bytes, out.size);
    if (!text)
        return FATAL(ENOMEM);
    *ret_text = text;
    return 0;
}

static int render_headers(struct templating *t, struct name_value_list *ret_headers) {
    const struct name_value_list *headers = &t->stub->headers;
    struct arena *arena = &t->exchange->request.arena;
    struct name_value *items = arena_alloc(arena, headers->count * sizeof(*items));
    size_t bytes = 0;
    if (!items)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < headers->count; i++) {
        const struct template *template = t->stub->templates.headers[i];
        items[i] = headers->items[i];
        const char *member = arena_format(arena, "headers.%s", items[i].name);
        if (!member)
            return FATAL(ENOMEM);
        int r = template ? render_text(t, member, template, &items[i].value) : 0;
        if (r != 0)
            return r;
        if (!text_is_header_value(items[i].value))
            return fail(t, member, "the rendered value has control characters");
        bytes += strlen(items[i].name) + strlen(items[i].value) + strlen(": \r\n");
        if (bytes > STUB_MAX_HEADER_BYTES)
            return fail(t, member, "makes more than 8192 bytes of headers");
        if (!items[i].value[0])
            items[i].value = " "; /* libmicrohttpd refuses empty ones */
    }
    *ret_headers = (struct name_value_list){.items = items, .count = headers->count};
    return 0;
}

/* Renders a file's text, unless it has no template. */
static int render_file(struct templating *t, const char *name, struct buffer *out) {
    CLEANUP(cleanup_free) char *bytes = NULL;
    const struct template *template = NULL;
    struct syntax_error error;
    const char *member = arena_format(&t->exchange->request.arena, "bodyFileName '%s'", name);
    const char *directory = t->exchange->config->files;
    size_t size = 0;
    if (!member)
        return FATAL(ENOMEM);
    if (!directory)
        return fail(t, member, "kestub was started without --files");
    int r = files_read(directory, name, &bytes, &size);
    if (fatal_errno(r) == ENOMEM)
        return r;
    if (r < 0)
        return fail(t, member, strerror(fatal_errno(r)));
    if (size > MAX_FILE)
        return fail(t, member,
                    "has more than 4 MiB, so it cannot be a template; see the parameter "
                    "disableBodyFileTemplating");
    r = template_parse(bytes, size, &t->session.arena, &template, &error);
    if (r > 0) {
        const char *reason = arena_format(&t->exchange->request.arena, "%zu:%zu: %s", error.line,
                                          error.column, error.message);
        return reason ? fail(t, member, reason) : FATAL(ENOMEM);
    }
    if (r == 0 && !template)
        *out = (struct buffer){TAKE(bytes), size, size + 1};
    return r == 0 && template ? render(t, member, template, out) : r;
}

/* A jsonBody must be JSON again, as WireMock demands. */
static int check_json(struct templating *t, const struct buffer *body) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error error;
    int r = json_parse(body->bytes ? body->bytes : "", body->size, &tree, &error);
    if (r <= 0)
        return r;
    const char *reason = arena_format(&t->exchange->request.arena,
                                      "what was rendered is not valid JSON: %zu:%zu: %s",
                                      error.line, error.column, error.reason);
    return reason ? fail(t, "jsonBody", reason) : FATAL(ENOMEM);
}

static int render_body(struct templating *t, struct buffer *out) {
    const struct stub *stub = t->stub;
    if (!stub->templates.body)
        return buffer_append(out, stub->body, stub->body ? stub->body_size : 0, SIZE_MAX);
    int r = render(t, stub->templates.is_json ? "jsonBody" : "body", stub->templates.body, out);
    return r == 0 && stub->templates.is_json ? check_json(t, out) : r;
}

static int answer(struct templating *t) {
    CLEANUP(buffer_deinit) struct buffer body = {0};
    struct name_value_list headers = {0};
    struct exchange *exchange = t->exchange;
    const struct stub *stub = t->stub;
    const char *file = stub->body_file;
    int r = render_headers(t, &headers);
    if (r == 0 && stub->templates.body_file)
        r = render_text(t, "bodyFileName", stub->templates.body_file, &file);
    if (r == 0 && file && stub->templates.keeps_files)
        return body_file_answer(exchange, (int)stub->status, file, &headers);
    if (r == 0)
        r = file ? render_file(t, file, &body) : render_body(t, &body);
    if (r != 0)
        return r;
    if (body.size > 0)
        response_set_owned(&exchange->response, (int)stub->status, NULL, TAKE(body.bytes),
                           body.size);
    else
        response_set_static(&exchange->response, (int)stub->status, NULL, NULL, 0);
    response_borrow_headers(&exchange->response, &headers);
    return EXCHANGE_ANSWERED;
}

int templating_answer(struct exchange *exchange, const struct stub *stub,
                      struct match_subject *subject, uint64_t seed) {
    const struct template_scope scope = {
        .subject = subject,
        .path = stub->pattern ? pattern_url_template(stub->pattern) : NULL,
        .parameters = stub->templates.parameters,
        .seed = seed,
        .memory = exchange_memory(exchange),
    };
    struct templating t;
    t.exchange = exchange;
    t.stub = stub;
    int r = template_session_init(&t.session, &scope);
    if (r == 0)
        r = answer(&t);
    template_session_deinit(&t.session);
    return r;
}
