/* The only place that undoes the content codings of a request's body. */
#pragma once

#include "exchange/exchange.h"

enum { DECODING_TOO_LARGE = EXCHANGE_SLOW + 1 };

/* Decodes the complete body in place, unless that has been done. What cannot be decoded stays as it
 * came. Returns 0, DECODING_TOO_LARGE when the body decodes to more than it may have, or <0. */
int decoding_decode(struct exchange *exchange);

/* Decodes up to `kept` bytes of a body, of which the request may hold only the start, unless that
 * has been done. Returns 0, the bytes (owned by the caller) and the size of the whole as far as
 * kestub has decoded it, or >0 when the body has to stay as it is. */
int decoding_decode_start(const struct exchange *exchange, size_t body_received, size_t kept,
                          struct buffer *ret_start, size_t *ret_size);
