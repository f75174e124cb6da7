/* The options of `kestub serve`. One table in config.c declares them all. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum auth_mode {
    AUTH_STRICT, /* credentials of the emulated users */
    AUTH_ANY,    /* well-formed credentials of anyone are an administrator's */
    AUTH_OFF,    /* every request is an administrator's */
};

enum missing_groups { MISSING_GROUPS_REJECT, MISSING_GROUPS_CLEAR };

enum log_format { LOG_TEXT, LOG_JSON, LOG_OFF };

#define CONFIG_CLOCK_RUNS INT64_MIN
#define CONFIG_LARGEST_BODY (INT64_C(1) << 30)

struct config {
    const char *host;
    int64_t port;
    const char *db; /* NULL: in memory */
    const char *fixture;
    int64_t auth;    /* enum auth_mode */
    int64_t threads; /* 0: one per processor */
    int64_t max_body;
    int64_t log;             /* enum log_format */
    const char *ready_file;  /* NULL: none */
    int64_t missing_groups;  /* enum missing_groups */
    int64_t admin;           /* whether there is a control plane */
    const char *admin_token; /* NULL: it asks for none */
    const char *admin_hosts; /* NULL: none */
    const char *mappings;    /* NULL: none */
    const char *files;       /* NULL: none */
    const char *fault;       /* NULL: none */
    int64_t max_sandboxes;
    int64_t journal;         /* entries; 0: there is none */
    int64_t journal_secrets; /* whether it keeps them */
    int64_t password_cost;   /* enum password_cost */
    int64_t clock;           /* epoch ms at which it stands still, or CONFIG_CLOCK_RUNS */
    int64_t start_us;        /* when the program started, by timestamp_monotonic_us */
};

enum { CONFIG_ERROR_SIZE = 256 };

/* Defaults, then KESTUB_* of the environment, then flags: --name VALUE or --name=VALUE, of which
 * the last one counts. Strings are borrowed from `arguments` and `getenv`. 0; >0 and a line in
 * `error` that names what is wrong. */
int config_load(struct config *ret_config, int n_arguments, char *const *arguments,
                const char *(*getenv)(const char *name), char error[CONFIG_ERROR_SIZE]);

/* Whether a "NAME=value" of the environment looks like an option's variable and is none; then `out`
 * says so, and names the one that may be meant. */
bool config_find_mistake(const char *variable, char out[CONFIG_ERROR_SIZE]);

/* The options' part of the help text. */
void config_print_help(FILE *out);
