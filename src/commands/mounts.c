#include "commands/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/permission.h"

struct search {
    const char *base; /* the directory of --mounts, without a slash at its end */
    char *error;      /* CONFIG_ERROR_SIZE */
};

static void close_directory(DIR **directory) {
    if (*directory)
        closedir(*directory);
}

static int fail(const struct search *search, const char *path, int failure) {
    char hint[PERMISSION_HINT_SIZE];
    permission_hint(failure, hint);
    snprintf(search->error, CONFIG_ERROR_SIZE, "%.60s: %s%s", path, strerror(failure), hint);
    return 1;
}

/* Leaves `out` empty when nothing is mounted there. */
static int find(const struct search *search, const char *name, mode_t kind, char out[PATH_MAX]) {
    struct stat status;
    int length = snprintf(out, PATH_MAX, "%s/%s", search->base, name);
    int failure = length >= PATH_MAX ? ENAMETOOLONG : stat(out, &status) == 0 ? 0 : errno;
    if (failure == 0 && (status.st_mode & S_IFMT) != kind)
        failure = kind == S_IFDIR ? ENOTDIR : EISDIR;
    if (failure == 0)
        return 0;
    if (failure != ENOENT)
        return fail(search, out, failure);
    out[0] = '\0';
    return 0;
}

/* Finds what may be mounted in two places, but only in one of them. */
static int find_either(const struct search *search, const char *option, const char *name,
                       const char *other, char out[PATH_MAX]) {
    char second[PATH_MAX];
    int r = find(search, name, S_IFDIR, out);
    if (r == 0)
        r = find(search, other, S_IFDIR, second);
    if (r != 0 || !second[0])
        return r;
    if (out[0]) {
        snprintf(search->error, CONFIG_ERROR_SIZE,
                 "%.60s/%s and %.60s/%s are both there; choose one with %s", search->base, name,
                 search->base, other, option);
        return 1;
    }
    strcpy(out, second);
    return 0;
}

static bool is_json(const char *name) {
    const char *suffix = strrchr(name, '.');
    return name[0] != '.' && suffix && strcmp(suffix, ".json") == 0;
}

/* Finds the only fixture in a directory. */
static int find_only(const struct search *search, const char *directory, char out[PATH_MAX]) {
    CLEANUP(close_directory) DIR *stream = opendir(directory);
    const struct dirent *entry;
    size_t count = 0;
    out[0] = '\0';
    if (!stream)
        return fail(search, directory, errno);
    while ((entry = readdir(stream)))
        if (is_json(entry->d_name) && count++ == 0 &&
            snprintf(out, PATH_MAX, "%s/%s", directory, entry->d_name) >= PATH_MAX)
            return fail(search, directory, ENAMETOOLONG);
    if (count <= 1)
        return 0;
    snprintf(search->error, CONFIG_ERROR_SIZE,
             "%.60s: has %zu fixtures, and none is called fixture.json or default.json; choose one "
             "with --fixture %.60s/NAME.json",
             directory, count, directory);
    return 1;
}

static int find_fixture(const struct search *search, char out[PATH_MAX]) {
    static const char *const names[] = {"kestub/fixture.json", "fixtures/fixture.json",
                                        "fixtures/default.json"};
    char directory[PATH_MAX];
    int r = find(search, "fixtures", S_IFDIR, directory);
    if (r == 0)
        r = find(search, names[0], S_IFREG, out);
    if (r == 0 && out[0] && directory[0]) {
        snprintf(search->error, CONFIG_ERROR_SIZE,
                 "%.60s/%s and %.80s are both there; choose one with --fixture", search->base,
                 names[0], directory);
        return 1;
    }
    for (size_t i = 1; r == 0 && !out[0] && i < sizeof(names) / sizeof(names[0]); i++)
        r = find(search, names[i], S_IFREG, out);
    return r == 0 && !out[0] && directory[0] ? find_only(search, directory, out) : r;
}

int mounts_apply(struct config *config, struct mounts *mounts,
                 char reterr_error[CONFIG_ERROR_SIZE]) {
    if (!config->mounts)
        return 0;
    struct search search = {.base = strcmp(config->mounts, "/") == 0 ? "" : config->mounts};
    int r = 0;
    search.error = reterr_error;
    *mounts = (struct mounts){0};
    if (!config->fixture)
        r = find_fixture(&search, mounts->fixture);
    if (r == 0 && !config->mappings)
        r = find_either(&search, "--mappings", "kestub/mappings", "mappings", mounts->mappings);
    if (r == 0 && !config->files)
        r = find_either(&search, "--files", "kestub/__files", "files", mounts->files);
    if (r != 0)
        return r;
    if (mounts->fixture[0])
        config->fixture = mounts->fixture;
    if (mounts->mappings[0])
        config->mappings = mounts->mappings;
    if (mounts->files[0])
        config->files = mounts->files;
    return 0;
}
