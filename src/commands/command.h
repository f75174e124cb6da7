/* The commands of the program. */
#pragma once

#include <stdio.h>

enum { EXIT_USAGE = 2 };

struct command {
    const char *name;
    const char *usage;   /* the command line, without "kestub" */
    const char *summary; /* one line, without a capital letter or a period */
    const char *details; /* more lines for its own help, each with a newline; NULL: none */
    int min_operands, max_operands;
    void (*print_options)(FILE *out); /* NULL: it takes only operands, which main counts */
    int (*run)(int n_arguments, char *const *arguments); /* returns the exit status */
};

extern const struct command command_serve;
extern const struct command command_check;
extern const struct command command_healthcheck;
extern const struct command command_openapi;
extern const struct command command_server;
extern const struct command command_version;

/* Writes a message as one line, with control characters replaced, after flushing stdout. */
void command_write_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes a message to stderr in the same way, after "kestub: ". Returns EXIT_USAGE. */
int command_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct config;

/* Serves as `kestub serve` does, with these options. Returns the exit status. */
int command_serve_with(struct config *config);

/* getenv, for config_load. */
const char *command_getenv(const char *name);
