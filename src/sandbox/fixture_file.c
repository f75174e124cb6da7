#include "sandbox/fixture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "embedded.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"
#include "util/nearest.h"
#include "util/permission.h"

enum { MAX_SIZE = 1 << 30 };

static void close_file(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

int fixture_file_read_open(int fd, char **ret_text, size_t *ret_size,
                           char reterr_error[FIXTURE_FILE_ERROR_SIZE]) {
    int r = files_drain(fd, MAX_SIZE, ret_text, ret_size);
    if (r == 0 || fatal_errno(r) == ENOMEM)
        return r;
    snprintf(reterr_error, FIXTURE_FILE_ERROR_SIZE, "%s",
             fatal_errno(r) == EFBIG ? "is larger than 1 GiB" : strerror(fatal_errno(r)));
    return 1;
}

/* Suggests a built-in fixture whose name is similar. */
static int refuse_name(const char *name, int failure, char reterr_error[FIXTURE_FILE_ERROR_SIZE]) {
    struct nearest nearest = {.text = name};
    char hint[NEAREST_HINT_SIZE];
    char permission[PERMISSION_HINT_SIZE];
    if (failure == ENOENT) {
        nearest_offer(&nearest, "default");
        nearest_offer(&nearest, "empty");
    }
    nearest_hint(&nearest, "", hint);
    permission_hint(failure, permission);
    snprintf(reterr_error, FIXTURE_FILE_ERROR_SIZE, "%s%s%s", strerror(failure), hint, permission);
    return 1;
}

int fixture_file_read(const char *name, char **ret_text, size_t *ret_size,
                      char reterr_error[FIXTURE_FILE_ERROR_SIZE]) {
    const char *built_in = strcmp(name, "default") == 0 ? embedded_default_fixture
                           : strcmp(name, "empty") == 0 ? "{}"
                                                        : NULL;
    if (!built_in) {
        /* A pipe that nobody writes to is empty, instead of a wait without end. */
        CLEANUP(close_file) int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0)
            fcntl(fd, F_SETFL, 0);
        return fd < 0 ? refuse_name(name, errno, reterr_error)
                      : fixture_file_read_open(fd, ret_text, ret_size, reterr_error);
    }
    char *text = strdup(built_in);
    if (!text)
        return FATAL(ENOMEM);
    *ret_text = text;
    *ret_size = strlen(text);
    return 0;
}
