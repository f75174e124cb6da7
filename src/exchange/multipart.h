/* Bodies of type multipart/form-data (RFC 7578), which carry files. */
#pragma once

#include "contract/contract.h"
#include "util/arena.h"

/* Reads the parts that are properties of `schema`, an object, into an object of texts. Each text is
 * a data URL with the type and the bytes of its part. Returns 0 and the tree (owned by the caller,
 * cJSON_Delete), >0 when the type has no boundary, a part is broken or occurs twice, or -ENOMEM.
 * `content_type` may be NULL. */
int multipart_read(const struct schema *schema, const char *content_type, const char *bytes,
                   size_t size, struct arena *arena, cJSON **ret_tree);
