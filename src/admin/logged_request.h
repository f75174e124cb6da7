/* A request that a client describes in the journal's format. */
#pragma once

#include "exchange/exchange.h"
#include "sandbox/journal.h"

/* Fills an entry that is not in a journal. Its texts belong to the request's arena or to the JSON
 * tree. Returns 0, >0 when the request was refused and the response is set, or -ENOMEM. */
int logged_request_read(struct exchange *exchange, const cJSON *json,
                        struct journal_entry *ret_entry);
