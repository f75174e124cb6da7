/* `kestub serve`: starts the server, waits for a signal, and stops the server. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/administrator.h"
#include "commands/command.h"
#include "commands/mounts.h"
#include "commands/root_directory.h"
#include "commit.h"
#include "config.h"
#include "exchange/auth.h"
#include "http/probe.h"
#include "http/server.h"
#include "sandbox/fixture.h"
#include "sandbox/fixture_file.h"
#include "sandbox/journal.h"
#include "store/user.h"
#include "stubs/mapping_files.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/memory_limit.h"
#include "util/permission.h"

enum { GRACE_MS = 5000, PROBLEM_SIZE = 1024 };

/* Returns >0 when the database has been used before, 0 when not, or <0. */
static int is_seeded(struct store *store) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(store, &transaction);
    int r = store_find_any(store);
    return r == STORE_NOT_FOUND ? 0 : r == 0 ? 1 : r;
}

/* The following steps of the start return 0, or print an error and return EXIT_USAGE. */

/* SQLite writes other files beside the database, and does not tell when it may not. */
static bool is_kept_out(const char *path) {
    char directory[PATH_MAX];
    snprintf(directory, sizeof(directory), "%s", path);
    return access(dirname(directory), W_OK | X_OK) < 0 && errno == EACCES;
}

static int open_state(const struct config *config, struct sandbox *sandbox) {
    char error[STORE_ERROR_SIZE];
    char hint[PERMISSION_HINT_SIZE];
    const char *name = config->db ? config->db : "memory";
    int r = sandbox_init(sandbox, config->db, config_version(config), error);
    if (r < 0) {
        permission_hint(config->db && is_kept_out(config->db) ? EACCES : fatal_errno(r), hint);
        return command_complain("--db: %s: %s%s", name, error, hint);
    }
    sandbox->iam.password_cost = (enum password_cost)config->password_cost;
    if (config->clock != CONFIG_CLOCK_RUNS)
        clock_freeze(&sandbox->clock, config->clock);
    return 0;
}

static int start_journal(const struct config *config, struct sandbox *sandbox) {
    if (config->journal == 0)
        return 0;
    int r = journal_new((size_t)config->journal, config->journal_secrets, &sandbox->journal);
    return r < 0 ? command_complain("--journal: %s", strerror(fatal_errno(r))) : 0;
}

static int load_fixture(const struct config *config, struct sandbox *sandbox,
                        struct fixture_summary *ret_summary) {
    char file_error[FIXTURE_FILE_ERROR_SIZE];
    char error[FIXTURE_ERROR_SIZE];
    CLEANUP(cleanup_free) char *text = NULL;
    const char *name = config->fixture ? config->fixture : "default";
    size_t size = 0;
    int r = fixture_file_read(name, &text, &size, file_error);
    if (r > 0)
        return command_complain("--fixture: %s: %s", name, file_error);
    if (r == 0)
        r = fixture_load(&sandbox->iam, text, size, clock_now(&sandbox->clock), ret_summary, error);
    if (r == 0)
        return 0;
    return command_complain("--fixture: %s: %s", name, r < 0 ? strerror(fatal_errno(r)) : error);
}

/* Loads the fixture unless the database has been used before. */
static int fill_state(const struct config *config, struct sandbox *sandbox,
                      struct fixture_summary *ret_summary, bool *ret_kept) {
    int kept = is_seeded(sandbox->iam.store);
    if (kept < 0)
        return command_complain("--db: %s: %s", config->db ? config->db : "memory",
                                strerror(fatal_errno(kept)));
    *ret_kept = kept > 0;
    return kept > 0 ? 0 : load_fixture(config, sandbox, ret_summary);
}

/* Writes all mistakes, each on a line of its own. */
static void list_mistakes(const char *kind, const struct mapping_mistakes *mistakes) {
    size_t listed = 0;
    char *rest = mistakes->lines.bytes;
    for (char *line; (line = strsep(&rest, "\n")) && *line; listed++)
        command_complain("%s--mappings: %s", kind, line);
    if (listed < mistakes->count)
        command_complain("%s--mappings: %zu more mistakes", kind, mistakes->count - listed);
}

static int load_mappings(const struct config *config, struct sandbox *sandbox) {
    CLEANUP(mapping_mistakes_deinit) struct mapping_mistakes mistakes = {0};
    size_t count;
    if (!config->mappings)
        return 0;
    unsigned options = config->global_response_templating ? STUB_IS_TEMPLATED : 0;
    int r =
        mapping_files_load(sandbox->stubs, config->mappings, options,
                           config->invalid_mappings == INVALID_MAPPINGS_SKIP, &count, &mistakes);
    if (r < 0)
        return command_complain("--mappings: %s", strerror(fatal_errno(r)));
    list_mistakes(r == 0 ? "warning: " : "", &mistakes);
    return r == 0 ? 0 : EXIT_USAGE;
}

static int load_faults(const struct config *config, struct sandbox *sandbox) {
    char error[FAULT_ERROR_SIZE];
    struct fault_set set;
    if (!config->fault)
        return 0;
    if (fault_set_parse(config->fault, &set, error) != 0)
        return command_complain("--fault: %s", error);
    int r = faults_start(sandbox->faults, &set);
    return r < 0 ? command_complain("--fault: %s", strerror(fatal_errno(r))) : 0;
}

/* The base URLs of the server. */
struct urls {
    char first[PROBE_URL_SIZE];
    char second[PROBE_URL_SIZE]; /* of --tls-port; "" without it */
    char health[PROBE_URL_SIZE]; /* of the management port; "" without it */
};

static void format_url(const struct config *config, uint16_t port, bool is_tls,
                       char out[PROBE_URL_SIZE]) {
    struct probe_target target = {.is_tls = is_tls};
    snprintf(target.host, sizeof(target.host), "%s", config->host);
    snprintf(target.port, sizeof(target.port), "%u", port);
    probe_format(&target, out);
}

static void format_urls(const struct config *config, const struct server *server,
                        struct urls *out) {
    bool has_tls = config_has_tls(config);
    uint16_t tls_port = server_tls_port(server);
    format_url(config, server_port(server), has_tls && tls_port == 0, out->first);
    uint16_t management_port = server_management_port(server);
    out->second[0] = out->health[0] = '\0';
    if (management_port > 0)
        format_url(config, management_port, false, out->health);
    if (tls_port > 0)
        format_url(config, tls_port, true, out->second);
}

static int write_ready_file(const char *path, const struct urls *urls) {
    FILE *file = fopen(path, "we");
    if (!file || fprintf(file, "%s\n", urls->first) < 0 ||
        (urls->second[0] && fprintf(file, "%s\n", urls->second) < 0) || fclose(file) != 0) {
        int failure = errno;
        char hint[PERMISSION_HINT_SIZE];
        permission_hint(failure, hint);
        return command_complain("--ready-file: %s: %s%s", path, strerror(failure), hint);
    }
    return 0;
}

static int announce(const struct config *config, const struct urls *urls,
                    const struct fixture_summary *summary, bool kept) {
    int r = config->ready_file ? write_ready_file(config->ready_file, urls) : 0;
    if (r != 0)
        return r;
    printf("kestub is ready at %s", urls->first);
    if (urls->second[0])
        printf(" and %s", urls->second);
    if (kept)
        printf(" with the state of %s", config->db);
    if (config->admin)
        printf(", console at %s/__admin/ui", urls->first);
    if (!kept && summary->administrator[0])
        printf(", administrator %s, password %s", summary->administrator, summary->password);
    if (!kept && summary->token[0])
        printf(", bearer token %s", summary->token);
    if (urls->health[0])
        printf(", health at %s/health", urls->health);
    putchar('\n');
    fflush(stdout);
    return 0;
}

/* A ready file of an earlier run would announce this one too early. */
static void remove_stale(const char *path) {
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        unlink(path);
}

/* All signals that others send and that end a process by default. A SIGHUP that the parent ignores,
 * as nohup does, stays ignored. */
static void collect_stop_signals(sigset_t *ret_signals) {
    static const int numbers[] = {SIGTERM,   SIGINT,  SIGQUIT, SIGALRM, SIGUSR1,  SIGUSR2,
                                  SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT};
    struct sigaction hangup;
    sigemptyset(ret_signals);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(ret_signals, numbers[i]);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        sigaddset(ret_signals, number);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(ret_signals, SIGHUP);
}

/* From now on SIGTERM and SIGINT end the process at once. Nothing that was acknowledged is lost. */
static void stop_being_patient(void) {
    sigset_t impatient;
    sigemptyset(&impatient);
    sigaddset(&impatient, SIGTERM);
    sigaddset(&impatient, SIGINT);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &impatient, NULL);
}

/* Starts the server, waits for a signal, stops it. */
static int run(const struct config *config, struct sandboxes *sandboxes,
               const struct fixture_summary *summary, bool kept) {
    char error[SERVER_ERROR_SIZE];
    struct urls urls;
    sigset_t signals;
    struct server *server = NULL;
    if (config->ready_file)
        remove_stale(config->ready_file);
    /* Blocked before any thread starts, so that all inherit it and only sigwait takes them. */
    collect_stop_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (server_start(config, sandboxes, &server, error) < 0)
        return command_complain("%s", error);
    format_urls(config, server, &urls);
    int r = announce(config, &urls, summary, kept);
    if (r == 0) {
        int signal_number;
        sigwait(&signals, &signal_number);
        stop_being_patient();
        server_stop(server, GRACE_MS);
    }
    server_free(server);
    return r;
}

/* Large blocks shall go back to the system as soon as they are freed; glibc would adapt to the
 * largest and keep as much. The heap of each thread reserves 64 MiB of addresses and its stack 8
 * MiB, which may be scarce. */
static void set_up_heap(void) {
#ifdef __GLIBC__
    enum { LARGE = 128 << 10, FEW_HEAPS = 2, SMALL_STACK = 2 << 20 };
    struct rlimit addresses;
    mallopt(M_MMAP_THRESHOLD, LARGE);
    mallopt(M_TRIM_THRESHOLD, LARGE);
    if (getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY) {
        pthread_attr_t small;
        mallopt(M_ARENA_MAX, FEW_HEAPS);
        if (pthread_attr_init(&small) == 0) {
            if (pthread_attr_setstacksize(&small, SMALL_STACK) == 0)
                pthread_setattr_default_np(&small);
            pthread_attr_destroy(&small);
        }
    }
#endif
}

/* Loading a state takes memory besides the state. */
static void give_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static int limit_memory(const struct config *config, struct memory_limit *memory) {
    set_up_heap();
    if (config->max_memory > 0 && config->max_memory < MEMORY_LEAST)
        return command_complain("--max-memory: must be 0 or at least %dm", MEMORY_LEAST >> 20);
    memory_limit_init(memory,
                      config->max_memory > 0 ? (size_t)config->max_memory : memory_limit_share());
    return 0;
}

static void warn_of_memory(struct memory_limit *memory) {
    if (!memory_limit_allows(memory, MEMORY_TO_KEEP, 0))
        command_complain("warning: the state takes %zu of the %zu MiB of --max-memory",
                         memory_limit_measure(memory) >> 20, memory->bytes >> 20);
}

static void warn_of_variables(void) {
    char mistake[CONFIG_ERROR_SIZE];
    for (char *const *variable = environ; *variable; variable++)
        if (config_find_mistake(*variable, mistake))
            command_complain("warning: %s", mistake);
}

static bool has_name_of(const char *argument, const char *other) {
    size_t length = strcspn(argument, "=");
    return strcspn(other, "=") == length && strncmp(argument, other, length) == 0;
}

/* Once for each flag that is ignored. */
static void warn_of_flags(int n_arguments, char *const *arguments) {
    char warning[CONFIG_ERROR_SIZE];
    for (int i = 0; i < n_arguments; i++) {
        int first = 0;
        while (!has_name_of(arguments[first], arguments[i]))
            first++;
        if (first == i && config_find_ignored(arguments[i], warning))
            command_complain("warning: %s", warning);
    }
}

/* Fills the sandbox with all that it starts with. */
static int prepare(const struct config *config, struct sandbox *sandbox,
                   struct fixture_summary *ret_summary, bool *ret_kept) {
    int status = open_state(config, sandbox);
    if (status == 0)
        status = start_journal(config, sandbox);
    if (status == 0)
        status = fill_state(config, sandbox, ret_summary, ret_kept);
    if (status == 0) {
        int r = administrator_ensure(config, sandbox, ret_summary);
        status = r < 0 ? command_complain("the administrator %s: %s", config->administrator,
                                          strerror(fatal_errno(r)))
                       : 0;
    }
    if (status == 0)
        status = load_mappings(config, sandbox);
    return status == 0 ? load_faults(config, sandbox) : status;
}

static const char *make_console_key(char out[CSRF_TOKEN_SIZE]) {
    auth_make_csrf_token(out);
    return out;
}

int command_serve_with(struct config *config) {
    char error[CONFIG_ERROR_SIZE];
    struct root_directory root;
    struct sandbox sandbox = {0};
    struct sandboxes *sandboxes = NULL;
    struct fixture_summary summary = {0};
    struct memory_limit memory = {.statm = -1};
    struct mounts mounts;
    char key[CSRF_TOKEN_SIZE];
    bool kept = false;
    if (root_directory_apply(config, &root, error) != 0 ||
        mounts_apply(config, &mounts, error) != 0)
        return command_complain("%s", error);
    config->commit = commit;
    if (config->admin)
        config->console_key = make_console_key(key);
    warn_of_variables();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    int status = limit_memory(config, &memory);
    if (status == 0)
        status = prepare(config, &sandbox, &summary, &kept);
    if (status == 0) {
        int r = sandboxes_new(&sandbox, (size_t)config->max_sandboxes, &sandboxes);
        if (r == 0)
            sandboxes_limit_memory(sandboxes, &memory);
        give_back();
        warn_of_memory(&memory);
        status = r < 0 ? command_complain("%s", strerror(fatal_errno(r)))
                       : run(config, sandboxes, &summary, kept);
    }
    sandboxes_free(sandboxes);
    sandbox_deinit(&sandbox);
    memory_limit_deinit(&memory);
    config->console_key = NULL; /* its bytes end here */
    return status;
}

static int serve(int n_arguments, char *const *arguments) {
    char error[CONFIG_ERROR_SIZE];
    struct config config;
    if (config_load(&config, n_arguments, arguments, command_getenv, error) != 0)
        return command_complain("%s", error);
    warn_of_flags(n_arguments, arguments);
    return command_serve_with(&config);
}

static void print_options(FILE *out) {
    fputs("Options of serve, each also an environment variable; the option wins, and the last one\n"
          "wins when it is there several times:\n",
          out);
    config_print_help(out);
    fputs("\nkestub takes WireMock's flags, too: docs/mocking.md says which.\n", out);
    fputs("\nFault profiles, for --fault and the control plane:\n", out);
    fault_set_print_help(out);
}

const struct command command_serve = {
    .name = "serve",
    .usage = "[serve] [OPTION ...]",
    .summary = "serve until SIGTERM or SIGINT",
    .print_options = print_options,
    .run = serve,
};
