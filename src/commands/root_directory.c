#include "commands/root_directory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAPPINGS "mappings"
#define FILES "__files"
#define FIXTURE "fixture.json"

static int refuse(const struct config *config, const char *name, const char *problem,
                  char reterr_error[CONFIG_ERROR_SIZE]) {
    snprintf(reterr_error, CONFIG_ERROR_SIZE, "--root-dir: %.120s%s%s: %s", config->root_dir,
             *name ? "/" : "", name, problem);
    return 1;
}

/* Finds what has this name in the directory. What is not there is no mistake. */
static int find(const struct config *config, const char *name, bool is_directory,
                char out[PATH_MAX], const char **ret_path, char reterr_error[CONFIG_ERROR_SIZE]) {
    struct stat status;
    if (snprintf(out, PATH_MAX, "%s/%s", config->root_dir, name) >= PATH_MAX)
        return refuse(config, name, strerror(ENAMETOOLONG), reterr_error);
    *ret_path = NULL;
    if (stat(out, &status) < 0)
        return errno == ENOENT ? 0 : refuse(config, name, strerror(errno), reterr_error);
    if (is_directory != S_ISDIR(status.st_mode))
        return refuse(config, name, is_directory ? "is no directory" : "is no file", reterr_error);
    *ret_path = out;
    return 0;
}

int root_directory_apply(struct config *config, struct root_directory *root,
                         char reterr_error[CONFIG_ERROR_SIZE]) {
    const char *mappings = NULL;
    const char *files = NULL;
    const char *fixture = NULL;
    struct stat status;
    if (!config->root_dir)
        return 0;
    if (stat(config->root_dir, &status) < 0)
        return refuse(config, "", strerror(errno), reterr_error);
    if (!S_ISDIR(status.st_mode))
        return refuse(config, "", "is no directory", reterr_error);
    int r = find(config, MAPPINGS, true, root->mappings, &mappings, reterr_error);
    if (r == 0)
        r = find(config, FILES, true, root->files, &files, reterr_error);
    if (r == 0)
        r = find(config, FIXTURE, false, root->fixture, &fixture, reterr_error);
    if (r == 0 && !mappings && !files && !fixture)
        r = refuse(config, "", "has neither " MAPPINGS "/ nor " FILES "/ nor " FIXTURE,
                   reterr_error);
    if (r != 0)
        return r;
    config->mappings = config->mappings ? config->mappings : mappings;
    config->files = config->files ? config->files : files;
    config->fixture = config->fixture ? config->fixture : fixture;
    return 0;
}
