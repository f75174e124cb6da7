/* uthash without its exit when memory is out. Instead it sets the member `bool lost` of the element
 * that it could not add. */
#pragma once

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>
