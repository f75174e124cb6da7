#include <string.h>

#include "config.h"
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
    ck_assert_str_eq(config.fixture, "default");
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
    {"--max-body", "1g", "--max-body: '1g' is not a number from 1 to 1073741824"},
    {"--max-body", "9223372036854775807m",
     "--max-body: '9223372036854775807m' is not a number from 1 to 1073741824"},
    {"--log", "TEXT", "--log: 'TEXT' is not one of text|json|off"},
    {"--clock", "2024-01-01",
     "--clock: '2024-01-01' is neither 'running' nor an RFC 3339 date-time with offset"},
    {"--clock=", NULL, "--clock: '' is neither 'running' nor an RFC 3339 date-time with offset"},
    {"--logs", "text", "--logs: no such option"},
    {"--lo", "text", "--lo: no such option"},
    {"-p", "1", "-p: no such option"},
    {"--", "1", "--: no such option"},
    {"--db", NULL, "--db: needs a value"},
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

START_TEST(bounds_what_it_repeats) {
    struct config config;
    char error[CONFIG_ERROR_SIZE];
    char value[10000];
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    ck_assert_int_gt(load(&config, error, "--auth", value), 0);
    ck_assert_int_gt(load(&config, error, value, NULL), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("config");
    TCase *tcase = suite_add(suite, "config");
    tcase_add_test(tcase, has_defaults);
    tcase_add_test(tcase, the_flag_wins);
    suite_add_rows(tcase, names_the_mistake, mistakes);
    tcase_add_test(tcase, bounds_what_it_repeats);
    return suite_run(suite);
}
