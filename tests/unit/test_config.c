#include <string.h>

#include "config.h"
#include "iam/iam.h"
#include "suite.h"

static const char *variable_name;
static const char *variable_value;

static const char *environment(const char *name) {
    return variable_name && strcmp(name, variable_name) == 0 ? variable_value : NULL;
}

static int load(struct config *config, char *error, char *first, char *second) {
    char *const arguments[] = {first, second};
    return config_load(config, second ? 2 : first ? 1 : 0, arguments, environment, error);
}

START_TEST(has_defaults) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    variable_name = NULL;
    ck_assert_int_eq(load(&config, error, NULL, NULL), 0);
    ck_assert_str_eq(config.host, "127.0.0.1");
    ck_assert_int_eq(config.port, 8080);
    ck_assert_ptr_null(config.db);
    ck_assert_ptr_null(config.fixture);
    ck_assert_int_eq(config.auth, AUTH_STRICT);
    ck_assert_int_eq(config.threads, 0);
    ck_assert_int_eq(config.max_body, 1024 * 1024);
    ck_assert_int_eq(config.log, LOG_TEXT);
    ck_assert_ptr_null(config.ready_file);
    ck_assert_int_eq(config.missing_groups, MISSING_GROUPS_REJECT);
    ck_assert_int_eq(config.clock, CONFIG_CLOCK_RUNS);
}
END_TEST

START_TEST(the_flag_wins) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    variable_name = "KESTUB_MAX_BODY";
    variable_value = "2k";
    ck_assert_int_eq(load(&config, error, NULL, NULL), 0);
    ck_assert_int_eq(config.max_body, 2048);
    ck_assert_int_eq(load(&config, error, "--max-body", "3m"), 0);
    ck_assert_int_eq(config.max_body, 3 * 1024 * 1024);
    ck_assert_int_eq(load(&config, error, "--max-body=7", NULL), 0);
    ck_assert_int_eq(config.max_body, 7);
    ck_assert_int_eq(config.max_memory, 0);
    ck_assert_int_eq(load(&config, error, "--max-memory", "2g"), 0);
    ck_assert_int_eq(config.max_memory, INT64_C(2) << 30);
    ck_assert_int_eq(config.password_cost, PASSWORD_COST_LOW);
    ck_assert_int_eq(load(&config, error, "--password-cost", "high"), 0);
    ck_assert_int_eq(config.password_cost, PASSWORD_COST_HIGH);
    ck_assert_int_eq(load(&config, error, "--clock", "2024-01-01T00:00:00Z"), 0);
    ck_assert_int_eq(config.clock, 1704067200000);
    ck_assert_int_eq(load(&config, error, "--clock=running", NULL), 0);
    ck_assert_int_eq(config.clock, CONFIG_CLOCK_RUNS);
}
END_TEST

static const struct {
    char *first;
    char *second;
    const char *error;
} mistakes[] = {
    {"--port", "1x", "--port: '1x' is not a number from 0 to 65535"},
    {"--port", "", "--port: '' is not a number from 0 to 65535"},
    {"--port", " 1", "--port: ' 1' is not a number from 0 to 65535"},
    {"--port", "99999999999999999999",
     "--port: '99999999999999999999' is not a number from 0 to 65535"},
    {"--port", "1k", "--port: '1k' is not a number from 0 to 65535"},
    {"--max-body", "2g", "--max-body: '2g' is not a number from 1 to 1073741824"},
    {"--max-body", "9223372036854775807m",
     "--max-body: '9223372036854775807m' is not a number from 1 to 1073741824"},
    {"--log", "TEXT", "--log: 'TEXT' is not one of text|json|off; did you mean text?"},
    {"--admin", "true", "--admin: 'true' is not one of off|on"},
    {"--missing-groups=rejct", NULL,
     "--missing-groups: 'rejct' is not one of reject|clear; did you mean reject?"},
    {"--clock", "2024-01-01",
     "--clock: '2024-01-01' is neither 'running' nor an RFC 3339 date-time with offset"},
    {"--clock=", NULL, "--clock: '' is neither 'running' nor an RFC 3339 date-time with offset"},
    {"--logs", "text", "--logs: no such option; did you mean --log?"},
    {"--lo", "text", "--lo: no such option; did you mean --log?"},
    {"--PORT", "1", "--PORT: no such option; did you mean --port?"},
    {"-port", "1", "-port: no such option; did you mean --port?"},
    {"port=1", NULL, "port: no such option; did you mean --port?"},
    {"--max_body=1", NULL, "--max_body: no such option; did you mean --max-body?"},
    {"--maxBody", "1", "--maxBody: no such option; did you mean --max-body?"},
    {"--missing", "clear", "--missing: no such option; did you mean --missing-groups?"},
    {"--verison", NULL, "--verison: no such option; did you mean --version?"},
    {"--help=port", NULL, "--help: no such option; did you mean --help?"},
    {"--colour=secret", NULL, "--colour: no such option"},
    {"=", NULL, "'': no such option"},
    {"-p", "1", "-p: no such option"},
    {"--", "1", "--: no such option"},
    {"--db", NULL, "--db: needs a value"},
    {"--db", "--port", "--db: needs a value; write --db=VALUE if the value starts with --"},
    {"--db", "--", "--db: needs a value; write --db=VALUE if the value starts with --"},
    {"--port", "-1", "--port: '-1' is not a number from 0 to 65535"},
    {"--host=", NULL, "--host: must not be empty"},
    {"--db=", NULL, "--db: must not be empty"},
};

START_TEST(names_the_mistake) {
    struct config config = {.port = 7};
    char error[CONFIG_ERROR_SIZE] = "";
    variable_name = NULL;
    ck_assert_int_gt(load(&config, error, mistakes[_i].first, mistakes[_i].second), 0);
    ck_assert_str_eq(error, mistakes[_i].error);
    ck_assert_int_eq(config.port, 7);
}
END_TEST

START_TEST(truncates_what_it_quotes) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    char value[10000];
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    ck_assert_int_gt(load(&config, error, "--auth", value), 0);
    ck_assert_int_gt(load(&config, error, value, NULL), 0);
    memcpy(value, "KESTUB_", strlen("KESTUB_"));
    ck_assert(config_find_mistake(value, error));
}
END_TEST

START_TEST(the_last_flag_wins) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    variable_name = NULL;
    ck_assert_int_eq(load(&config, error, "--port=1", "--port=2"), 0);
    ck_assert_int_eq(config.port, 2);
    ck_assert_int_gt(load(&config, error, "--port=x", "--port=2"), 0);
}
END_TEST

START_TEST(accepts_values_that_look_like_flags) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    variable_name = NULL;
    ck_assert_int_eq(load(&config, error, "--admin-token=--port", NULL), 0);
    ck_assert_str_eq(config.admin_token, "--port");
    ck_assert_int_eq(load(&config, error, "--admin-token", "-x"), 0);
    ck_assert_str_eq(config.admin_token, "-x");
    ck_assert_int_eq(load(&config, error, "--admin-token=a=b", NULL), 0);
    ck_assert_str_eq(config.admin_token, "a=b");
}
END_TEST

static const char *const urls[] = {"tcp://10.0.0.1:8080", "udp://10.0.0.1:8080",
                                   "sctp://[fd00::1]:8080"};

/* Kubernetes sets KESTUB_PORT like this. As a flag, the same value is refused. */
START_TEST(ignores_the_port_of_a_service) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    variable_name = "KESTUB_PORT";
    variable_value = urls[_i];
    ck_assert_int_eq(load(&config, error, NULL, NULL), 0);
    ck_assert_int_eq(config.port, 8080);
    ck_assert_int_eq(load(&config, error, "--port", "7"), 0);
    ck_assert_int_eq(config.port, 7);
    ck_assert_int_gt(load(&config, error, "--port", (char *)(uintptr_t)urls[_i]), 0);
    variable_name = "KESTUB_THREADS";
    ck_assert_int_gt(load(&config, error, NULL, NULL), 0);
    variable_name = "KESTUB_PORT";
    variable_value = "http://10.0.0.1:8080";
    ck_assert_int_gt(load(&config, error, NULL, NULL), 0);
}
END_TEST

static const char *const fine_variables[] = {
    "PATH=/bin",
    "KESTUB=x",
    "kestub_port=1",
    "MY_KESTUB_PROT=1",
    "KESTUB_PORT=8080",
    "KESTUB_ADMIN_TOKEN=x",
    "KESTUB_URL=http://127.0.0.1:8080",
    /* a service called kestub */
    "KESTUB_PORT=tcp://10.0.0.1:8080",
    "KESTUB_SERVICE_HOST=10.0.0.1",
    "KESTUB_SERVICE_PORT=8080",
    "KESTUB_SERVICE_PORT_HTTP=8080",
    "KESTUB_PORT_8080_TCP=tcp://10.0.0.1:8080",
    "KESTUB_PORT_8080_TCP_ADDR=10.0.0.1",
    "KESTUB_PORT_8080_TCP_PORT=8080",
    "KESTUB_PORT_8080_TCP_PROTO=tcp",
    "KESTUB_PORT_53_UDP_PROTO=udp",
    "KESTUB_NAME=/web/kestub",
    "KESTUB_ENV_PATH=/bin",
    "KESTUB_ENV_KESTUB_HOST=0.0.0.0",
    /* services called kestub-ci, kestub-db and kestub-port */
    "KESTUB_CI_SERVICE_HOST=10.0.0.2",
    "KESTUB_CI_SERVICE_PORT=80",
    "KESTUB_CI_SERVICE_PORT_HTTP_ALT=80",
    "KESTUB_CI_PORT=tcp://10.0.0.2:80",
    "KESTUB_CI_PORT_80_TCP=tcp://10.0.0.2:80",
    "KESTUB_CI_PORT_80_TCP_ADDR=10.0.0.2",
    "KESTUB_CI_PORT_80_SCTP_PORT=80",
    "KESTUB_CI_PORT_8000_TCP_START=tcp://10.0.0.2:8000",
    "KESTUB_CI_NAME=/web/kestub-ci",
    "KESTUB_CI_ENV_HOME=/root",
    "KESTUB_DB_PORT=udp://10.0.0.3:53",
    "KESTUB_PORT_PORT=tcp://10.0.0.4:80",
    "KESTUB_PORT_SERVICE_HOST=10.0.0.4",
};

START_TEST(accepts_known_variables) {
    char mistake[CONFIG_ERROR_SIZE] = "";
    ck_assert_msg(!config_find_mistake(fine_variables[_i], mistake), "%s", mistake);
}
END_TEST

static const struct {
    const char *variable;
    const char *mistake;
} odd_variables[] = {
    {"KESTUB_PROT=secret", "KESTUB_PROT: no such variable; did you mean KESTUB_PORT?"},
    {"KESTUB_PORTS=1", "KESTUB_PORTS: no such variable; did you mean KESTUB_PORT?"},
    {"KESTUB_LOGS", "KESTUB_LOGS: no such variable; did you mean KESTUB_LOG?"},
    {"KESTUB_FIXTURES=x", "KESTUB_FIXTURES: no such variable; did you mean KESTUB_FIXTURE?"},
    {"KESTUB_MISSING_GROUP=x",
     "KESTUB_MISSING_GROUP: no such variable; did you mean KESTUB_MISSING_GROUPS?"},
    {"KESTUB_maxBody=1", "KESTUB_maxBody: no such variable; did you mean KESTUB_MAX_BODY?"},
    {"KESTUB_HOSTNAME=x", "KESTUB_HOSTNAME: no such variable"},
    {"KESTUB_CI_PORT=80", "KESTUB_CI_PORT: no such variable; did you mean KESTUB_TLS_PORT?"},
    {"KESTUB_SERVICE=x", "KESTUB_SERVICE: no such variable"},
    {"KESTUB_=x", "KESTUB_: no such variable"},
};

START_TEST(suggests_the_intended_variable) {
    char mistake[CONFIG_ERROR_SIZE] = "";
    ck_assert(config_find_mistake(odd_variables[_i].variable, mistake));
    ck_assert_str_eq(mistake, odd_variables[_i].mistake);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("config");
    TCase *tcase = suite_add(suite, "config");
    tcase_add_test(tcase, has_defaults);
    tcase_add_test(tcase, the_flag_wins);
    suite_add_rows(tcase, names_the_mistake, mistakes);
    tcase_add_test(tcase, truncates_what_it_quotes);
    tcase_add_test(tcase, the_last_flag_wins);
    tcase_add_test(tcase, accepts_values_that_look_like_flags);
    suite_add_rows(tcase, ignores_the_port_of_a_service, urls);
    suite_add_rows(tcase, accepts_known_variables, fine_variables);
    suite_add_rows(tcase, suggests_the_intended_variable, odd_variables);
    return suite_run(suite);
}
