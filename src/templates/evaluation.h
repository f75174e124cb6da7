/* Renders the trees of templates, and gives helpers what they work with. */
#pragma once

#include "json/json_trees.h"
#include "templates/syntax.h"

struct document;

/* What `../`, @index and names of blocks refer to, on the stack of the rendering. */
struct frame {
    const struct frame *parent;
    struct value self;
    size_t index; /* in `each` */
    const char *key;
    bool is_each, is_first, is_last;
    const char *names[2]; /* as |value key| */
    struct value values[2];
};

/* A text or value that a template has given a name. */
struct variable {
    struct variable *next;
    const char *name;
    struct value value;
};

enum { EVALUATION_ERROR_SIZE = 320 };

/* Helpers use all but `out` and `frame` freely. One thread uses an evaluation. */
struct evaluation {
    struct value_room room;
    const struct frame *frame;
    struct buffer *out;
    struct variable *variables;
    struct json_tree *trees;          /* (owned) free with json_trees_free */
    const struct document *documents; /* see documents.h */
    uint64_t random;                  /* see util/random.h */
    int64_t now;                      /* in epoch ms */
    size_t depth;
    char error[EVALUATION_ERROR_SIZE]; /* of the last evaluation_fail */
};

enum { EVALUATION_FAILED = 1 };

/* Appends what the nodes render to evaluation->out. Returns 0, EVALUATION_FAILED or <0. */
int evaluation_render(struct evaluation *evaluation, const struct node *nodes);

/* The same with another value for `this`, for a block of `call`. `frame` needs self and what @names
 * refer to. */
int evaluation_render_within(struct evaluation *evaluation, const struct call *call,
                             struct frame *frame);

/* Renders into a text in the arena. */
int evaluation_capture(struct evaluation *evaluation, const struct node *nodes,
                       struct value *ret_text);

/* Notes what went wrong, with the place of the call, and returns EVALUATION_FAILED. */
int evaluation_fail(struct evaluation *evaluation, const struct call *call, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Turns a result of value_print and its kind into one of a helper's. */
int evaluation_check(struct evaluation *evaluation, const struct call *call, int r);

/* Return 0 and a value, which is absent when the call does not have it; or as a helper does. A
 * helper without parameters works on `this`. */
int evaluation_param(struct evaluation *evaluation, const struct call *call, size_t index,
                     struct value *ret_value);
int evaluation_option(struct evaluation *evaluation, const struct call *call, const char *name,
                      struct value *ret_value);

/* The same as text; fails when it is absent. */
int evaluation_param_text(struct evaluation *evaluation, const struct call *call, size_t index,
                          struct value *ret_text);

/* The same as a whole number; fails when it is none. Options that the call does not have leave
 * the number as it is. */
int evaluation_param_integer(struct evaluation *evaluation, const struct call *call, size_t index,
                             int64_t *ret_number);
int evaluation_option_integer(struct evaluation *evaluation, const struct call *call,
                              const char *name, int64_t *ret_number);

/* Whether the option is true. */
int evaluation_option_flag(struct evaluation *evaluation, const struct call *call, const char *name,
                           bool *ret_flag);

/* Turns a value into text. */
int evaluation_text(struct evaluation *evaluation, const struct call *call,
                    const struct value *value, struct value *ret_text);

/* Takes a text that was built, and frees the buffer. `r` is the result of building it. */
int evaluation_take(struct evaluation *evaluation, const struct call *call, int r,
                    struct buffer *buffer, struct value *ret_text);

/* Makes a value known by a name in the rest of the template. Returns 0 or -ENOMEM. */
int evaluation_assign(struct evaluation *evaluation, const char *name, const struct value *value);

/* Renders the block's body or what follows its {{else}}, or without a block returns a boolean. */
int evaluation_decide(struct evaluation *evaluation, const struct call *call, bool is_true,
                      struct value *ret_value);

/* Returns a text that tells the client of a mistake, as WireMock does: [ERROR: …]. */
int evaluation_complain(struct evaluation *evaluation, struct value *ret_text, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));
