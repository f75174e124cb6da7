/* The commands of the program. */
#pragma once

#include <stdio.h>

enum { EXIT_USAGE = 2 };

struct command {
    const char *name;
    const char *usage;   /* the command line, without "kestub" */
    const char *summary; /* in one line, without a capital and a period */
    const char *details; /* more lines for its own help, each with its newline; NULL: none */
    int min_operands, max_operands;
    void (*print_options)(FILE *out); /* NULL when it has operands only, which main counts */
    int (*run)(int n_arguments, char *const *arguments); /* returns the exit status */
};

extern const struct command command_serve;
extern const struct command command_check;
extern const struct command command_healthcheck;
extern const struct command command_openapi;
extern const struct command command_version;

/* Writes a message as one line, whatever is in it, and after what was written to stdout. */
void command_write_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same to stderr, with "kestub: " in front. Returns EXIT_USAGE. */
int command_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As getenv, for config_load. */
const char *command_getenv(const char *name);
