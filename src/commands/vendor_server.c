#include "commands/vendor_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "environment.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"
#include "util/permission.h"

#define CONFIGURATION "KESTRA_CONFIGURATION"
#define CONFIGURATION_FILES "MICRONAUT_CONFIG_FILES"
#define MANAGEMENT_PORT "8081"

static int complain_of_file(const char *source, const char *path, int failure) {
    char hint[PERMISSION_HINT_SIZE];
    permission_hint(failure, hint);
    return command_complain("%s: %s: %s%s", source, path, strerror(failure), hint);
}

/* `path` is one of `source`, the option or variable. */
static int read_file(struct vendor_server *server, const char *source, const char *path) {
    enum { MAX_SIZE = 1 << 20 };
    CLEANUP(cleanup_free) char *text = NULL;
    char error[VENDOR_ERROR_SIZE];
    size_t size = 0;
    if (strncmp(path, "file:", 5) == 0)
        path += 5;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return complain_of_file(source, path, errno);
    int r = files_drain(fd, MAX_SIZE, &text, &size);
    close(fd);
    if (r < 0)
        return complain_of_file(source, path, fatal_errno(r));
    const char *suffix = strrchr(path, '.');
    r = suffix && strcmp(suffix, ".properties") == 0
            ? vendor_settings_read_properties(&server->settings, text, command_getenv, error)
            : vendor_settings_read_yaml(&server->settings, text, size, command_getenv, error);
    return r == 0 ? 0 : command_complain("%s: %s: %s", source, path, error);
}

static int read_files(struct vendor_server *server, const char *source, const char *paths) {
    CLEANUP(cleanup_free) char *copy = strdup(paths);
    char *rest = copy;
    int r = copy ? 0 : command_complain("%s", strerror(ENOMEM));
    for (char *path; r == 0 && (path = strsep(&rest, ","));)
        if (*path)
            r = read_file(server, source, path);
    return r;
}

/* Kubernetes and Docker set variables for a service called kestra, as for one called kestub. */
static bool is_injected(const char *name, const char *value) {
    char ours[VENDOR_PATH_SIZE];
    snprintf(ours, sizeof(ours), "KESTUB_%s", name + strlen("KESTRA_"));
    return environment_is_injected(ours, value) ||
           (strcmp(name, "KESTRA_PORT") == 0 && environment_is_service_url(value));
}

static int read_variables(struct vendor_server *server) {
    static const char *const others[] = {CONFIGURATION, CONFIGURATION "_PATH"};
    char error[VENDOR_ERROR_SIZE];
    for (char *const *variable = environ; *variable; variable++) {
        char name[VENDOR_PATH_SIZE];
        const char *value = strchr(*variable, '=');
        size_t length = value ? (size_t)(value - *variable) : 0;
        bool is_other = false;
        if (strncmp(*variable, "KESTRA_", 7) != 0 || length == 0 || length >= sizeof(name))
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)length, *variable);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            is_other |= strcmp(name, others[i]) == 0;
        if (is_other || is_injected(name, value + 1))
            continue;
        if (vendor_settings_take(&server->settings, name, value + 1, command_getenv, error) != 0)
            return command_complain("%s", error);
    }
    return 0;
}

static bool is_flag(const char *argument, const char *flag) {
    size_t length = strlen(flag);
    return strncmp(argument, flag, length) == 0 && strchr("=", argument[length]);
}

/* Takes an option of the vendor's program, and its value where that is an argument of its own.
 * *at becomes the last argument that was used. */
static int take_option(struct vendor_server *server, int n_arguments, char *const *arguments,
                       int *at) {
    const char *option = arguments[*at];
    size_t length = strcspn(option, "=");
    const char *next = *at + 1 < n_arguments ? arguments[*at + 1] : "-";
    bool has_value = option[length] == '=';
    const char *value = has_value ? option + length + 1 : next;
    bool is_ours = config_is_option(option);
    if (option[0] != '-')
        return command_complain("server: %s: is no option", option);
    if (is_ours)
        server->arguments[server->n_arguments++] = arguments[*at];
    if (!has_value && next[0] != '-') {
        (*at)++;
        if (is_ours)
            server->arguments[server->n_arguments++] = arguments[*at];
    }
    if (is_flag(option, "--config") || is_flag(option, "-c"))
        return read_file(server, "--config", value);
    if (!is_ours)
        server->ignored[server->n_ignored++] = &arguments[*at - (!has_value && next[0] != '-')];
    return 0;
}

static int read_arguments(struct vendor_server *server, int n_arguments, char *const *arguments) {
    const char *kind = n_arguments > 0 ? arguments[0] : "";
    if (strcmp(kind, "standalone") != 0 && strcmp(kind, "local") != 0)
        return command_complain("server: '%s' is not one of standalone|local", kind);
    if (n_arguments > VENDOR_SERVER_ARGUMENTS - 2)
        return command_complain("server: too many arguments");
    int r = 0;
    for (int i = 1; r == 0 && i < n_arguments; i++)
        r = take_option(server, n_arguments, arguments, &i);
    return r;
}

static int parse_port(const char *text, int64_t *ret_port) {
    char *end;
    long port = strtol(*text ? text : MANAGEMENT_PORT, &end, 10);
    if (*end != '\0' || port < -1 || port > 65535)
        return command_complain("endpoints.all.port: '%s' is not a number from 0 to 65535", text);
    *ret_port = port < 0 ? 0 : port; /* Micronaut picks a free port for -1 */
    return 0;
}

int vendor_server_load(struct config *ret_config, struct vendor_server *server, int n_arguments,
                       char *const *arguments) {
    char error[VENDOR_ERROR_SIZE];
    const char *files = command_getenv(CONFIGURATION_FILES);
    const char *inlined = command_getenv(CONFIGURATION);
    struct config config;
    server->arguments[server->n_arguments++] = server->port; /* the options after it win */
    int r = files ? read_files(server, CONFIGURATION_FILES, files) : 0;
    if (r == 0)
        r = read_arguments(server, n_arguments, arguments);
    if (r == 0 && inlined &&
        vendor_settings_read_yaml(&server->settings, inlined, strlen(inlined), command_getenv,
                                  error) != 0)
        r = command_complain(CONFIGURATION ": %s", error);
    if (r == 0)
        r = read_variables(server);
    if (r != 0)
        return r;
    const struct vendor_account *account = vendor_settings_administrator(&server->settings);
    bool has_port = server->settings.port[0] && !command_getenv("KESTUB_PORT");
    snprintf(server->port, sizeof(server->port), "--port=%s", server->settings.port);
    if (config_load(&config, server->n_arguments - !has_port, server->arguments + !has_port,
                    command_getenv, error) != 0)
        return command_complain("%s", error);
    r = parse_port(server->settings.management_port, &config.management_port);
    if (r != 0)
        return r;
    if (account) {
        config.administrator = account->username;
        config.administrator_password = account->password;
        config.administrator_tenants = account->tenants[0] ? account->tenants : "main";
    }
    *ret_config = config;
    return 0;
}

static void say_what_is_ignored(const struct vendor_server *server) {
    const struct vendor_settings *settings = &server->settings;
    for (int i = 0; i < server->n_ignored; i++) {
        const char *option = *server->ignored[i];
        command_complain("ignored: option %.*s", (int)strcspn(option, "="), option);
    }
    for (size_t i = 0; i < settings->n_ignored && i < VENDOR_MAX_IGNORED; i++)
        command_complain("ignored: setting %s", settings->ignored[i]);
    if (settings->n_ignored > VENDOR_MAX_IGNORED)
        command_complain("ignored: %zu more settings", settings->n_ignored - VENDOR_MAX_IGNORED);
}

static int serve_as_vendor(int n_arguments, char *const *arguments) {
    struct vendor_server server = {0};
    struct config config;
    int r = vendor_server_load(&config, &server, n_arguments, arguments);
    if (r != 0)
        return r;
    say_what_is_ignored(&server);
    return command_serve_with(&config);
}

static void print_options(FILE *out) {
    fputs("The options of serve, and --config FILE. Those of the vendor's program are ignored.\n",
          out);
}

const struct command command_server = {
    .name = "server",
    .usage = "server standalone|local",
    .summary = "serve in place of the vendor's program",
    .details =
        "Takes the administrator from MICRONAUT_CONFIG_FILES, KESTRA_CONFIGURATION and variables\n"
        "such as KESTRA_SECURITY_SUPER_ADMIN_USERNAME, and the ports from micronaut.server.port\n"
        "and endpoints.all.port. /health answers at port 8081, too. What is ignored is said "
        "once.\n",
    .print_options = print_options,
    .run = serve_as_vendor,
};
