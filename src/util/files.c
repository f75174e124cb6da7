#include "util/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/fatal.h"

static void close_file(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

/* When another process renames directories at the same time, the kernel may be unable to tell
 * whether ".." leads out. It then answers EAGAIN. */
static int open_beneath(int base, const char *name, const struct open_how *how) {
    enum { ATTEMPTS = 100 };
    int fd = -1;
    for (int i = 0; i == 0 || (fd < 0 && errno == EAGAIN && i < ATTEMPTS); i++)
        fd = (int)syscall(SYS_openat2, base, name, how, sizeof(*how));
    return fd;
}

int files_read_start(int fd, char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(fd, bytes + done, size - done, (off_t)done);
        if (n <= 0)
            return n < 0 ? FATAL(errno) : FATAL(EIO);
        done += (size_t)n;
    }
    return 0;
}

static int check_file(int fd, size_t *ret_size) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return FATAL(errno);
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? FATAL(EISDIR) : FATAL(EINVAL);
    if (status.st_size > FILES_MAX_SIZE)
        return FATAL(EFBIG);
    *ret_size = (size_t)status.st_size;
    return 0;
}

int files_open(const char *directory, const char *name, int *ret_fd, size_t *ret_size) {
    const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    CLEANUP(close_file) int base = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return FATAL(errno);
    int fd = open_beneath(base, name, &how);
    if (fd < 0)
        return FATAL(errno);
    int r = check_file(fd, ret_size);
    if (r == 0)
        *ret_fd = fd;
    else
        close(fd);
    return r;
}

int files_read(const char *directory, const char *name, char **ret_bytes, size_t *ret_size) {
    CLEANUP(close_file) int fd = -1;
    size_t size;
    int r = files_open(directory, name, &fd, &size);
    if (r < 0)
        return r;
    CLEANUP(cleanup_free) char *bytes = malloc(size + 1);
    if (!bytes)
        return FATAL(ENOMEM);
    r = files_read_start(fd, bytes, size);
    if (r < 0)
        return r;
    *ret_bytes = TAKE(bytes);
    *ret_size = size;
    return 0;
}

int files_drain(int fd, size_t max_size, char **ret_bytes, size_t *ret_size) {
    CLEANUP(cleanup_free) char *bytes = NULL;
    struct stat status;
    size_t size = 0;
    size_t capacity = 0;
    if (fstat(fd, &status) < 0)
        return FATAL(errno);
    if (S_ISREG(status.st_mode) && status.st_size > (off_t)max_size)
        return FATAL(EFBIG);
    for (;;) {
        if (size == capacity) {
            capacity = capacity > 0 ? capacity * 2 : 65536;
            char *larger = realloc(bytes, capacity);
            if (!larger)
                return FATAL(ENOMEM);
            bytes = larger;
        }
        ssize_t n = read(fd, bytes + size, capacity - size);
        if (n < 0 && errno != EINTR)
            return FATAL(errno);
        if (n == 0)
            break;
        size += n > 0 ? (size_t)n : 0;
        if (size > max_size)
            return FATAL(EFBIG);
    }
    *ret_bytes = TAKE(bytes);
    *ret_size = size;
    return 0;
}
