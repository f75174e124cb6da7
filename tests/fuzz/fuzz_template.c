/* Input: a template, and after a zero a request for match_request.h. What is parsed is rendered,
 * twice alike for the same seed. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "match_request.h"
#include "templates/template.h"

/* Renders into `out`. Returns the result. */
static int render(const struct template *template, struct match_subject *subject,
                  struct buffer *out) {
    const struct template_scope scope = {.subject = subject, .seed = 1};
    struct template_session session;
    if (template_session_init(&session, &scope) != 0)
        abort();
    int r = template_render(&session, template, out);
    if (r < 0 || (r > 0 && !session.evaluation.error[0]) || out->size > VALUE_MAX_OUTPUT)
        abort();
    template_session_deinit(&session);
    return r;
}

static void check(const struct template *template, const char *request, size_t size) {
    struct arena arena;
    struct match_subject subject;
    struct buffer first = {0};
    struct buffer second = {0};
    arena_init(&arena);
    if (!match_request_read(request, size, &arena, &subject) ||
        match_subject_set_place(&subject, false, subject.target) != 0)
        abort();
    int r = render(template, &subject, &first);
    if (render(template, &subject, &second) != r)
        abort();
    buffer_deinit(&first);
    buffer_deinit(&second);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char request[] =
        "POST /a/b?q=1&q=2\nHost: h:1\nCookie: c=d\n\n{\"a\":[1,{\"b\":\"x\"}]}";
    const char *text = (const char *)data;
    const char *gap = memchr(text, '\0', size);
    size_t length = gap ? (size_t)(gap - text) : size;
    const struct template *template = NULL;
    struct syntax_error error = {0};
    struct arena arena;
    arena_init(&arena);
    int r = template_parse(text, length, &arena, &template, &error);
    if (r < 0 || (r > 0 && (!error.message[0] || error.line == 0 || error.column == 0)))
        abort();
    if (r == 0 && template && gap)
        check(template, gap + 1, size - length - 1);
    else if (r == 0 && template)
        check(template, request, strlen(request));
    arena_deinit(&arena);
    return 0;
}
