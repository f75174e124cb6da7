/* One bound on the memory of the process. What is in use is what the kernel counts as resident, so
 * it counts everything, whoever has allocated it. Whoever is about to take much asks first. Threads
 * may share a limit, and a NULL limit allows everything. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEMORY_LEAST = 32 << 20 /* no limit is lower */, MEMORY_SMALL = 64 << 10 };

/* What memory is for. Each use may fill the limit further than the one before, so that what is kept
 * leaves room for work, large work for small writes, and those for reading. */
enum memory_use {
    MEMORY_TO_KEEP,  /* up to 12 sixteenths of the limit */
    MEMORY_TO_WORK,  /* 14 */
    MEMORY_TO_WRITE, /* 15 */
    MEMORY_TO_SERVE, /* all of it */
};

struct memory_limit {
    size_t bytes;
    int statm;              /* (owned) the kernel's figures, or -1 */
    atomic_size_t resident; /* as last measured */
    atomic_int_least64_t measured_us;
    atomic_int_least64_t tidied_us;
    atomic_size_t reserved; /* by work that may not have taken it yet */
};

/* Returns half of what the process may have at all: of the machine, its cgroup and RLIMIT_AS, the
 * least. */
size_t memory_limit_share(void);

/* Limits the process to so many bytes, at least MEMORY_LEAST. */
void memory_limit_init(struct memory_limit *limit, size_t bytes);
void memory_limit_deinit(struct memory_limit *limit);

/* Returns the resident bytes of the process, measured now; 0 when the system does not tell. */
size_t memory_limit_measure(struct memory_limit *limit);

/* Tells whether there is room for so many more bytes. Up to MEMORY_SMALL bytes this costs next to
 * nothing: the measurement may be 2 ms old. */
bool memory_limit_allows(struct memory_limit *limit, enum memory_use use, size_t bytes);

/* The same, and keeps the room for the caller, who gives it back with memory_limit_release once the
 * memory is taken or not needed. */
bool memory_limit_reserve(struct memory_limit *limit, enum memory_use use, size_t bytes);
void memory_limit_release(struct memory_limit *limit, size_t bytes);

/* Call this after memory was freed. Gives it back to the system when it is much, which may take
 * some 10 ms; otherwise this happens once it is needed. */
void memory_limit_tidy(struct memory_limit *limit);
