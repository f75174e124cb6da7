/* The state of parsing, for syntax.c, which reads blocks, and syntax_parse.c, which reads what is
 * inside a tag. */
#pragma once

#include "templates/syntax.h"

struct syntax {
    struct arena *arena;
    helper_find *find;
    struct syntax_error *error;
    const char *start; /* of the template, after whose end a zero follows */
    const char *at;
    const char *end;
    const char *tag;     /* the last one's start */
    const char *counted; /* as far as lines have been counted */
    const char *line_start;
    size_t line;
    bool strips; /* white space at the start of the next text */
    size_t n_tags;
    size_t depth; /* of blocks and subexpressions */
};

/* Returns line and column, from 1, of a place in the template. */
void syntax_find_place(struct syntax *s, const char *at, size_t *ret_line, size_t *ret_column);

/* Notes a mistake and its place, and returns >0. */
int syntax_refuse(struct syntax *s, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void syntax_skip_blanks(struct syntax *s);

/* Reads the end of a tag, with its ~. */
int syntax_end_tag(struct syntax *s, const char *end);

/* Reads a name with its parameters: the call of a helper, or with `is_body` also a section. */
int syntax_parse_call(struct syntax *s, bool is_body, struct call **ret_call);

/* Reads what {{…}} writes: a call or a path. */
int syntax_parse_output(struct syntax *s, struct expression *ret_expression);
