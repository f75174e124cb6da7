#include "templates/template.h"

#include <errno.h>
#include <string.h>

#include "templates/helpers.h"
#include "templates/model.h"
#include "util/fatal.h"

/* Steps are cheap: a million of them take some 50 ms. */
enum { MAX_STEPS = 4 << 20, MAX_MEMORY = 64 << 20 };

struct template {
    const struct node *nodes;
};

int template_parse(const char *text, size_t size, struct arena *arena,
                   const struct template **ret_template, struct syntax_error *reterr_error) {
    if (!memmem(text, size, "{{", 2)) {
        *ret_template = NULL;
        return 0;
    }
    struct template *template = arena_alloc(arena, sizeof(*template));
    if (!template)
        return FATAL(ENOMEM);
    int r = syntax_parse(text, size, helpers_find, arena, &template->nodes, reterr_error);
    if (r == 0)
        *ret_template = template;
    return r;
}

int template_session_init(struct template_session *session, const struct template_scope *scope) {
    memset(&session->evaluation, 0, sizeof(session->evaluation));
    memset(&session->root, 0, sizeof(session->root));
    arena_init(&session->arena);
    arena_limit(&session->arena, MAX_MEMORY);
    session->arena.memory = scope->memory;
    session->budget = (struct budget){.left = MAX_STEPS};
    session->evaluation.room =
        (struct value_room){.arena = &session->arena, .budget = &session->budget};
    session->evaluation.random = scope->seed;
    session->evaluation.now = scope->subject->now;
    session->evaluation.frame = &session->root;
    return model_make(&session->evaluation, scope->subject, scope->path, scope->parameters,
                      &session->root.self);
}

void template_session_deinit(struct template_session *session) {
    json_trees_free(session->evaluation.trees);
    session->evaluation.trees = NULL;
    arena_deinit(&session->arena);
}

int template_render(struct template_session *session, const struct template *template,
                    struct buffer *out) {
    struct evaluation *evaluation = &session->evaluation;
    evaluation->out = out;
    evaluation->variables = NULL;
    int r = evaluation_render(evaluation, template->nodes);
    if (r < 0 && session->arena.is_used_up)
        return evaluation_fail(evaluation, NULL, "takes too much memory");
    return r;
}
