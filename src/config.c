#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "contract_input.h"
#include "environment.h"
#include "options.h"
#include "util/authority.h"
#include "util/nearest.h"
#include "util/timestamp.h"
#include "wiremock_flags.h"

#define VARIABLE_PREFIX "KESTUB_"

enum { FLAG_SIZE = 104 };

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

/* Refuses a list of origins that has something else than origins and "*". */
static int check_origins(const char *source, const char *text,
                         char reterr_error[CONFIG_ERROR_SIZE]) {
    for (;; text++) {
        size_t length = strcspn(text, ",");
        bool is_any = length == 1 && *text == '*';
        if (!is_any && !authority_is_origin(text, length)) {
            snprintf(reterr_error, CONFIG_ERROR_SIZE,
                     "%s: '%.*s' is neither an origin, such as https://app.example:3000, nor *",
                     source, length < 60 ? (int)length : 60, text);
            return 1;
        }
        text += length;
        if (*text == '\0')
            return 0;
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
    case OPTION_ORIGINS:
        *(const char **)target = text;
        return check_origins(source, text, reterr_error);
    case OPTION_NUMBER:
    case OPTION_SIZE:
        if (parse_integer(option, text, target))
            return 0;
        snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: '%.60s' is not a number from %lld to %lld",
                 source, text, (long long)option->min, (long long)option->max);
        return 1;
    case OPTION_INSTANT:
        *(int64_t *)target = CONFIG_CLOCK_RUNS;
        if (strcmp(text, OPTION_RUNNING) == 0 || timestamp_parse(text, target) == 0)
            return 0;
        snprintf(reterr_error, CONFIG_ERROR_SIZE,
                 "%s: '%.60s' is neither '" OPTION_RUNNING
                 "' nor an RFC 3339 date-time with offset",
                 source, text);
        return 1;
    case OPTION_CHOICE:
        return parse_choice(option, text, target)
                   ? 0
                   : refuse_choice(option, source, text, reterr_error);
    }
    return 1;
}

/* The message does not repeat the text after an equals sign, which may be a secret. */
static int refuse_flag(const char *argument, char reterr_error[CONFIG_ERROR_SIZE]) {
    static const char *const others[] = {"help", "version", "h", "V"};
    char flag[FLAG_SIZE];
    char hint[NEAREST_HINT_SIZE];
    snprintf(flag, sizeof(flag), "%.*s", (int)strcspn(argument, "="), argument);
    struct nearest nearest = {.text = flag + strspn(flag, "-")};
    for (size_t i = 0; i < options_count; i++)
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

static bool is_flag(const char *argument) {
    return strncmp(argument, "--", 2) == 0;
}

/* Sets *value to the text after the flag's equals sign or to the next argument, if the flag takes a
 * value, and moves *at past what it has read. */
static int find_value(const char *flag, enum wiremock_value takes, int n_arguments,
                      char *const *arguments, int *at, const char **value,
                      char reterr_error[CONFIG_ERROR_SIZE]) {
    const char *sign = strchr(arguments[*at], '=');
    const char *next = *at + 1 < n_arguments ? arguments[*at + 1] : NULL;
    *value = sign ? sign + 1 : NULL;
    if (sign && takes == WIREMOCK_NO_VALUE) {
        snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: takes no value", flag);
        return 1;
    }
    if (sign || takes == WIREMOCK_NO_VALUE ||
        (takes == WIREMOCK_OPTIONAL_VALUE && (!next || is_flag(next))))
        return 0;
    ++*at;
    return read_value(flag, next, value, reterr_error);
}

/* Reads the flag at *at, and moves *at to its last argument. */
static int load_flag(struct config *config, int n_arguments, char *const *arguments, int *at,
                     char reterr_error[CONFIG_ERROR_SIZE]) {
    const char *argument = arguments[*at];
    const char *name = is_flag(argument) ? argument + 2 : "";
    size_t length = strcspn(name, "=");
    const struct option *option = options_find(name, length);
    const struct wiremock_flag *foreign = option ? NULL : wiremock_flags_find(name, length);
    const char *known = option ? option->name : foreign ? foreign->name : NULL;
    const char *value;
    char flag[64];
    if (!known)
        return refuse_flag(argument, reterr_error);
    snprintf(flag, sizeof(flag), "--%s", known);
    if (foreign && foreign->meaning == WIREMOCK_REFUSED) {
        snprintf(reterr_error, CONFIG_ERROR_SIZE, "%s: not supported; %s", flag, foreign->advice);
        return 1;
    }
    enum wiremock_value takes = foreign           ? foreign->value
                                : option->implied ? WIREMOCK_OPTIONAL_VALUE
                                                  : WIREMOCK_VALUE;
    int r = find_value(flag, takes, n_arguments, arguments, at, &value, reterr_error);
    if (foreign && foreign->setting)
        value = foreign->setting;
    if (!foreign && !value)
        value = option->implied;
    if (r != 0 || !value || (foreign && foreign->meaning == WIREMOCK_IGNORED))
        return r;
    if (foreign)
        option = options_find(foreign->option, strlen(foreign->option));
    return set_option(config, option, flag, value, reterr_error);
}

bool config_is_option(const char *argument) {
    return is_flag(argument) && options_find(argument + 2, strcspn(argument + 2, "="));
}

static int load_flags(struct config *config, int n_arguments, char *const *arguments,
                      char reterr_error[CONFIG_ERROR_SIZE]) {
    int r = 0;
    for (int i = 0; r == 0 && i < n_arguments; i++)
        r = load_flag(config, n_arguments, arguments, &i, reterr_error);
    return r;
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
    for (size_t i = 0; i < options_count; i++) {
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
    for (size_t i = 0; i < options_count; i++)
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
    for (size_t i = 0; i < options_count; i++)
        nearest_offer(&nearest, options[i].variable + strlen(VARIABLE_PREFIX));
    nearest_hint(&nearest, VARIABLE_PREFIX, hint);
    snprintf(ret_mistake, CONFIG_ERROR_SIZE, "%s: no such variable%s", name, hint);
    return true;
}

bool config_find_ignored(const char *argument, char ret_warning[CONFIG_ERROR_SIZE]) {
    const char *name = is_flag(argument) ? argument + 2 : "";
    const struct wiremock_flag *foreign = wiremock_flags_find(name, strcspn(name, "="));
    if (!foreign || foreign->meaning != WIREMOCK_IGNORED)
        return false;
    snprintf(ret_warning, CONFIG_ERROR_SIZE, "--%s: ignored; %s", foreign->name, foreign->advice);
    return true;
}

void config_print_help(FILE *out) {
    for (size_t i = 0; i < options_count; i++) {
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
