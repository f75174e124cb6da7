#include "store/user_block.h"

#include <stdlib.h>

void user_block_release(struct user_block *block) {
    if (block && atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1)
        free(block);
}

void user_blocks_release(struct user_blocks **blocks) {
    struct user_blocks *owned = *blocks;
    if (!owned || atomic_fetch_sub_explicit(&owned->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < owned->count; i++)
        user_block_release(owned->items[i]);
    free(owned);
}
