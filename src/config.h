/* The options of `kestub serve`, which options.c declares. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum auth_mode {
    AUTH_STRICT, /* only the credentials of the emulated users pass */
    AUTH_ANY,    /* any well-formed credentials pass as an administrator's */
    AUTH_OFF,    /* every request passes as an administrator's */
};

enum missing_groups { MISSING_GROUPS_REJECT, MISSING_GROUPS_CLEAR };

enum invalid_mappings { INVALID_MAPPINGS_FAIL, INVALID_MAPPINGS_SKIP };

enum log_format { LOG_TEXT, LOG_JSON, LOG_OFF };

#define CONFIG_CLOCK_RUNS INT64_MIN
#define CONFIG_LARGEST_BODY (INT64_C(1) << 30)
#define CONFIG_LARGEST_MEMORY (INT64_C(1) << 40)

struct config {
    const char *host;
    int64_t port;
    const char *db;          /* NULL: in memory */
    const char *fixture;     /* NULL: nobody has chosen one */
    const char *mounts;      /* NULL: none */
    int64_t server_version;  /* index in contract_versions */
    int64_t auth;            /* enum auth_mode */
    int64_t threads;         /* 0: one per processor */
    int64_t max_connections; /* 0: as many as the system lets it have */
    int64_t max_body;
    int64_t max_memory;      /* 0: a share of what the system has */
    int64_t request_timeout; /* seconds */
    int64_t log;             /* enum log_format */
    const char *ready_file;  /* NULL: none */
    int64_t missing_groups;  /* enum missing_groups */
    int64_t admin;           /* whether there is a control plane */
    const char *admin_token; /* NULL: none is required */
    const char *admin_hosts; /* NULL: none */
    const char *cors;        /* origins and "*", separated by commas; NULL: none */
    const char *tls_cert;    /* NULL: none */
    const char *tls_key;     /* NULL: none */
    int64_t tls_self_signed;
    const char *tls_cert_out; /* NULL: none */
    int64_t tls_port;         /* -1: the only port is that of `port` */
    const char *root_dir;     /* NULL: none */
    const char *mappings;     /* NULL: none */
    int64_t invalid_mappings; /* enum invalid_mappings */
    const char *files;        /* NULL: none */
    const char *fault;        /* NULL: none */
    int64_t global_response_templating;
    int64_t max_sandboxes;
    int64_t journal;           /* number of entries; 0: no journal */
    int64_t journal_secrets;   /* whether the journal keeps secrets */
    int64_t password_cost;     /* enum password_cost */
    int64_t clock;             /* epoch ms at which the clock stands still, or CONFIG_CLOCK_RUNS */
    int64_t management_port;   /* -1: there is none; only `kestub server` sets these four */
    const char *administrator; /* NULL: those of the fixture */
    const char *administrator_password;
    const char *administrator_tenants; /* ids, separated by commas */
    const char *console_key;           /* of this run; NULL: there is no console */
    const char *commit;                /* that the program was built from; NULL: unknown */
    int64_t start_us;                  /* when the program started, by timestamp_monotonic_us */
};

enum { CONFIG_ERROR_SIZE = 256 };

/* Whether clients can speak TLS: at tls_port if there is one, and otherwise at `port`. */
static inline bool config_has_tls(const struct config *config) {
    return config->tls_cert || config->tls_self_signed;
}

struct version;
const struct version *config_version(const struct config *config);

/* Takes the defaults, then the KESTUB_* variables, then the flags: --name VALUE or --name=VALUE.
 * Flags of WireMock's count as those of kestub that do the same. The last of several equal flags
 * counts. Strings are borrowed from `arguments` and `getenv`. Returns 0, or >0 with a line in
 * `reterr_error` that names the mistake. */
int config_load(struct config *ret_config, int n_arguments, char *const *arguments,
                const char *(*getenv)(const char *name), char reterr_error[CONFIG_ERROR_SIZE]);

/* Whether a "NAME=value" of the environment looks like the variable of an option but is not one.
 * Writes a warning in that case, with the variable that may be meant. */
bool config_find_mistake(const char *variable, char ret_mistake[CONFIG_ERROR_SIZE]);

/* Whether an argument that config_load has taken is a flag of WireMock's that changes nothing.
 * Writes a warning in that case. */
bool config_find_ignored(const char *argument, char ret_warning[CONFIG_ERROR_SIZE]);

/* Whether an argument is one of the options, with or without a value. */
bool config_is_option(const char *argument);

/* Prints the options for the help text. */
void config_print_help(FILE *out);
