/* What the operation is given: path, query and body, checked against the contract and put into its
 * input struct. */
#pragma once

#include "exchange/exchange.h"

/* Whether the operation takes such a body. 0 or EXCHANGE_ANSWERED. */
int input_check_media_type(struct exchange *exchange);

/* Fills exchange->input. 0, EXCHANGE_ANSWERED or <0. */
int input_read(struct exchange *exchange);

/* The member of exchange->input that has the role, of the type that enum field_role says; NULL when
 * the operation has none. */
void *input_find(const struct exchange *exchange, enum field_role role);
