/* What the journal does not keep: passwords, tokens and secrets, known by their names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"

#define SECRETS_MASK "***"

/* Whether a name is that of a secret, in whatever case and spelling: "newPassword",
 * "client_secret", "X-Api-Key", "user[password]". *ret_is_plural: it may also be that of a number,
 * such as "max_tokens". */
bool secrets_is_name(const char *name, size_t length, bool *ret_is_plural);

/* How much of a header's value may be seen, with a mask behind. False: all of it. */
bool secrets_hide_header(const char *name, const char *value, size_t *ret_seen);

/* Those that follow put a text with masks into `out`, which is empty, and leave it empty when there
 * is nothing to mask. 0 or -ENOMEM. */

/* The values of the query and of the fragment of a URL. */
int secrets_mask_url(const char *url, struct buffer *out);

/* A body, be it JSON, a form or a multipart form; it may be cut, or malformed. `content_type` may
 * be NULL. */
int secrets_mask_body(const char *body, size_t size, const char *content_type, struct buffer *out);
