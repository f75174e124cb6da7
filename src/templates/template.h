/* Response templates: Handlebars as WireMock has it. */
#pragma once

#include "match/subject.h"
#include "templates/evaluation.h"
#include "templates/syntax.h"
#include "util/buffer.h"
#include "util/url_template.h"

struct template;

/* Parses a template into the arena, where it never changes. Returns 0 and the template, or NULL
 * when the text has none; >0 and a mistake; or -ENOMEM. */
int template_parse(const char *text, size_t size, struct arena *arena,
                   const struct template **ret_template, struct syntax_error *reterr_error);

/* What templates see of one request. All is borrowed. */
struct template_scope {
    struct match_subject *subject;
    const struct url_template *path; /* of the stub, or NULL */
    const cJSON *parameters;         /* or NULL */
    uint64_t seed;                   /* of random values */
    struct memory_limit *memory;     /* or NULL */
};

/* The rendering of the templates of one answer. All of them share a budget. */
struct template_session {
    struct arena arena;
    struct budget budget;
    struct evaluation evaluation;
    struct frame root;
};

/* Returns 0 or -ENOMEM. The session may not be moved, and needs template_session_deinit in both
 * cases. */
int template_session_init(struct template_session *session, const struct template_scope *scope);
void template_session_deinit(struct template_session *session);

/* Appends what the template renders. Returns 0, -ENOMEM, or >0 when it cannot be rendered;
 * session->evaluation.error is then a sentence that starts with line and column. */
int template_render(struct template_session *session, const struct template *template,
                    struct buffer *out);
