/* Serves the files of the console. They are no secret: whoever opens the page has shown no token
 * yet, and the page asks for it. */
#include <errno.h>
#include <string.h>

#include "admin_input.h"
#include "embedded.h"
#include "exchange/exchange.h"
#include "util/fatal.h"

static int answer(struct exchange *exchange, const struct embedded_file *file) {
    /* The page loads nothing but its own files, and makes no markup out of text. */
    const struct name_value headers[] = {
        {"Content-Type", file->type},
        {"ETag", file->tag},
        {"Cache-Control", "no-cache"},
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
         "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
         "require-trusted-types-for 'script'; trusted-types 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
    };
    const size_t count = sizeof(headers) / sizeof(headers[0]);
    const char *known = request_find_header(&exchange->request, "If-None-Match");
    bool is_known = known && strcmp(known, file->tag) == 0;
    struct name_value *items = arena_alloc(&exchange->request.arena, sizeof(headers));
    if (!items)
        return FATAL(ENOMEM);
    memcpy(items, headers, sizeof(headers));
    struct name_value_list list = {.items = items, .count = count};
    if (is_known) {
        list = (struct name_value_list){.items = items + 1, .count = count - 1}; /* no type */
        response_set_empty(&exchange->response, 304);
    } else {
        response_set_static(&exchange->response, 200, NULL, file->bytes, file->size);
    }
    response_borrow_headers(&exchange->response, &list);
    return 0;
}

static int answer_file(struct exchange *exchange, const char *name) {
    for (const struct embedded_file *file = embedded_console; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return answer(exchange, file);
    response_set_empty(&exchange->response, 404);
    return 0;
}

int handle_get_console(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_file(exchange, "console.html");
}

int handle_get_console_file(struct exchange *exchange, const void *input) {
    const struct get_console_file_input *in = input;
    return answer_file(exchange, in->file);
}
