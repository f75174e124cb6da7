#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "contract_input.h"
#include "environment.h"
#include "util/nearest.h"
#include "util/timestamp.h"

#define VARIABLE_PREFIX "KESTUB_"

enum { FLAG_SIZE = 104 };

enum option_type {
    OPTION_TEXT,
    OPTION_NAMES,
    OPTION_NUMBER,
    OPTION_SIZE,
    OPTION_CHOICE,
    OPTION_INSTANT
};

struct option {
    const char *name;
    const char *variable;
    enum option_type type;
    bool may_be_missing; /* the config then has NULL instead of the fallback */
    const char *value;   /* in the help */
    const char *fallback;
    const char *implied;        /* the value of the flag alone; NULL: the flag needs one */
    int64_t min, max;           /* of numbers and sizes */
    const char *const *choices; /* in the order of their enum, ends with NULL */
    size_t offset;              /* of a const char * or an int64_t */
    const char *help;
};

#define RUNNING "running"

static const char *const auth_choices[] = {"strict", "any", "off", NULL};
static const char *const log_choices[] = {"text", "json", "off", NULL};
static const char *const switch_choices[] = {"off", "on", NULL};
static const char *const password_cost_choices[] = {"low", "high", NULL};
static const char *const missing_groups_choices[] = {"reject", "clear", NULL};

static const struct option options[] = {
    {
        .name = "host",
        .variable = "KESTUB_HOST",
        .type = OPTION_TEXT,
        .value = "ADDRESS",
        .fallback = "127.0.0.1",
        .offset = offsetof(struct config, host),
        .help = "address to listen on, IPv4 or IPv6, or unix:PATH",
    },
    {
        .name = "port",
        .variable = "KESTUB_PORT",
        .type = OPTION_NUMBER,
        .value = "NUMBER",
        .fallback = "8080",
        .max = 65535,
        .offset = offsetof(struct config, port),
        .help = "port to listen on; 0 picks a free one",
    },
    {
        .name = "db",
        .variable = "KESTUB_DB",
        .type = OPTION_TEXT,
        .value = "PATH",
        .offset = offsetof(struct config, db),
        .help = "SQLite file that keeps the state; without it, the state is in memory",
    },
    {
        .name = "fixture",
        .variable = "KESTUB_FIXTURE",
        .type = OPTION_TEXT,
        .value = "FILE",
        .fallback = "default",
        .may_be_missing = true,
        .offset = offsetof(struct config, fixture),
        .help = "what a new database starts with: a JSON file, or the built-in default or empty",
    },
    {
        .name = "server-version",
        .variable = "KESTUB_SERVER_VERSION",
        .type = OPTION_CHOICE,
        .choices = contract_version_names,
        .fallback = CONTRACT_DEFAULT_VERSION,
        .offset = offsetof(struct config, server_version),
        .help = "version of the emulated server; 2.0-rc was never released and is deprecated",
    },
    {
        .name = "auth",
        .variable = "KESTUB_AUTH",
        .type = OPTION_CHOICE,
        .choices = auth_choices,
        .fallback = "strict",
        .offset = offsetof(struct config, auth),
        .help = "whether users need their own credentials, any that are well-formed, or none",
    },
    {
        .name = "threads",
        .variable = "KESTUB_THREADS",
        .type = OPTION_NUMBER,
        .value = "NUMBER",
        .fallback = "0",
        .max = 64,
        .offset = offsetof(struct config, threads),
        .help = "threads that serve requests; 0 is one for each processor",
    },
    {
        .name = "max-connections",
        .variable = "KESTUB_MAX_CONNECTIONS",
        .type = OPTION_NUMBER,
        .value = "NUMBER",
        .fallback = "0",
        .max = 1000000,
        .offset = offsetof(struct config, max_connections),
        .help = "connections at a time; 0 is what the open files allow, 16384 at most",
    },
    {
        .name = "max-body",
        .variable = "KESTUB_MAX_BODY",
        .type = OPTION_SIZE,
        .value = "BYTES",
        .fallback = "1m",
        .min = 1,
        .max = CONFIG_LARGEST_BODY,
        .offset = offsetof(struct config, max_body),
        .help = "largest request body, in bytes or with the suffix k, m or g",
    },
    {
        .name = "max-memory",
        .variable = "KESTUB_MAX_MEMORY",
        .type = OPTION_SIZE,
        .value = "BYTES",
        .fallback = "0",
        .max = CONFIG_LARGEST_MEMORY,
        .offset = offsetof(struct config, max_memory),
        .help = "memory of the process, at least 32m; 0 is half of what the system has for it",
    },
    {
        .name = "request-timeout",
        .variable = "KESTUB_REQUEST_TIMEOUT",
        .type = OPTION_NUMBER,
        .value = "SECONDS",
        .fallback = "30",
        .min = 1,
        .max = 3600,
        .offset = offsetof(struct config, request_timeout),
        .help = "how long a head may take to arrive, and how long a client may do nothing",
    },
    {
        .name = "log",
        .variable = "KESTUB_LOG",
        .type = OPTION_CHOICE,
        .choices = log_choices,
        .fallback = "text",
        .offset = offsetof(struct config, log),
        .help = "format of the log on stderr",
    },
    {
        .name = "ready-file",
        .variable = "KESTUB_READY_FILE",
        .type = OPTION_TEXT,
        .value = "PATH",
        .offset = offsetof(struct config, ready_file),
        .help = "file that gets the base URL when the server is ready",
    },
    {
        .name = "missing-groups",
        .variable = "KESTUB_MISSING_GROUPS",
        .type = OPTION_CHOICE,
        .choices = missing_groups_choices,
        .fallback = "reject",
        .offset = offsetof(struct config, missing_groups),
        .help = "what updateUserGroups does without groupIds: answer 400, or remove all groups",
    },
    {
        .name = "admin",
        .variable = "KESTUB_ADMIN",
        .type = OPTION_CHOICE,
        .choices = switch_choices,
        .fallback = "on",
        .offset = offsetof(struct config, admin),
        .help = "whether there is a control plane below /__admin",
    },
    {
        .name = "admin-token",
        .variable = "KESTUB_ADMIN_TOKEN",
        .type = OPTION_TEXT,
        .value = "TOKEN",
        .offset = offsetof(struct config, admin_token),
        .help = "bearer token that the control plane asks for; without it, it asks for none",
    },
    {
        .name = "admin-hosts",
        .variable = "KESTUB_ADMIN_HOSTS",
        .type = OPTION_NAMES,
        .value = "NAME,...",
        .offset = offsetof(struct config, admin_hosts),
        .help = "public names by which clients may reach the control plane",
    },
    {
        .name = "tls-cert",
        .variable = "KESTUB_TLS_CERT",
        .type = OPTION_TEXT,
        .value = "FILE",
        .offset = offsetof(struct config, tls_cert),
        .help = "certificate in PEM, with its chain; kestub then speaks HTTPS",
    },
    {
        .name = "tls-key",
        .variable = "KESTUB_TLS_KEY",
        .type = OPTION_TEXT,
        .value = "FILE",
        .offset = offsetof(struct config, tls_key),
        .help = "private key of --tls-cert in PEM",
    },
    {
        .name = "tls-self-signed",
        .variable = "KESTUB_TLS_SELF_SIGNED",
        .type = OPTION_CHOICE,
        .choices = switch_choices,
        .fallback = "off",
        .implied = "on",
        .offset = offsetof(struct config, tls_self_signed),
        .help = "makes a certificate for localhost and --host, and speaks HTTPS with it",
    },
    {
        .name = "tls-cert-out",
        .variable = "KESTUB_TLS_CERT_OUT",
        .type = OPTION_TEXT,
        .value = "FILE",
        .offset = offsetof(struct config, tls_cert_out),
        .help = "file that gets the certificate of --tls-self-signed, for clients to trust",
    },
    {
        .name = "tls-port",
        .variable = "KESTUB_TLS_PORT",
        .type = OPTION_NUMBER,
        .value = "NUMBER",
        .max = 65535,
        .offset = offsetof(struct config, tls_port),
        .help = "port for HTTPS; --port then speaks HTTP. 0 picks a free one",
    },
    {
        .name = "mappings",
        .variable = "KESTUB_MAPPINGS",
        .type = OPTION_TEXT,
        .value = "DIR",
        .offset = offsetof(struct config, mappings),
        .help = "directory whose *.json files are the stubs that every sandbox starts with",
    },
    {
        .name = "files",
        .variable = "KESTUB_FILES",
        .type = OPTION_TEXT,
        .value = "DIR",
        .offset = offsetof(struct config, files),
        .help = "directory in which stubs find their bodyFileName",
    },
    {
        .name = "mounts",
        .variable = "KESTUB_MOUNTS",
        .type = OPTION_TEXT,
        .value = "DIR",
        .offset = offsetof(struct config, mounts),
        .help = "where kestub looks for fixtures, mappings and files that nobody has named",
    },
    {
        .name = "fault",
        .variable = "KESTUB_FAULT",
        .type = OPTION_TEXT,
        .value = "NAME[=ARG],...",
        .offset = offsetof(struct config, fault),
        .help = "fault profiles that every sandbox starts with",
    },
    {
        .name = "max-sandboxes",
        .variable = "KESTUB_MAX_SANDBOXES",
        .type = OPTION_NUMBER,
        .value = "NUMBER",
        .fallback = "1000",
        .max = 1000000,
        .offset = offsetof(struct config, max_sandboxes),
        .help = "how many sandboxes there may be besides the default one",
    },
    {
        .name = "journal",
        .variable = "KESTUB_JOURNAL",
        .type = OPTION_NUMBER,
        .value = "NUMBER",
        .fallback = "1000",
        .max = 100000,
        .offset = offsetof(struct config, journal),
        .help = "how many requests each sandbox remembers; 0 is none",
    },
    {
        .name = "journal-secrets",
        .variable = "KESTUB_JOURNAL_SECRETS",
        .type = OPTION_CHOICE,
        .choices = switch_choices,
        .fallback = "off",
        .offset = offsetof(struct config, journal_secrets),
        .help = "whether the journal shows passwords, tokens and cookies, which are *** otherwise",
    },
    {
        .name = "password-cost",
        .variable = "KESTUB_PASSWORD_COST",
        .type = OPTION_CHOICE,
        .choices = password_cost_choices,
        .fallback = "low",
        .offset = offsetof(struct config, password_cost),
        .help = "whether to hash a password takes microseconds, or some 10 ms as for real ones",
    },
    {
        .name = "clock",
        .variable = "KESTUB_CLOCK",
        .type = OPTION_INSTANT,
        .value = "INSTANT",
        .fallback = RUNNING,
        .offset = offsetof(struct config, clock),
        .help = "running, or an RFC 3339 instant at which the time of the state stands still",
    },
};
enum { N_OPTIONS = sizeof(options) / sizeof(options[0]) };

const struct version *config_version(const struct config *config) {
    return &contract_versions[config->server_version];
}

static void list_choices(const struct option *option, char *out, size_t size) {
    size_t length = 0;
    for (const char *const *choice = option->choices; *choice && length < size; choice++)
        length += (size_t)snprintf(out + length, size - length, "%s%s",
                                   choice == option->choices ? "" : "|", *choice);
}

static bool parse_integer(const struct option *option, const char *text, int64_t *ret_value) {
    static const char suffixes[] = "kmg";
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    int64_t value = strtoll(text, &end, 10);
    int64_t unit = 1;
    const char *suffix = option->type == OPTION_SIZE && *end ? strchr(suffixes, *end) : NULL;
    if (suffix) {
        unit <<= 10 * (suffix - suffixes + 1);
        end++;
    }
    if (errno || *end || value > option->max / unit || value * unit < option->min)
        return false;
    *ret_value = value * unit;
    return true;
}

static bool parse_choice(const struct option *option, const char *text, int64_t *ret_value) {
    for (int64_t i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *ret_value = i;
            return true;
        }
    }
    return false;
}

static bool is_choice(const struct option *option, const char *text) {
    int64_t value;
    return parse_choice(option, text, &value);
}

static int refuse_choice(const struct option *option, const char *source, const char *text,
                         char reterr_error[CONFIG_ERROR_SIZE]) {
    struct nearest nearest = {.text = text};
    char choices[64];
    char hint[NEAREST_HINT_SIZE];
    for (const char *const *choice = option->choices; *choice; choice++)
        nearest_offer(&nearest, *choice);
    list_choices(option, choices, sizeof(choices));
    nearest_hint(&nearest, "", hint);
    snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: '%.60s' is not one of %s%s", source, text,
             choices, hint);
    return 1;
}

/* Host names without port, separated by commas. */
static bool are_names(const char *text) {
    static const char letters[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_";
    for (;; text++) {
        size_t length = strspn(text, letters);
        text += length;
        if (length == 0 || *text != ',')
            return length > 0 && *text == '\0';
    }
}

/* `source` is the flag or the variable that has the value. */
static int set_option(struct config *config, const struct option *option, const char *source,
                      const char *text, char reterr_error[CONFIG_ERROR_SIZE]) {
    void *target = (char *)config + option->offset;
    switch (option->type) {
    case OPTION_TEXT:
        if (*text == '\0') {
            snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: must not be empty", source);
            return 1;
        }
        *(const char **)target = text;
        return 0;
    case OPTION_NAMES:
        if (!are_names(text)) {
            snprintf(reterr_error, CONFIG_ERROR_SIZE,
                     "%s: '%.60s' is no list of host names, such as a.example,b.example", source,
                     text);
            return 1;
        }
        *(const char **)target = text;
        return 0;
    case OPTION_NUMBER:
    case OPTION_SIZE:
        if (parse_integer(option, text, target))
            return 0;
        snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: '%.60s' is not a number from %lld to %lld",
                 source, text, (long long)option->min, (long long)option->max);
        return 1;
    case OPTION_INSTANT:
        *(int64_t *)target = CONFIG_CLOCK_RUNS;
        if (strcmp(text, RUNNING) == 0 || timestamp_parse(text, target) == 0)
            return 0;
        snprintf(reterr_error, CONFIG_ERROR_SIZE,
                 "%s: '%.60s' is neither '" RUNNING "' nor an RFC 3339 date-time with offset",
                 source, text);
        return 1;
    case OPTION_CHOICE:
        return parse_choice(option, text, target)
                   ? 0
                   : refuse_choice(option, source, text, reterr_error);
    }
    return 1;
}

static const struct option *find_option(const char *name, size_t length) {
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

static const struct option *find_flag(const char *argument) {
    return strncmp(argument, "--", 2) == 0 ? find_option(argument + 2, strcspn(argument, "=") - 2)
                                           : NULL;
}

bool config_is_option(const char *argument) {
    return find_flag(argument) != NULL;
}

/* The message does not repeat the text after an equals sign, which may be a secret. */
static int refuse_flag(const char *argument, char reterr_error[CONFIG_ERROR_SIZE]) {
    static const char *const others[] = {"help", "version", "h", "V"};
    char flag[FLAG_SIZE];
    char hint[NEAREST_HINT_SIZE];
    snprintf(flag, sizeof(flag), "%.*s", (int)strcspn(argument, "="), argument);
    struct nearest nearest = {.text = flag + strspn(flag, "-")};
    for (size_t i = 0; i < N_OPTIONS; i++)
        nearest_offer(&nearest, options[i].name);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        nearest_offer(&nearest, others[i]);
    nearest_hint(&nearest, nearest.name && !nearest.name[1] ? "-" : "--", hint);
    snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: no such option%s", *flag ? flag : "''", hint);
    return 1;
}

/* Returns the argument after a flag as its value. An argument that looks like a flag is one: the
 * user forgot the value. */
static int read_value(const char *flag, const char *next, const char **ret_value,
                      char reterr_error[CONFIG_ERROR_SIZE]) {
    if (!next) {
        snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: needs a value", flag);
        return 1;
    }
    if (strncmp(next, "--", 2) == 0) {
        snprintf(reterr_error, CONFIG_ERROR_SIZE,
                 "%s: needs a value; write %s=VALUE if the value starts with --", flag, flag);
        return 1;
    }
    *ret_value = next;
    return 0;
}

static int load_flags(struct config *config, int n_arguments, char *const *arguments,
                      char reterr_error[CONFIG_ERROR_SIZE]) {
    for (int i = 0; i < n_arguments; i++) {
        const char *argument = arguments[i];
        size_t length = strcspn(argument, "=");
        const struct option *option = find_flag(argument);
        if (!option)
            return refuse_flag(argument, reterr_error);
        char flag[32];
        snprintf(flag, sizeof(flag), "--%s", option->name);
        const char *value = argument[length] == '=' ? argument + length + 1 : NULL;
        int r = 0;
        if (!value && option->implied &&
            !is_choice(option, i + 1 < n_arguments ? arguments[i + 1] : "")) {
            value = option->implied;
        } else if (!value) {
            i++;
            r = read_value(flag, i < n_arguments ? arguments[i] : NULL, &value, reterr_error);
        }
        if (r == 0)
            r = set_option(config, option, flag, value, reterr_error);
        if (r != 0)
            return r;
    }
    return 0;
}

/* A Kubernetes service called kestub sets a KESTUB_PORT that is not this option. */
static const char *read_variable(const struct option *option,
                                 const char *(*getenv)(const char *name)) {
    const char *value = getenv(option->variable);
    bool is_port = option->offset == offsetof(struct config, port);
    return value && is_port && environment_is_service_url(value) ? NULL : value;
}

int config_load(struct config *ret_config, int n_arguments, char *const *arguments,
                const char *(*getenv)(const char *name), char reterr_error[CONFIG_ERROR_SIZE]) {
    struct config config = {
        .start_us = timestamp_monotonic_us(), .tls_port = -1, .management_port = -1};
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const char *value = read_variable(&options[i], getenv);
        const char *source = value ? options[i].variable : options[i].name;
        if (!value && !options[i].may_be_missing)
            value = options[i].fallback;
        int r = value ? set_option(&config, &options[i], source, value, reterr_error) : 0;
        if (r != 0)
            return r;
    }
    int r = load_flags(&config, n_arguments, arguments, reterr_error);
    if (r == 0)
        *ret_config = config;
    return r;
}

/* Whether kestub or its clients use the variable. Clients find the server by KESTUB_URL. */
static bool is_known_variable(const char *name) {
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (strcmp(options[i].variable, name) == 0)
            return true;
    return strcmp(name, VARIABLE_PREFIX "URL") == 0;
}

bool config_find_mistake(const char *variable, char ret_mistake[CONFIG_ERROR_SIZE]) {
    char name[128];
    char hint[NEAREST_HINT_SIZE];
    const char *value = strchr(variable, '=');
    size_t length = value ? (size_t)(value - variable) : strlen(variable);
    if (strncmp(variable, VARIABLE_PREFIX, strlen(VARIABLE_PREFIX)) != 0)
        return false;
    snprintf(name, sizeof(name), "%.*s", (int)length, variable);
    if (is_known_variable(name) || environment_is_injected(name, value ? value + 1 : ""))
        return false;
    struct nearest nearest = {.text = name + strlen(VARIABLE_PREFIX)};
    for (size_t i = 0; i < N_OPTIONS; i++)
        nearest_offer(&nearest, options[i].variable + strlen(VARIABLE_PREFIX));
    nearest_hint(&nearest, VARIABLE_PREFIX, hint);
    snprintf(ret_mistake, CONFIG_ERROR_SIZE, "%s: no such variable%s", name, hint);
    return true;
}

void config_print_help(FILE *out) {
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct option *option = &options[i];
        char choices[64];
        char left[80];
        if (option->type == OPTION_CHOICE)
            list_choices(option, choices, sizeof(choices));
        snprintf(left, sizeof(left), "--%s %s", option->name,
                 option->type == OPTION_CHOICE ? choices : option->value);
        fprintf(out, "  %-32s %s\n  %-32s %s", left, option->help, "", option->variable);
        if (option->fallback)
            fprintf(out, ", default %s", option->fallback);
        fputc('\n', out);
    }
}
