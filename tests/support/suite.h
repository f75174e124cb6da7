/* What all Check programs have in common. */
#pragma once

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs the suite, and prints a TAP line for each case. Frees the suite. */
static inline int suite_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Adds a test case for a group of tests. */
static inline TCase *suite_add(Suite *suite, const char *name) {
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    return tcase;
}

/* Adds a test for each row of a table; the test finds its row by _i. */
#define suite_add_rows(tcase, test, table)                                                         \
    tcase_add_loop_test(tcase, test, 0, (int)(sizeof(table) / sizeof((table)[0])))

/* Makes a file with this text in a directory. */
static inline void suite_write(const char *directory, const char *name, const char *text) {
    char path[192];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "we");
    ck_assert_msg(file != NULL, "%s", path);
    fputs(text, file);
    fclose(file);
}
