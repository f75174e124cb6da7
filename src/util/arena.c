#include "util/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory_limit.h"

enum { BLOCK_SIZE = 16384 };

struct arena_block {
    struct arena_block *older;
    max_align_t bytes[];
};

void arena_init(struct arena *arena) {
    arena->blocks = NULL;
    arena->next = arena->inline_bytes;
    arena->left = sizeof(arena->inline_bytes);
    arena->allowance = SIZE_MAX;
    arena->is_used_up = false;
    arena->taken = 0;
    arena->memory = NULL;
}

void arena_limit(struct arena *arena, size_t bytes) {
    arena->allowance = bytes;
}

void arena_deinit(struct arena *arena) {
    struct arena_block *block = arena->blocks;
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
    arena->blocks = NULL;
}

/* Small arenas are always allowed. */
static bool is_allowed(const struct arena *arena, size_t block_size) {
    enum { LARGE = 1 << 20 };
    size_t taken = arena->taken + block_size;
    return taken <= MEMORY_SMALL ||
           memory_limit_allows(arena->memory, taken > LARGE ? MEMORY_TO_WORK : MEMORY_TO_SERVE,
                               block_size);
}

static size_t round_up(size_t size) {
    const size_t alignment = sizeof(max_align_t);
    return (size + alignment - 1) / alignment * alignment;
}

/* Takes what must be left. */
static void *take(struct arena *arena, size_t rounded) {
    void *taken = arena->next;
    arena->next += rounded;
    arena->left -= rounded;
    return taken;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t rounded = round_up(size);
    if (rounded > arena->left) {
        size_t block_size = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;
        arena->is_used_up |= block_size > arena->allowance;
        struct arena_block *block = NULL;
        if (!arena->is_used_up && is_allowed(arena, block_size))
            block = malloc(sizeof(*block) + block_size);
        if (!block)
            return NULL;
        arena->allowance -= block_size;
        arena->taken += sizeof(*block) + block_size;
        block->older = arena->blocks;
        arena->blocks = block;
        arena->next = (char *)block->bytes;
        arena->left = block_size;
    }
    return memset(take(arena, rounded), 0, size);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length) {
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;
    if (copy && length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t item_size,
                 size_t *capacity) {
    enum { FIRST = 16 };
    if (count < *capacity)
        return items;
    size_t doubled = *capacity > 0 ? *capacity * 2 : FIRST;
    void *larger = arena_alloc(arena, doubled * item_size);
    if (!larger)
        return NULL;
    if (count > 0)
        memcpy(larger, items, count * item_size);
    *capacity = doubled;
    return larger;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments) {
    va_list again;
    char *text = NULL;
    va_copy(again, arguments);
    /* Most texts fit into what is left, and so are formatted only once. */
    int length = vsnprintf(arena->next, arena->left, format, arguments);
    size_t size = (size_t)length + 1;
    if (length >= 0 && round_up(size) <= arena->left)
        text = take(arena, round_up(size));
    else if (length >= 0 && (text = arena_alloc(arena, size)))
        vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}
