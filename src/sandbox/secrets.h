/* Masks passwords, tokens and other secrets for the journal. It recognizes them by their names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"

#define SECRETS_MASK "***"

/* Whether the name is one of a secret, in any case and spelling: "newPassword", "client_secret",
 * "X-Api-Key", "user[password]". Sets *ret_is_plural when a number may also have such a name, like
 * "max_tokens". */
bool secrets_is_name(const char *name, size_t length, bool *ret_is_plural);

/* Returns whether a header's value has to be masked. *ret_seen is then the number of bytes that may
 * be shown before the mask. */
bool secrets_hide_header(const char *name, const char *value, size_t *ret_seen);

/* The following functions write the masked text to `out`, which must be empty. They leave it empty
 * when there is nothing to mask. They return 0 or -ENOMEM. */

/* Masks values in the query and the fragment of a URL. */
int secrets_mask_url(const char *url, struct buffer *out);

/* Masks values in JSON, a form or a multipart form. The body may be truncated or malformed.
 * `content_type` may be NULL. */
int secrets_mask_body(const char *body, size_t size, const char *content_type, struct buffer *out);
