/* The command line: commands and options, what help and version say, and the environment. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <sodium.h>
#include <sqlite3.h>

#include "http.h"
#include "process.h"
#include "suite.h"

#define GRACE "/api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups"

static char out[1 << 18];
static char err[65536];

static int run(const char *const *arguments) {
    return process_run(arguments, out, sizeof(out), err, sizeof(err));
}

static const struct {
    const char *arguments[4];
    int status;
    const char *out;
    const char *err;
} commands[] = {
    {{"--help"}, 0, "--missing-groups reject|clear", NULL},
    {{"--help"}, 0, "KESTUB_MAX_BODY, default 1m", NULL},
    {{"openapi"}, 0, "operationId: updateUserGroups", NULL},
    {{"brew"}, 2, NULL, "kestub: brew: no such command; see kestub --help\n"},
    {{"chekc", "default"}, 2, NULL, "kestub: chekc: no such command; did you mean check?\n"},
    {{"health"}, 2, NULL, "kestub: health: no such command; did you mean healthcheck?\n"},
    {{"Version"}, 2, NULL, "kestub: Version: no such command; did you mean version?\n"},
    {{"help", "chekc"}, 2, NULL, "kestub: chekc: no such command; did you mean check?\n"},
    {{"chekc", "--help"}, 2, NULL, "kestub: chekc: no such command; did you mean check?\n"},
    {{"br\new"}, 2, NULL, "kestub: br?ew: no such command; see kestub --help\n"},
    {{""}, 2, NULL, "kestub: '': no such command; see kestub --help\n"},
    {{"--prot", "1"}, 2, NULL, "kestub: --prot: no such option; did you mean --port?\n"},
    {{"--admin-tokn=secret"},
     2,
     NULL,
     "kestub: --admin-tokn: no such option; did you mean --admin-token?\n"},
    {{"serve", "x"}, 2, NULL, "kestub: x: no such option\n"},
    {{"serve", "port"}, 2, NULL, "kestub: port: no such option; did you mean --port?\n"},
    {{"serve", ""}, 2, NULL, "kestub: '': no such option\n"},
    {{"serve", "--"}, 2, NULL, "kestub: --: no such option\n"},
    {{"--"}, 2, NULL, "kestub: --: no such option\n"},
    {{"-"}, 2, NULL, "kestub: -: no such option\n"},
    {{"-p", "1"}, 2, NULL, "kestub: -p: no such option\n"},
    {{"-v"}, 2, NULL, "kestub: -v: no such option; did you mean -V?\n"},
    {{"check", "--hlep"}, 2, NULL, "kestub: check: --hlep: no such option; did you mean --help?\n"},
    {{"check", "--port", "1"}, 2, NULL, "kestub: check: --port: no such option\n"},
    {{"openapi", "x"}, 2, NULL, "kestub: openapi: x: no such option\n"},
    {{"openapi", "--server-version"},
     2,
     NULL,
     "kestub: openapi: --server-version: needs a version\n"},
    {{"openapi", "--server-version=3"},
     2,
     NULL,
     "kestub: openapi: --server-version: '3' is no version; see kestub help openapi\n"},
    {{"openapi", "--server-version", "1.3"}, 0, "JsonError", NULL},
    {{"openapi", "--server-version=2.0"}, 0, "patchUserInstanceOwner", NULL},
    {{"version", "x"}, 2, NULL, "kestub: version: too many arguments; usage: kestub version\n"},
    {{"help", "a", "b"},
     2,
     NULL,
     "kestub: help: too many arguments; usage: kestub help [COMMAND]\n"},
    {{"healthcheck", "a", "b"},
     2,
     NULL,
     "kestub: healthcheck: too many arguments; usage: kestub healthcheck [URL]\n"},
    {{"--db", "--port", "1"},
     2,
     NULL,
     "kestub: --db: needs a value; write --db=VALUE if the value starts with --\n"},
    {{"--port", "0", "1"}, 2, NULL, "kestub: 1: no such option\n"},
    {{"--port="}, 2, NULL, "kestub: --port: '' is not a number from 0 to 65535\n"},
    {{"--auth", "stirct"},
     2,
     NULL,
     "kestub: --auth: 'stirct' is not one of strict|any|off; did you mean strict?\n"},
    {{"--fault", "flakey=0.1"}, 2, NULL, "; did you mean flaky?\n"},
    {{"--port"}, 2, NULL, "kestub: --port: needs a value\n"},
    {{"--port", "65536"}, 2, NULL, "kestub: --port: '65536' is not a number from 0 to 65535\n"},
    {{"--port", "http"}, 2, NULL, "kestub: --port: 'http' is not a number"},
    {{"--port=-1"}, 2, NULL, "kestub: --port: '-1' is not a number"},
    {{"--threads", "65"}, 2, NULL, "kestub: --threads: '65' is not"},
    {{"--max-body", "0"}, 2, NULL, "kestub: --max-body: '0' is not"},
    {{"--max-memory", "31m"}, 2, NULL, "kestub: --max-memory: must be 0 or at least 32m\n"},
    {{"--max-memory", "1t"}, 2, NULL, "kestub: --max-memory: '1t' is not"},
    {{"--max-body", "2000m"}, 2, NULL, "kestub: --max-body: '2000m' is not"},
    {{"--auth", "maybe"}, 2, NULL, "kestub: --auth: 'maybe' is not one of strict|any|off\n"},
    {{"--host", ""}, 2, NULL, "kestub: --host: must not be empty\n"},
    {{"--host", "no such host"}, 2, NULL, "kestub: --host: 'no such host': "},
    {{"--fixture", "/nowhere.json"}, 2, NULL, "kestub: --fixture: /nowhere.json: No such file"},
    {{"--db", "/nowhere/state.db"}, 2, NULL, "kestub: --db: /nowhere/state.db: No such file"},
    {{"--ready-file", "/nowhere/url", "--port=0"},
     2,
     NULL,
     "kestub: --ready-file: /nowhere/url: No such file"},
    {{"check"}, 2, NULL, "kestub: check: too few arguments; usage: kestub check FILE"},
    {{"check", "--"}, 2, NULL, "kestub: check: too few arguments; usage: kestub check FILE"},
    {{"check", "--", "--help"}, 1, NULL, "--help: No such file"},
    {{"check", "default"},
     0,
     "default: ok, a fixture with 1 tenant, 3 groups, 1 role, 1 binding, 0 invitations, 0 security "
     "integrations, 4 users, "
     "1 service account, 4 memberships, 2 tokens\n",
     NULL},
    {{"check", "/nowhere.json"}, 1, NULL, "/nowhere.json: No such file"},
    {{"healthcheck", "http://127.0.0.1:1"}, 1, NULL, "does not answer: Connection refused"},
    {{"healthcheck", "https://127.0.0.1:1"}, 1, NULL, "does not answer: Connection refused"},
    {{"healthcheck", "http://[::1]:1/x"}, 1, NULL, "kestub: http://[::1]:1 does not answer: "},
    {{"healthcheck", "unix:/nowhere/s"}, 1, NULL, "unix:/nowhere/s does not answer: No such file"},
    {{"healthcheck", "ftp://x"}, 1, NULL, "kestub: 'ftp://x' is no URL such as http://HOST:PORT"},
    {{"healthcheck", "http://"}, 1, NULL, "is no URL such as"},
    {{"--host", "unix:"}, 2, NULL, "kestub: --host: a path after unix: has 1 to 107 bytes\n"},
    {{"--host", "unix:/nowhere/s"}, 2, NULL, "cannot listen on /nowhere/s: No such file"},
    {{"--host", "unix:/tmp/s", "--tls-self-signed"},
     2,
     NULL,
     "kestub: --host: unix:PATH makes no sense with TLS\n"},
    {{"--tls-cert", "/nowhere"}, 2, NULL, "kestub: --tls-key: is needed with --tls-cert\n"},
    {{"--tls-key", "/nowhere"}, 2, NULL, "kestub: --tls-cert: is needed with --tls-key\n"},
    {{"--tls-key=k", "--tls-cert=/nowhere"}, 2, NULL, "--tls-cert: /nowhere: No such file"},
    {{"--tls-key=k", "--tls-cert=/dev/null", "--tls-self-signed"},
     2,
     NULL,
     "kestub: --tls-self-signed: makes no sense with --tls-cert\n"},
    {{"--tls-port", "0"}, 2, NULL, "kestub: --tls-port: needs --tls-cert and --tls-key, or "},
    {{"--tls-port", "65536"}, 2, NULL, "kestub: --tls-port: '65536' is not a number"},
    {{"--tls-cert-out", "x"}, 2, NULL, "kestub: --tls-cert-out: needs --tls-self-signed\n"},
    {{"--tls-cert-out", "/nowhere/c", "--tls-self-signed"},
     2,
     NULL,
     "kestub: --tls-cert-out: /nowhere/c: No such file"},
    {{"--tls-self-signed", "yes"}, 2, NULL, "'yes' is not one of off|on\n"},
    {{"--tls-self-signed=yes"}, 2, NULL, "'yes' is not one of off|on\n"},
};

START_TEST(tells_what_it_does) {
    int status = run(commands[_i].arguments);
    ck_assert_msg(status == commands[_i].status, "%d: %s", status, err);
    ck_assert_msg(!commands[_i].out || strstr(out, commands[_i].out), "out: %s", out);
    ck_assert_msg(!commands[_i].err || strstr(err, commands[_i].err), "err: %s", err);
    if (status == 2) {
        ck_assert_str_eq(out, "");
        ck_assert_msg(strchr(err, '\n') == err + strlen(err) - 1, "more than a line: %s", err);
    }
}
END_TEST

static const struct {
    const char *arguments[4];
    const char *usage;
    const char *text;
} helps[] = {
    {{"--help"}, "kestub [COMMAND]", "  healthcheck [URL] "},
    {{"-h"}, "kestub [COMMAND]", "  healthcheck [URL] "},
    {{"help"}, "kestub [COMMAND]", "  healthcheck [URL] "},
    {{"serve", "--help"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"serve", "-h"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"help", "serve"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"--help", "serve"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"--port", "0", "--help"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"--prot", "-h"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"--db", "--help"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
    {{"check", "--help"}, "kestub check FILE", "check: "},
    {{"check", "x.json", "-h"}, "kestub check FILE", "check: "},
    {{"healthcheck", "--help"}, "kestub healthcheck [URL]", "KESTUB_PORT"},
    {{"healthcheck", "-h"}, "kestub healthcheck [URL]", "KESTUB_PORT"},
    {{"openapi", "--help"}, "kestub openapi [OPTION]", "openapi: print"},
    {{"openapi", "-h"}, "kestub openapi [OPTION]", "openapi: print"},
    {{"version", "--help"}, "kestub version", "version: print"},
    {{"version", "-h"}, "kestub version", "version: print"},
    {{"help", "--help"}, "kestub help [COMMAND]", "help: explain"},
    {{"help", "help"}, "kestub help [COMMAND]", "help: explain"},
    {{"help", "check", "--help"}, "kestub check FILE", "check: "},
    {{"-V", "-h"}, "kestub [serve] [OPTION ...]", "--missing-groups reject|clear"},
};

START_TEST(helps_with_every_command) {
    char usage[128];
    snprintf(usage, sizeof(usage), "Usage: %s", helps[_i].usage);
    ck_assert_int_eq(run(helps[_i].arguments), 0);
    ck_assert_str_eq(err, "");
    ck_assert_msg(strstr(out, usage), "%s", out);
    ck_assert_msg(strstr(out, helps[_i].text), "%s", out);
}
END_TEST

static const char *const profiles[] = {
    "  stale-members[=MS] ",  "  stale-search[=MS] ",
    "  lost-update[=MS] ",    "  hang[=MS[:N]] ",
    "  restart[=MS[:drop]] ", "  auth-not-ready[=MS] ",
    "  filters-ignored ",     "  sort-500 ",
    "  lock-out[=N] ",        "  license-limit[=N] ",
    "  rate-limit[=N] ",      "  flaky[=P[:SEED]] ",
};

START_TEST(lists_the_fault_profiles) {
    ck_assert_int_eq(run((const char *const[]){"--help", NULL}), 0);
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
        ck_assert_msg(strstr(out, profiles[i]), "no '%s' in %s", profiles[i], out);
}
END_TEST

static const struct {
    const char *arguments[4];
} versions[] = {
    {{"--version"}}, {{"-V"}}, {{"version"}}, {{"serve", "-V"}}, {{"--port", "0", "-V"}}};

START_TEST(tells_its_version) {
    char commit[64] = "";
    char microhttpd[32] = "";
    char pcre2[32] = "";
    char wanted[512];
    ck_assert_int_eq(run(versions[_i].arguments), 0);
    ck_assert_str_eq(err, "");
    ck_assert_int_eq(
        sscanf(out, "kestub %*s\ncommit %63s\nlibmicrohttpd %31s\n", commit, microhttpd), 2);
    const char *line = strstr(out, "\nPCRE2 ");
    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(sscanf(line, "\nPCRE2 %31s", pcre2), 1);
    ck_assert_msg(strspn(pcre2, "0123456789.") == strlen(pcre2), "%s", pcre2);
    ck_assert_msg(strspn(microhttpd, "0123456789.-") == strlen(microhttpd), "%s", microhttpd);
    snprintf(
        wanted, sizeof(wanted),
        "kestub " KESTUB_VERSION "\ncommit %s\nlibmicrohttpd %s\nSQLite %s\ncJSON %s\nPCRE2 %s\n"
        "libsodium %s\n",
        commit, microhttpd, sqlite3_libversion(), cJSON_Version(), pcre2, sodium_version_string());
    ck_assert_str_eq(out, wanted);
}
END_TEST

/* In a checkout with git the version names the commit, and so it does in an archive of a release.
 */
START_TEST(tells_its_commit) {
    char git[512];
    char file[512];
    char commit[64] = "";
    snprintf(git, sizeof(git), "%s/../.git", getenv("KESTUB_FIXTURES"));
    snprintf(file, sizeof(file), "%s/../src/commit.txt", getenv("KESTUB_FIXTURES"));
    bool is_checkout =
        access(git, F_OK) == 0 && system("git --version > /dev/null 2> /dev/null") == 0;
    ck_assert_int_eq(run((const char *const[]){"version", NULL}), 0);
    ck_assert_int_eq(sscanf(out, "kestub %*s\ncommit %63s", commit), 1);
    size_t digits = strspn(commit, "0123456789abcdef");
    if (is_checkout || access(file, F_OK) == 0)
        ck_assert_msg(digits >= 12 && (strcmp(commit + digits, "") == 0 ||
                                       strcmp(commit + digits, "-dirty") == 0),
                      "%s", commit);
    else
        ck_assert_str_eq(commit, "none");
}
END_TEST

START_TEST(says_when_it_cannot_write) {
    static const char *const names[] = {"openapi", "--help", "--version", "check default"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[256];
        snprintf(line, sizeof(line), "\"$KESTUB_BINARY\" %s > /dev/full 2> /dev/null", names[i]);
        int status = system(line);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 1);
    }
}
END_TEST

START_TEST(reads_the_environment) {
    setenv("KESTUB_PORT", "nine", 1);
    ck_assert_int_eq(run((const char *const[]){"serve", NULL}), 2);
    ck_assert_str_eq(err, "kestub: KESTUB_PORT: 'nine' is not a number from 0 to 65535\n");
    unsetenv("KESTUB_PORT");
    setenv("KESTUB_AUTH", "off", 1);
    struct process server;
    struct http_answer answer;
    const struct http_call call = {.method = "PUT", .target = GRACE, .body = "{\"groupIds\":[]}"};
    process_start(&server, (const char *const[]){NULL});
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 204);
    http_answer_deinit(&answer);
    process_stop(&server, SIGTERM);
    process_start(&server, (const char *const[]){"--auth", "strict", NULL}); /* the flag wins */
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 401);
    http_answer_deinit(&answer);
    process_stop(&server, SIGTERM);
}
END_TEST

/* Starts kestub with these variables, and reads what it writes to stderr. */
static void start_and_read(const char *const *variables, char *log, size_t size) {
    struct process server;
    for (; *variables; variables += 2)
        setenv(variables[0], variables[1], 1);
    process_start(&server, (const char *const[]){"--threads", "1", NULL});
    char *text = process_log(&server);
    snprintf(log, size, "%s", text);
    free(text);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

START_TEST(warns_about_unknown_variables) {
    static const char *const variables[] = {
        "KESTUB_PROT",
        "80",
        "KESTUB_ADMIN_TOKE",
        "secret",
        "KESTUB_MAXBODY",
        "1k",
        "KESTUB_SOMETHING",
        "x",
        "KESTUB_BAD\nNAME",
        "x",
        NULL,
    };
    static const char *const warnings[] = {
        "kestub: warning: KESTUB_PROT: no such variable; did you mean KESTUB_PORT?\n",
        "kestub: warning: KESTUB_ADMIN_TOKE: no such variable; did you mean KESTUB_ADMIN_TOKEN?\n",
        "kestub: warning: KESTUB_MAXBODY: no such variable; did you mean KESTUB_MAX_BODY?\n",
        "kestub: warning: KESTUB_SOMETHING: no such variable\n",
        "kestub: warning: KESTUB_BAD?NAME: no such variable\n",
    };
    char log[4096];
    size_t size = 0;
    start_and_read(variables, log, sizeof(log));
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        ck_assert_msg(strstr(log, warnings[i]), "no '%s' in %s", warnings[i], log);
        size += strlen(warnings[i]);
    }
    ck_assert_uint_eq(strlen(log), size);
}
END_TEST

START_TEST(warns_once_of_flags_that_it_ignores) {
    struct process server;
    process_start(&server, (const char *const[]){
                               "--verbose", "--disable-banner", "--verbose", "--container-threads",
                               "9", "--container-threads=8", "--no-request-journal", NULL});
    char *log = process_log(&server);
    ck_assert_str_eq(log, "kestub: warning: --verbose: ignored; see --log\n"
                          "kestub: warning: --disable-banner: ignored; kestub has no banner\n"
                          "kestub: warning: --container-threads: ignored; see --threads and "
                          "--max-connections\n");
    free(log);
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/__admin/requests"}, 200,
                "\"requestJournalDisabled\":true");
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(ignores_variables_that_platforms_inject) {
    static const char *const variables[] = {
        "KESTUB_PORT",
        "tcp://10.0.0.1:8080",
        "KESTUB_SERVICE_HOST",
        "10.0.0.1",
        "KESTUB_PORT_8080_TCP_ADDR",
        "10.0.0.1",
        "KESTUB_CI_SERVICE_HOST",
        "10.0.0.2",
        "KESTUB_CI_PORT",
        "tcp://10.0.0.2:80",
        "KESTUB_URL",
        "http://127.0.0.1:8080",
        NULL,
    };
    char log[4096];
    start_and_read(variables, log, sizeof(log));
    ck_assert_str_eq(log, "");
}
END_TEST

/* Another program may listen on the default port, so any answer is fine except a complaint about
 * the variable. */
START_TEST(finds_the_server_by_the_environment) {
    struct process server;
    setenv("KESTUB_PORT", "tcp://10.0.0.1:8080", 1);
    int status = run((const char *const[]){"healthcheck", NULL});
    ck_assert_msg(status == 0 || (status == 1 && strstr(err, "http://127.0.0.1:8080 ")), "%d: %s",
                  status, err);
    unsetenv("KESTUB_PORT");
    process_start(&server, (const char *const[]){NULL});
    setenv("KESTUB_PORT", strrchr(server.url, ':') + 1, 1);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", NULL}), 0);
    process_stop(&server, SIGTERM);
    setenv("KESTUB_PORT", "nine", 1);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", NULL}), 2);
    ck_assert_str_eq(err, "kestub: KESTUB_PORT: 'nine' is not a number from 0 to 65535\n");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("command_line");
    TCase *tcase = suite_add(suite, "command_line");
    suite_add_rows(tcase, tells_what_it_does, commands);
    suite_add_rows(tcase, helps_with_every_command, helps);
    tcase_add_test(tcase, lists_the_fault_profiles);
    suite_add_rows(tcase, tells_its_version, versions);
    tcase_add_test(tcase, tells_its_commit);
    tcase_add_test(tcase, says_when_it_cannot_write);
    tcase_add_test(tcase, reads_the_environment);
    tcase_add_test(tcase, warns_about_unknown_variables);
    tcase_add_test(tcase, warns_once_of_flags_that_it_ignores);
    tcase_add_test(tcase, ignores_variables_that_platforms_inject);
    tcase_add_test(tcase, finds_the_server_by_the_environment);
    return suite_run(suite);
}
