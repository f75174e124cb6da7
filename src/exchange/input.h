/* Reads the input of an operation: checks path, query and body against the contract, and puts them
 * into the operation's input struct. */
#pragma once

#include "exchange/exchange.h"

/* Checks that the operation accepts the body's media type. Returns 0 or EXCHANGE_ANSWERED. */
int input_check_media_type(struct exchange *exchange);

/* Fills exchange->input. Returns 0, EXCHANGE_ANSWERED or <0. */
int input_read(struct exchange *exchange);

/* Returns the member of exchange->input that has the role, or NULL when the operation has none.
 * enum field_role says what type it has. */
void *input_find(const struct exchange *exchange, enum field_role role);
