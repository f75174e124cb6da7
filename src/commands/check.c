/* `kestub check`: lists every mistake in fixtures and stub mappings. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/command.h"
#include "contract/validate.h"
#include "json/json.h"
#include "sandbox/fixture.h"
#include "sandbox/fixture_file.h"
#include "stubs/mapping_files.h"
#include "stubs/mapping_listing.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"
#include "util/timestamp.h"

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

/* The following functions print the result and return whether there were no mistakes. */

static bool fail(const char *name, const char *problem) {
    command_write_line(stderr, "%s: %s", name, problem);
    return false;
}

static bool fail_with(const char *name, const char *kind, const struct violations *violations) {
    for (size_t i = 0; i < violations->count && i < VIOLATIONS_KEPT; i++) {
        const char *path = json_place_path(violations->items[i].place, violations->arena);
        if (!path)
            return fail(name, strerror(ENOMEM));
        command_write_line(stderr, "%s: %s: %s", name, path, violations->items[i].message);
    }
    if (violations->count < VIOLATIONS_KEPT)
        command_write_line(stderr, "%s: %zu mistake%s in the %s", name, violations->count,
                           plural(violations->count), kind);
    else
        command_write_line(stderr, "%s: at least %zu mistakes in the %s; the first %d are listed",
                           name, violations->count, kind, VIOLATIONS_KEPT);
    return false;
}

static bool check_fixture(const char *name, const cJSON *tree, struct violations *violations) {
    struct fixture_summary summary;
    struct store_copy *state;
    int r = fixture_make_state(&(struct iam){.password_cost = PASSWORD_COST_LOW}, tree,
                               timestamp_now(), NULL, &json_root, violations, &summary, &state);
    if (r != 0)
        return r < 0 ? fail(name, strerror(fatal_errno(r)))
                     : fail_with(name, "fixture", violations);
    store_copy_free(state);
    command_write_line(
        stdout,
        "%s: ok, a fixture with %zu tenant%s, %zu group%s, %zu role%s, %zu binding%s, "
        "%zu invitation%s, %zu security integration%s, "
        "%zu user%s, %zu service account%s, %zu membership%s, %zu token%s",
        name, summary.tenants, plural(summary.tenants), summary.groups, plural(summary.groups),
        summary.roles, plural(summary.roles), summary.bindings, plural(summary.bindings),
        summary.invitations, plural(summary.invitations), summary.integrations,
        plural(summary.integrations), summary.users, plural(summary.users),
        summary.service_accounts, plural(summary.service_accounts), summary.memberships,
        plural(summary.memberships), summary.tokens, plural(summary.tokens));
    return true;
}

static void cleanup_stubs(struct stubs **stubs) {
    stubs_free(*stubs);
}

static bool check_mappings(const char *name, const cJSON *tree, struct stubs *stubs,
                           struct violations *violations) {
    size_t count = 0;
    int r = stubs ? mapping_files_add(stubs, tree, 0, violations, &count) : FATAL(ENOMEM);
    if (r != 0)
        return r < 0 ? fail(name, strerror(fatal_errno(r)))
                     : fail_with(name, "stub mappings", violations);
    command_write_line(stdout, "%s: ok, %zu stub mapping%s", name, count, plural(count));
    return true;
}

/* Whether the object looks more like a mapping than like a fixture. Misspelt members count, too. */
static bool is_mapping(const cJSON *tree) {
    int lead = 0;
    const cJSON *member = cJSON_IsObject(tree) ? tree->child : NULL;
    for (; member; member = member->next) {
        struct nearest of_mapping = {.text = member->string};
        struct nearest of_fixture = {.text = member->string};
        json_members_offer(&stub_object, &of_mapping);
        nearest_offer(&of_mapping, "mappings");
        validate_offer(fixture_schema, &of_fixture);
        lead += (of_mapping.name != NULL) - (of_fixture.name != NULL);
    }
    return lead > 0;
}

/* Adds the mappings to `stubs`. When that is NULL, finds out whether the file is a fixture or holds
 * mappings. */
static bool check_text(const char *name, const char *text, size_t size, struct stubs *stubs) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct violations violations = {.arena = &arena};
    struct json_error error;
    int r = json_parse_dump(text, size, &tree, &error);
    if (r < 0)
        return fail(name, strerror(fatal_errno(r)));
    if (r > 0) {
        command_write_line(stderr, "%s: line %zu, column %zu: %s", name, error.line, error.column,
                           error.reason);
        return false;
    }
    if (!stubs && !is_mapping(tree))
        return check_fixture(name, tree, &violations);
    CLEANUP(cleanup_stubs) struct stubs *own = stubs ? NULL : stubs_new();
    return check_mappings(name, tree, stubs ? stubs : own, &violations);
}

static bool check_file(const char *name) {
    CLEANUP(cleanup_free) char *text = NULL;
    char error[FIXTURE_FILE_ERROR_SIZE];
    size_t size;
    bool is_input = strcmp(name, "-") == 0;
    int r = is_input ? fixture_file_read_open(STDIN_FILENO, &text, &size, error)
                     : fixture_file_read(name, &text, &size, error);
    if (is_input)
        name = "standard input";
    return r != 0 ? fail(name, r < 0 ? strerror(fatal_errno(r)) : error)
                  : check_text(name, text, size, NULL);
}

static bool check_entry(const char *directory, const char *name, struct stubs *stubs) {
    CLEANUP(cleanup_free) char *text = NULL;
    char path[PATH_MAX];
    size_t size;
    size_t length = strlen(directory);
    bool has_slash = length > 0 && directory[length - 1] == '/';
    snprintf(path, sizeof(path), "%s%s%s", directory, has_slash ? "" : "/", name);
    int r = files_read(directory, name, &text, &size);
    return r < 0 ? fail(path, strerror(fatal_errno(r))) : check_text(path, text, size, stubs);
}

/* Checks a directory of mappings, as --mappings takes it. */
static bool check_directory(const char *directory) {
    CLEANUP(cleanup_stubs) struct stubs *stubs = stubs_new();
    CLEANUP(mapping_listing_deinit) struct mapping_listing listing = {0};
    int r = stubs ? mapping_listing_make(directory, &listing) : FATAL(ENOMEM);
    if (r < 0)
        return fail(directory, strerror(fatal_errno(r)));
    bool ok = listing.count > 0 ? true : fail(directory, "is a directory without *.json files");
    for (size_t i = 0; i < listing.count; i++)
        ok &= check_entry(directory, listing.names[i], stubs);
    return ok;
}

static int check(int n_arguments, char *const *arguments) {
    bool ok = true;
    for (int i = 0; i < n_arguments; i++) {
        struct stat status;
        bool is_directory = stat(arguments[i], &status) == 0 && S_ISDIR(status.st_mode);
        ok &= is_directory ? check_directory(arguments[i]) : check_file(arguments[i]);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_check = {
    .name = "check",
    .usage = "check FILE ...",
    .summary = "list the mistakes in fixtures and stub mappings, or say what they hold",
    .details =
        "A FILE holds a fixture, a stub mapping, or an object with a list \"mappings\"; check\n"
        "finds out which. A directory is checked as --mappings loads it. - is standard\n"
        "input, and default and empty are the built-in fixtures. The exit status is 0\n"
        "when nothing is wrong, else 1.\n",
    .min_operands = 1,
    .max_operands = INT_MAX,
    .run = check,
};
