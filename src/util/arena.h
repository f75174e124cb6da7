/* A bump allocator: many small allocations that all end together, without a free for each. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum { ARENA_INLINE_SIZE = 2048 };

struct arena_block;

struct arena {
    struct arena_block *blocks; /* (owned) beyond the inline bytes, newest first */
    char *next;
    size_t left;
    size_t allowance; /* of bytes that blocks may still take */
    bool is_used_up;  /* an allocation failed for want of it */
    size_t taken;     /* bytes of all blocks */
    _Alignas(max_align_t) char inline_bytes[ARENA_INLINE_SIZE];
};

/* The arena must not be moved afterwards. */
void arena_init(struct arena *arena);
void arena_deinit(struct arena *arena);

/* Lets blocks take so many bytes from now on; without it there is no limit. */
void arena_limit(struct arena *arena, size_t bytes);

/* Zeroed and aligned for any type, and lives as long as the arena; NULL when memory is out or the
 * limit is reached. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* A copy of `length` bytes with a terminating zero; NULL when memory is out. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* An array of which `count` items are in use, with room for one more: the same, or twice as large
 * and moved. NULL when memory is out. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t item_size,
                 size_t *capacity);

/* printf into the arena; NULL when memory is out. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
