/* kestub: wires the parts, runs, stops. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "config.h"
#include "embedded.h"
#include "healthcheck.h"
#include "http/server.h"
#include "sandbox/fixture.h"
#include "sandbox/journal.h"
#include "store/user.h"
#include "stubs/mapping_files.h"
#include "util/cleanup.h"

enum { EXIT_USAGE = 2, GRACE_MS = 5000 };

static const char *environment(const char *name) {
    return getenv(name);
}

static int complain(const char *what, const char *problem) {
    fprintf(stderr, "kestub: %s%s%s\n", what, *what ? ": " : "", problem);
    return EXIT_USAGE;
}

static void print_help(void) {
    puts("kestub stands in for the IAM API of Kestra Enterprise in tests.\n"
         "\n"
         "Usage:\n"
         "  kestub [serve] [OPTION ...]  serve until SIGTERM or SIGINT\n"
         "  kestub check FILE            say what a fixture would load, or what is wrong with it\n"
         "  kestub healthcheck [URL]     exit 0 when a server answers there, 1 when not\n"
         "  kestub openapi               print the contract\n"
         "  kestub --help | --version\n"
         "\n"
         "Options of serve, each also an environment variable; the flag wins:");
    config_print_help(stdout);
}

/* Has the database been used before? 0: no, >0: yes. */
static int is_seeded(struct store *store) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(store, &transaction);
    int r = store_find_any(store);
    return r == STORE_NOT_FOUND ? 0 : r == 0 ? 1 : r;
}

static int load_fixture(const char *name, struct sandbox *sandbox,
                        struct fixture_summary *ret_summary, char error[FIXTURE_ERROR_SIZE]) {
    CLEANUP(cleanup_free) char *text = NULL;
    size_t size = 0;
    int r = fixture_read(name, &text, &size, error);
    if (r == 0)
        r = fixture_load(&sandbox->iam, text, size, clock_now(&sandbox->clock), ret_summary, error);
#ifdef __GLIBC__
    malloc_trim(0); /* the parsed fixture is several times the state that stays */
#endif
    if (r < 0)
        snprintf(error, FIXTURE_ERROR_SIZE, "%s", strerror(-r));
    return r;
}

static int load_mappings(const struct config *config, struct sandbox *sandbox, char *problem,
                         size_t size) {
    char error[MAPPING_FILES_ERROR_SIZE];
    size_t count;
    if (!config->mappings)
        return 0;
    int r = mapping_files_load(sandbox->stubs, config->mappings, &count, error);
    snprintf(problem, size, "%s", r < 0 ? strerror(-r) : error);
    return r;
}

static int load_faults(const struct config *config, struct sandbox *sandbox, char *problem,
                       size_t size) {
    char error[FAULT_ERROR_SIZE];
    struct fault_set set;
    if (!config->fault)
        return 0;
    int r = fault_set_parse(config->fault, &set, error);
    if (r == 0)
        r = faults_start(sandbox->faults, &set);
    snprintf(problem, size, "%s", r < 0 ? strerror(-r) : error);
    return r;
}

static int check_fixture(const char *path) {
    char error[STORE_ERROR_SIZE];
    char fixture_error[FIXTURE_ERROR_SIZE];
    struct sandbox sandbox;
    struct fixture_summary summary;
    int r = sandbox_init(&sandbox, NULL, error);
    if (r == 0) {
        r = load_fixture(path, &sandbox, &summary, fixture_error);
        if (r == 0)
            printf("%s: ok, %zu tenants, %zu groups, %zu users, %zu memberships, %zu tokens\n",
                   path, summary.tenants, summary.groups, summary.users, summary.memberships,
                   summary.tokens);
    } else {
        snprintf(fixture_error, sizeof(fixture_error), "%s", error);
    }
    sandbox_deinit(&sandbox);
    if (r != 0)
        fprintf(stderr, "%s: %s\n", path, fixture_error);
    return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int check_health(const char *url) {
    char base[64];
    char error[HEALTHCHECK_ERROR_SIZE];
    if (!url) {
        const char *port = getenv("KESTUB_PORT");
        snprintf(base, sizeof(base), "http://127.0.0.1:%.5s", port ? port : "8080");
        url = base;
    }
    if (healthcheck_run(url, error) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "kestub: %s\n", error);
    return EXIT_FAILURE;
}

static void format_url(const struct config *config, uint16_t port, char *out, size_t size) {
    bool is_v6 = strchr(config->host, ':') != NULL;
    snprintf(out, size, "http://%s%s%s:%u", is_v6 ? "[" : "", config->host, is_v6 ? "]" : "", port);
}

static int announce(const struct config *config, const char *url,
                    const struct fixture_summary *summary, bool kept) {
    if (config->ready_file) {
        FILE *file = fopen(config->ready_file, "we");
        if (!file || fprintf(file, "%s\n", url) < 0 || fclose(file) != 0) {
            char problem[512];
            snprintf(problem, sizeof(problem), "%s: %s", config->ready_file, strerror(errno));
            return complain("--ready-file", problem);
        }
    }
    printf("kestub is ready at %s", url);
    if (kept)
        printf(" with the state of %s", config->db);
    else if (summary->administrator[0])
        printf(", administrator %s, password %s", summary->administrator, summary->password);
    if (!kept && summary->token[0])
        printf(", bearer token %s", summary->token);
    putchar('\n');
    fflush(stdout);
    return 0;
}

/* A file of an earlier run would say ready before this one is. */
static void remove_stale(const char *path) {
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        unlink(path);
}

/* Starts the server, waits for a signal, stops it. */
static int run(const struct config *config, struct sandboxes *sandboxes,
               const struct fixture_summary *summary, bool kept, const sigset_t *signals) {
    char error[SERVER_ERROR_SIZE];
    char url[256];
    struct server *server = NULL;
    if (config->ready_file)
        remove_stale(config->ready_file);
    if (server_start(config, sandboxes, &server, error) < 0)
        return complain("", error);
    format_url(config, server_port(server), url, sizeof(url));
    int r = announce(config, url, summary, kept);
    if (r == 0) {
        int signal_number;
        sigwait(signals, &signal_number);
        server_stop(server, GRACE_MS);
    }
    server_free(server);
    return r;
}

static int start_journal(const struct config *config, struct sandbox *sandbox,
                         char error[STORE_ERROR_SIZE]) {
    int r = journal_new((size_t)config->journal, config->journal_secrets, &sandbox->journal);
    if (r < 0)
        snprintf(error, STORE_ERROR_SIZE, "%s", strerror(-r));
    return r;
}

static int serve(int n_arguments, char *const *arguments) {
    char error[STORE_ERROR_SIZE];
    char fixture_error[FIXTURE_ERROR_SIZE];
    char problem[STORE_ERROR_SIZE + 512];
    struct config config;
    struct sandbox sandbox;
    struct sandboxes *sandboxes = NULL;
    struct fixture_summary summary = {0};
    if (config_load(&config, n_arguments, arguments, environment, error) != 0)
        return complain("", error);
    /* Blocked before any thread starts, so that all inherit it and only sigwait takes them. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    int r = sandbox_init(&sandbox, config.db, error);
    if (r == 0 && config.journal > 0)
        r = start_journal(&config, &sandbox, error);
    if (config.clock != CONFIG_CLOCK_RUNS)
        clock_freeze(&sandbox.clock, config.clock);
    int kept = r == 0 ? is_seeded(sandbox.iam.store) : 0;
    if (r < 0 || kept < 0) {
        snprintf(problem, sizeof(problem), "%s: %s", config.db ? config.db : "memory",
                 r < 0 ? error : strerror(-kept));
        r = complain("--db", problem);
    } else if (kept == 0 && load_fixture(config.fixture, &sandbox, &summary, fixture_error) != 0) {
        snprintf(problem, sizeof(problem), "%.500s: %s", config.fixture, fixture_error);
        r = complain("--fixture", problem);
    } else if (load_mappings(&config, &sandbox, problem, sizeof(problem)) != 0) {
        r = complain("--mappings", problem);
    } else if (load_faults(&config, &sandbox, problem, sizeof(problem)) != 0) {
        r = complain("--fault", problem);
    } else {
        r = sandboxes_new(&sandbox, (size_t)config.max_sandboxes, &sandboxes);
        r = r < 0 ? complain("", strerror(-r))
                  : run(&config, sandboxes, &summary, kept > 0, &signals);
    }
    sandboxes_free(sandboxes);
    sandbox_deinit(&sandbox);
    return r;
}

int main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "serve";
    if (sodium_init() < 0)
        return complain("", "no source of randomness");
    if (store_initialize() < 0)
        return complain("", "cannot set SQLite up");
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 ||
        strcmp(command, "help") == 0) {
        print_help();
    } else if (strcmp(command, "--version") == 0) {
        puts("kestub " KESTUB_VERSION);
    } else if (strcmp(command, "openapi") == 0 && argc == 2) {
        fputs(embedded_openapi, stdout);
    } else if (strcmp(command, "check") == 0) {
        return argc == 3 ? check_fixture(argv[2]) : complain("check", "needs one FILE");
    } else if (strcmp(command, "healthcheck") == 0) {
        return argc <= 3 ? check_health(argc == 3 ? argv[2] : NULL)
                         : complain("healthcheck", "takes one URL at most");
    } else if (strcmp(command, "serve") == 0) {
        return serve(argc > 2 ? argc - 2 : 0, argv + 2);
    } else if (strncmp(command, "--", 2) == 0) {
        return serve(argc - 1, argv + 1);
    } else {
        return complain(command, "no such command; see kestub --help");
    }
    return EXIT_SUCCESS;
}
