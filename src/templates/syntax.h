/* Handlebars templates as trees. A tree lies in an arena and never changes, so threads can share
 * it. */
#pragma once

#include "templates/value.h"

struct call;
struct evaluation;

enum { SYNTAX_ERROR_SIZE = 320, SYNTAX_MAX_TAGS = 10000, SYNTAX_MAX_DEPTH = 50 };

/* Says why a call cannot work, as far as its literals show: writes a sentence and returns >0.
 * Otherwise returns 0, or -ENOMEM. */
typedef int helper_check(const struct call *call, struct arena *arena,
                         char reterr_error[SYNTAX_ERROR_SIZE]);

/* Returns 0 and a value; >0 after evaluation_fail; or <0. */
typedef int helper_run(struct evaluation *evaluation, const struct call *call,
                       struct value *ret_value);

struct helper {
    const char *name;
    helper_run *run;
    const char *options; /* names, separated by blanks; NULL: none */
    helper_check *check; /* or NULL */
    bool is_block;       /* makes sense only as {{#name}} */
    bool has_body;       /* may be a block; is_block implies it */
    const char *reason;  /* why kestub does not have it; NULL: it has */
};

/* A path such as ../a.[0]. */
struct path {
    size_t n_up;  /* the number of ../ */
    bool is_data; /* @name */
    bool is_here; /* this, ./name or ../name: not looked up further out */
    const char **names;
    size_t count;
};

enum expression_kind { EXPRESSION_LITERAL, EXPRESSION_PATH, EXPRESSION_CALL };

struct expression {
    enum expression_kind kind;
    struct value literal;
    struct path path;
    const struct call *call;
};

/* A parameter, or with a name an option. */
struct argument {
    const struct argument *next;
    const char *name;
    struct expression expression;
};

struct node;

/* A call of a helper, or of a section, whose helper is NULL. */
struct call {
    const struct helper *helper;
    size_t line, column; /* from 1 */
    const struct argument *arguments;
    size_t n_params;
    bool is_body;             /* it is a block */
    const struct node *body;  /* of a block; NULL: it is empty */
    const struct node *other; /* after {{else}} */
    const char *names[2];     /* as |value key|; NULL: none */
};

enum node_kind { NODE_TEXT, NODE_OUTPUT };

struct node {
    const struct node *next;
    enum node_kind kind;
    const char *text;
    size_t size;
    struct expression expression;
};

struct syntax_error {
    size_t line, column; /* from 1; the column in bytes */
    char message[SYNTAX_ERROR_SIZE];
};

typedef const struct helper *helper_find(const char *name, char reterr_hint[96]);

/* Parses a template, which is copied into the arena. Returns 0 and the first node (NULL: nothing);
 * >0 and a mistake; or -ENOMEM. */
int syntax_parse(const char *text, size_t size, helper_find *find, struct arena *arena,
                 const struct node **ret_nodes, struct syntax_error *reterr_error);

/* Returns the literal text of a parameter or an option, or NULL when it is no literal text. */
const char *syntax_param_text(const struct call *call, size_t index);
const char *syntax_option_text(const struct call *call, const char *name);

/* Returns a parameter by its index from 0, or an option; NULL when the call does not have it. */
const struct expression *syntax_param(const struct call *call, size_t index);
const struct expression *syntax_option(const struct call *call, const char *name);
