#include "util/memory_limit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "util/timestamp.h"

enum {
    FRESH_US = 2000,         /* so long a measurement serves small questions */
    TIDY_US = 50000,         /* between two attempts to make room while nothing is tidied */
    WORTH_TIDYING = 8 << 20, /* freed bytes */
};

static size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- What the system allows */

/* Reads a file with one number. "max", as cgroups have it, and a missing file are no bound. */
static size_t read_bound(const char *path) {
    char text[32] = "";
    size_t bound = SIZE_MAX;
    FILE *file = fopen(path, "re");
    if (!file)
        return bound;
    if (fgets(text, sizeof(text), file) && *text >= '0' && *text <= '9')
        bound = strtoull(text, NULL, 10);
    fclose(file);
    return bound;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* A bound of a group is also one for the groups in it. `path` starts at the group's own folder. */
static size_t read_group(const char *root, char *path, const char *file) {
    char name[1024];
    size_t bound = SIZE_MAX;
    for (;;) {
        snprintf(name, sizeof(name), "%s%s/%s", root, path, file);
        bound = least(bound, read_bound(name));
        char *slash = strrchr(path, '/');
        if (!slash)
            return bound;
        *slash = '\0';
    }
}

/* Inside a container the group's own folder is often mounted as the root; both ways lead to it. */
static size_t read_groups(void) {
    char line[512];
    size_t bound = SIZE_MAX;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        char *path = strchr(line, '/');
        if (path && strncmp(line, "0::", 3) == 0)
            bound = least(bound, read_group("/sys/fs/cgroup", path, "memory.max"));
        else if (path && strstr(line, ":memory:"))
            bound =
                least(bound, read_group("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes"));
    }
    if (file)
        fclose(file);
    return bound;
}

size_t memory_limit_share(void) {
    struct rlimit address_space;
    size_t all = least((size_t)sysconf(_SC_PHYS_PAGES) * page_size(), read_groups());
    if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
        all = least(all, address_space.rlim_cur);
    return all / 2 > MEMORY_LEAST ? all / 2 : MEMORY_LEAST;
}

/* ---- What is in use */

void memory_limit_init(struct memory_limit *limit, size_t bytes) {
    *limit = (struct memory_limit){
        .bytes = bytes > MEMORY_LEAST ? bytes : MEMORY_LEAST,
        .statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC),
    };
    memory_limit_measure(limit);
}

void memory_limit_deinit(struct memory_limit *limit) {
    if (limit->statm >= 0)
        close(limit->statm);
    limit->statm = -1;
}

size_t memory_limit_measure(struct memory_limit *limit) {
    char text[128];
    ssize_t size = limit->statm < 0 ? -1 : pread(limit->statm, text, sizeof(text) - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    const char *second = strchr(text, ' ');
    size_t resident = second ? strtoull(second, NULL, 10) * page_size() : 0;
    atomic_store_explicit(&limit->resident, resident, memory_order_relaxed);
    atomic_store_explicit(&limit->measured_us, timestamp_monotonic_us(), memory_order_relaxed);
    return resident;
}

static size_t measure_coarsely(struct memory_limit *limit) {
    int64_t measured_us = atomic_load_explicit(&limit->measured_us, memory_order_relaxed);
    return timestamp_monotonic_us() - measured_us < FRESH_US
               ? atomic_load_explicit(&limit->resident, memory_order_relaxed)
               : memory_limit_measure(limit);
}

static size_t allowed(const struct memory_limit *limit, enum memory_use use) {
    static const size_t sixteenths[] = {[MEMORY_TO_KEEP] = 12,
                                        [MEMORY_TO_WORK] = 14,
                                        [MEMORY_TO_WRITE] = 15,
                                        [MEMORY_TO_SERVE] = 16};
    return limit->bytes / 16 * sixteenths[use];
}

static void give_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/* Gives freed memory back if nobody has done so a moment ago. */
static void make_room(struct memory_limit *limit) {
    int64_t now_us = timestamp_monotonic_us();
    int64_t tidied_us = atomic_load_explicit(&limit->tidied_us, memory_order_relaxed);
    if ((tidied_us == 0 || now_us - tidied_us >= TIDY_US) &&
        atomic_compare_exchange_strong(&limit->tidied_us, &tidied_us, now_us))
        give_back();
}

/* `reserved` has the caller's bytes, too. */
static bool fits(struct memory_limit *limit, enum memory_use use, size_t bytes, size_t reserved) {
    size_t most = allowed(limit, use);
    if (reserved > most || bytes > most)
        return false;
    size_t resident = bytes > MEMORY_SMALL ? memory_limit_measure(limit) : measure_coarsely(limit);
    if (resident <= most - reserved)
        return true;
    make_room(limit);
    return memory_limit_measure(limit) <= most - reserved;
}

bool memory_limit_allows(struct memory_limit *limit, enum memory_use use, size_t bytes) {
    if (!limit)
        return true;
    size_t reserved = atomic_load_explicit(&limit->reserved, memory_order_relaxed);
    return bytes <= limit->bytes && fits(limit, use, bytes, reserved + bytes);
}

bool memory_limit_reserve(struct memory_limit *limit, enum memory_use use, size_t bytes) {
    if (!limit)
        return true;
    if (bytes > limit->bytes)
        return false;
    size_t reserved = atomic_fetch_add(&limit->reserved, bytes) + bytes;
    if (fits(limit, use, bytes, reserved))
        return true;
    memory_limit_release(limit, bytes);
    return false;
}

void memory_limit_release(struct memory_limit *limit, size_t bytes) {
    if (limit && bytes > 0)
        atomic_fetch_sub(&limit->reserved, bytes);
}

/* Heap bytes in use, or SIZE_MAX when the library does not tell. */
static size_t count_used(void) {
#ifdef __GLIBC__
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return SIZE_MAX;
#endif
}

void memory_limit_tidy(struct memory_limit *limit) {
    if (!limit)
        return;
    size_t used = count_used();
    size_t resident = memory_limit_measure(limit);
    atomic_store_explicit(&limit->tidied_us, 0, memory_order_relaxed);
    if (resident > used && resident - used > WORTH_TIDYING) {
        give_back();
        memory_limit_measure(limit);
    }
}
