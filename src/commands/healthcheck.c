#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "commands/vendor_server.h"
#include "config.h"
#include "http/probe.h"
#include "util/cleanup.h"
#include "util/files.h"

enum { MAX_LINE = 64 << 10, MAX_ARGUMENTS = 256 };

/* The options of the server that is the first process of this container, as a Docker health check
 * finds it. The strings lie in `line`. */
struct first_process {
    char *line; /* (owned) */
    char *arguments[MAX_ARGUMENTS];
    int count;
};

static void release_process(struct first_process *process) {
    free(process->line);
}

/* Leaves everything empty when the first process is another program, or cannot be seen. */
static void read_first_process(struct first_process *process) {
    size_t size = 0;
    int fd = open("/proc/1/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || files_drain(fd, MAX_LINE, &process->line, &size) != 0)
        size = 0;
    if (fd >= 0)
        close(fd);
    if (size == 0 || process->line[size - 1] != '\0')
        return;
    const char *name = strrchr(process->line, '/');
    name = name ? name + 1 : process->line;
    if (strcmp(name, "kestub") != 0 && strcmp(name, "kestra") != 0)
        return;
    for (char *at = process->line + strlen(process->line) + 1;
         at < process->line + size && process->count < MAX_ARGUMENTS; at += strlen(at) + 1)
        if (process->count > 0 || strcmp(at, "serve") != 0)
            process->arguments[process->count++] = at;
}

static int find_server(struct probe_target *ret_target) {
    CLEANUP(release_process) struct first_process process = {0};
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    struct vendor_server server = {0};
    read_first_process(&process);
    bool is_vendor = process.count > 0 && strcmp(process.arguments[0], command_server.name) == 0;
    int r = is_vendor
                ? vendor_server_load(&config, &server, process.count - 1, process.arguments + 1)
                : config_load(&config, process.count, process.arguments, command_getenv, error);
    if (r != 0 && process.count > 0) /* it is not a server; the environment may still name one */
        r = config_load(&config, 0, NULL, command_getenv, error);
    if (r != 0)
        return command_complain("%s", error);
    probe_aim(config.host, config.port, config_has_tls(&config) && config.tls_port < 0, ret_target);
    return 0;
}

/* Without a URL it asks the server that `serve` would start in this environment. */
static int check_health(int n_arguments, char *const *arguments) {
    enum { ERROR_SIZE = 256 };
    struct probe_target target;
    char error[ERROR_SIZE];
    if (n_arguments > 0 && probe_parse(arguments[0], &target) != 0) {
        command_complain("'%.100s' is no URL such as http://HOST:PORT, https://HOST:PORT or "
                         "unix:PATH",
                         arguments[0]);
        return EXIT_FAILURE;
    }
    if (n_arguments == 0) {
        int status = find_server(&target);
        if (status != 0)
            return status;
    }
    if (probe_health(&target, error, sizeof(error)) == 0)
        return EXIT_SUCCESS;
    char url[PROBE_URL_SIZE];
    probe_format(&target, url);
    command_complain("%s %s", url, error);
    return EXIT_FAILURE;
}

const struct command command_healthcheck = {
    .name = "healthcheck",
    .usage = "healthcheck [URL]",
    .summary = "exit with 0 when a server is healthy, with 1 when it is not",
    .details =
        "URL is the server's base URL: http://HOST:PORT, https://HOST:PORT or unix:PATH. Without\n"
        "it, the server on this machine is meant: in a container the one that it runs, elsewhere\n"
        "the one at KESTUB_HOST and KESTUB_PORT. The server leaves no trace of the check.\n",
    .max_operands = 1,
    .run = check_health,
};
