/* uthash, where out of memory is an outcome and not an exit: an element that the table had no
 * memory to take has its member `bool lost` set. */
#pragma once

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>
