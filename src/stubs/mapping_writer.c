#include "stubs/mapping_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json/json_print.h"
#include "stubs/mapping_listing.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/permission.h"

enum { SLUG_SIZE = 81, NAME_SIZE = SLUG_SIZE + UUID_SIZE + 8, PATH_SIZE = NAME_SIZE + 8 };

#define TEMPORARY ".saving" /* does not end in .json, so a file that is left over is not loaded */
#define OLD ".old"

/* The file of a stub. */
struct target {
    const struct stub *stub;
    size_t index; /* its place among all, the oldest first */
    char slug[SLUG_SIZE];
    char name[NAME_SIZE];
};

struct saving {
    int base; /* the directory */
    struct target *targets;
    size_t count;
    char *error; /* MAPPING_WRITER_ERROR_SIZE */
};

static int fail(const struct saving *saving, const char *name) {
    int code = errno;
    if (code == ENOMEM)
        return FATAL(ENOMEM);
    char hint[PERMISSION_HINT_SIZE];
    permission_hint(code, hint);
    snprintf(saving->error, MAPPING_WRITER_ERROR_SIZE, "%.300s: %s%s", name, strerror(code), hint);
    return 1;
}

static bool ends_with_id(const char *slug) {
    size_t length = strlen(slug);
    return length >= UUID_SIZE - 1 && uuid_is_valid(slug + length - (UUID_SIZE - 1));
}

/* Writes the part of the name that is safe in every file system, or "". A slug that ends like an id
 * could be the file name of another stub, so it counts as none. */
static void make_slug(const struct stub *stub, char out[SLUG_SIZE]) {
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(stub->json, "name");
    const char *name = cJSON_GetStringValue(json);
    size_t used = 0;
    for (; name && *name && used < SLUG_SIZE - 1; name++) {
        bool is_safe = strchr(safe, *name) != NULL;
        bool follows = used > 0 && out[used - 1] != '-';
        if (is_safe && (used > 0 || *name != '.'))
            out[used++] = *name;
        else if (follows)
            out[used++] = '-';
    }
    while (used > 0 && strchr("-.", out[used - 1]))
        used--;
    out[used] = '\0';
    if (ends_with_id(out))
        *out = '\0';
}

/* Names that differ only in case are one file in some file systems. */
static int compare_slugs(const void *a, const void *b) {
    return strcasecmp(((const struct target *)a)->slug, ((const struct target *)b)->slug);
}

static bool has_twin(const struct saving *saving, size_t i) {
    const struct target *target = &saving->targets[i];
    return (i > 0 && compare_slugs(target, target - 1) == 0) ||
           (i + 1 < saving->count && compare_slugs(target, target + 1) == 0);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct target *)a)->name, ((const struct target *)b)->name);
}

static void name_files(struct saving *saving, const struct stub_list *stubs) {
    for (size_t i = 0; i < saving->count; i++) {
        struct target *target = &saving->targets[i];
        target->stub = stubs->stubs[i];
        target->index = saving->count - 1 - i;
        make_slug(target->stub, target->slug);
    }
    qsort(saving->targets, saving->count, sizeof(struct target), compare_slugs);
    for (size_t i = 0; i < saving->count; i++) {
        struct target *target = &saving->targets[i];
        bool needs_id = !*target->slug || has_twin(saving, i);
        snprintf(target->name, sizeof(target->name), "%s%s%s.json", target->slug,
                 *target->slug && needs_id ? "-" : "", needs_id ? target->stub->id : "");
    }
    qsort(saving->targets, saving->count, sizeof(struct target), compare_names);
}

/* With its place among the others, which the order of the file names does not tell. */
static char *render(const struct target *target) {
    CLEANUP(cleanup_json) cJSON *json = cJSON_Duplicate(target->stub->json, true);
    if (!json)
        return NULL;
    cJSON_DeleteItemFromObjectCaseSensitive(json, "insertionIndex");
    if (!cJSON_AddNumberToObject(json, "insertionIndex", (double)target->index))
        return NULL;
    return json_print_lines(json);
}

static bool write_all(int fd, const char *text, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, text, size);
        if (n < 0 && errno != EINTR)
            return false;
        text += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static int write_temporary(const struct saving *saving, const struct target *target) {
    char path[PATH_SIZE];
    CLEANUP(cleanup_free) char *text = render(target);
    if (!text)
        return FATAL(ENOMEM);
    snprintf(path, sizeof(path), "%s" TEMPORARY, target->name);
    int fd =
        openat(saving->base, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(saving, target->name);
    bool written = write_all(fd, text, strlen(text)) && write_all(fd, "\n", 1);
    int r = written ? 0 : fail(saving, target->name);
    if (close(fd) < 0 && r == 0)
        r = fail(saving, target->name);
    return r;
}

static void remove_temporaries(const struct saving *saving) {
    for (size_t i = 0; i < saving->count; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "%s" TEMPORARY, saving->targets[i].name);
        unlinkat(saving->base, path, 0);
    }
}

static int put_in_place(const struct saving *saving) {
    for (size_t i = 0; i < saving->count; i++) {
        const char *name = saving->targets[i].name;
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "%s" TEMPORARY, name);
        if (renameat(saving->base, path, saving->base, name) < 0)
            return fail(saving, name);
    }
    return 0;
}

static bool is_saved(const struct saving *saving, const char *name) {
    struct target key;
    if (strlen(name) >= sizeof(key.name))
        return false;
    strcpy(key.name, name);
    return saving->count > 0 && bsearch(&key, saving->targets, saving->count, sizeof(struct target),
                                        compare_names) != NULL;
}

static int put_aside(const struct saving *saving, const struct mapping_listing *listing) {
    for (size_t i = 0; i < listing->count; i++) {
        const char *name = listing->names[i];
        CLEANUP(cleanup_free) char *old = NULL;
        if (is_saved(saving, name))
            continue;
        if (asprintf(&old, "%s" OLD, name) < 0) {
            old = NULL;
            return FATAL(ENOMEM);
        }
        if (renameat(saving->base, name, saving->base, old) < 0 && errno != ENOENT)
            return fail(saving, name);
    }
    return 0;
}

static int save(struct saving *saving, const char *directory) {
    CLEANUP(mapping_listing_deinit) struct mapping_listing listing = {0};
    int r = mapping_listing_make(directory, &listing);
    if (r < 0) {
        errno = fatal_errno(r);
        return fail(saving, directory);
    }
    for (size_t i = 0; r == 0 && i < saving->count; i++)
        r = write_temporary(saving, &saving->targets[i]);
    if (r == 0)
        r = put_in_place(saving);
    if (r == 0)
        r = put_aside(saving, &listing);
    if (r != 0)
        remove_temporaries(saving);
    return r;
}

int mapping_writer_save(const char *directory, const struct stub_list *stubs,
                        char reterr_error[MAPPING_WRITER_ERROR_SIZE]) {
    struct saving saving = {.count = stubs->count, .error = reterr_error};
    CLEANUP(cleanup_free) struct target *targets = calloc(stubs->count + 1, sizeof(*targets));
    *reterr_error = '\0';
    if (!targets)
        return FATAL(ENOMEM);
    saving.targets = targets;
    name_files(&saving, stubs);
    saving.base = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (saving.base < 0)
        return fail(&saving, directory);
    int r = save(&saving, directory);
    close(saving.base);
    return r;
}
