#include "store/row_block.h"

#include <stdlib.h>

void row_block_release(struct row_block *block) {
    if (block && atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1)
        free(block);
}

void row_blocks_release(struct row_blocks **blocks) {
    struct row_blocks *owned = *blocks;
    if (!owned || atomic_fetch_sub_explicit(&owned->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < owned->count; i++)
        row_block_release(owned->items[i]);
    free(owned);
}
