/* Renders the answers of stubs that have templates. */
#pragma once

#include "exchange/exchange.h"
#include "match/subject.h"

/* Reads the file of a stub's body that may be a template, renders all templates of the stub for the
 * request, and answers. Random values depend on the seed alone. What cannot be rendered is a 500
 * that names the stub. Returns EXCHANGE_ANSWERED or <0. */
int templating_answer(struct exchange *exchange, const struct stub *stub,
                      struct match_subject *subject, uint64_t seed);

/* Whether the stub needs that; otherwise every answer of it is alike. */
bool templating_is_needed(const struct stub *stub);
