/* `kestub check`: holds a fixture against its schema and loads it. */
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "sandbox/fixture.h"
#include "sandbox/sandbox.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static int load(const char *path, struct sandbox *sandbox, struct fixture_summary *ret_summary,
                char error[FIXTURE_ERROR_SIZE]) {
    CLEANUP(cleanup_free) char *text = NULL;
    size_t size = 0;
    int r = fixture_read(path, &text, &size, error);
    if (r == 0)
        r = fixture_load(&sandbox->iam, text, size, clock_now(&sandbox->clock), ret_summary, error);
    if (r < 0)
        snprintf(error, FIXTURE_ERROR_SIZE, "%s", strerror(fatal_errno(r)));
    return r;
}

static int check(int n_arguments, char *const *arguments) {
    const char *path = arguments[0];
    char error[STORE_ERROR_SIZE];
    char fixture_error[FIXTURE_ERROR_SIZE];
    struct sandbox sandbox;
    struct fixture_summary summary;
    (void)n_arguments;
    int r = sandbox_init(&sandbox, NULL, error);
    if (r == 0) {
        r = load(path, &sandbox, &summary, fixture_error);
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

const struct command command_check = {
    .name = "check",
    .usage = "check FILE",
    .summary = "say what a fixture would load, or what is wrong with it",
    .min_operands = 1,
    .max_operands = 1,
    .run = check,
};
