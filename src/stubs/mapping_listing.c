#include "stubs/mapping_listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/fatal.h"

/* Each level keeps a descriptor open. */
enum { MAX_DEPTH = 32 };

static void close_directory(DIR **directory) {
    if (*directory)
        closedir(*directory);
}

static bool is_json(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".json") == 0;
}

static bool is_directory(int base, const struct dirent *entry) {
    struct stat status;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(base, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

/* Takes over the name. */
static int add(struct mapping_listing *listing, char *name) {
    size_t count = listing->count;
    if ((count & (count - 1)) == 0) { /* the capacity is the next power of two */
        char **larger = realloc(listing->names, (count > 0 ? 2 * count : 1) * sizeof(*larger));
        if (!larger) {
            free(name);
            return FATAL(ENOMEM);
        }
        listing->names = larger;
    }
    listing->names[listing->count++] = name;
    return 0;
}

static int walk(struct mapping_listing *listing, int base, const char *name, const char *prefix,
                int depth);

static int visit(struct mapping_listing *listing, int base, const struct dirent *entry,
                 const char *prefix, int depth) {
    CLEANUP(cleanup_free) char *path = NULL;
    bool is_deep = is_directory(base, entry);
    if (is_deep ? entry->d_name[0] == '.' : !is_json(entry->d_name))
        return 0;
    if (asprintf(&path, "%s%s%s", prefix, entry->d_name, is_deep ? "/" : "") < 0) {
        path = NULL;
        return FATAL(ENOMEM);
    }
    return is_deep ? walk(listing, base, entry->d_name, path, depth + 1) : add(listing, TAKE(path));
}

static int walk(struct mapping_listing *listing, int base, const char *name, const char *prefix,
                int depth) {
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth > 0 ? O_NOFOLLOW : 0);
    int fd = depth > MAX_DEPTH ? -1 : openat(base, name, flags);
    if (fd < 0)
        return depth > MAX_DEPTH ? FATAL(ELOOP) : FATAL(errno);
    CLEANUP(close_directory) DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return FATAL(ENOMEM);
    }
    int r = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry)
            return errno ? FATAL(errno) : 0;
        r = visit(listing, fd, entry, prefix, depth);
        if (r < 0)
            return r;
    }
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int mapping_listing_make(const char *directory, struct mapping_listing *ret_listing) {
    *ret_listing = (struct mapping_listing){0};
    int r = walk(ret_listing, AT_FDCWD, directory, "", 0);
    if (r < 0)
        mapping_listing_deinit(ret_listing);
    else if (ret_listing->count > 0)
        qsort(ret_listing->names, ret_listing->count, sizeof(char *), compare);
    return r;
}

void mapping_listing_deinit(struct mapping_listing *listing) {
    for (size_t i = 0; i < listing->count; i++)
        free(listing->names[i]);
    free(listing->names);
    *listing = (struct mapping_listing){0};
}
