/* A bump allocator: many small allocations that are all freed together. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum { ARENA_INLINE_SIZE = 2048 };

struct arena_block;
struct memory_limit;

struct arena {
    struct arena_block *blocks; /* (owned) blocks beyond the inline bytes, newest first */
    char *next;
    size_t left;
    size_t allowance;            /* bytes that blocks may still take */
    bool is_used_up;             /* an allocation failed because the allowance was used up */
    size_t taken;                /* bytes of all blocks */
    struct memory_limit *memory; /* (borrowed) of the process; NULL: none */
    _Alignas(max_align_t) char inline_bytes[ARENA_INLINE_SIZE];
};

/* The arena must not be moved afterwards. */
void arena_init(struct arena *arena);
void arena_deinit(struct arena *arena);

/* From now on, blocks may take at most this many bytes. Without a call there is no limit. */
void arena_limit(struct arena *arena, size_t bytes);

/* Returns zeroed memory, aligned for any type, that lives as long as the arena. Returns NULL when
 * memory is out or a limit is reached. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* Returns a copy of `length` bytes with a terminating zero, or NULL when memory is out. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* Makes room for one more item in an array that holds `count` items. Returns the same array, or a
 * copy of twice the capacity, or NULL when memory is out. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t item_size,
                 size_t *capacity);

/* Prints into the arena as printf does. Returns NULL when memory is out. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
