/* A request that a client describes as the journal does. */
#pragma once

#include "exchange/exchange.h"
#include "sandbox/journal.h"

/* Fills an entry that was never in a journal; its texts belong to the request's arena or to the
 * tree. 0; >0 when it is refused and the response is there; -ENOMEM. */
int logged_request_read(struct exchange *exchange, const cJSON *json,
                        struct journal_entry *ret_entry);
