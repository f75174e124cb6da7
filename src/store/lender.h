/* The connections of the copies of a store. To open one, parse the schema and prepare statements
 * takes longer than most requests, and half the memory of a small store. So a copy borrows a
 * connection when it is used, and rests without one when another copy needs it. A resting store is
 * a frozen file. Only for the files of store/. */
#pragma once

#include "store/statement.h"

/* Returns 0 and a reference (owned by the caller, lender_release), or -ENOMEM. */
int lender_new(struct lender **ret_lender);

/* Returns one more reference (owned by the caller). */
struct lender *lender_share(struct lender *lender);

void lender_release(struct lender *lender); /* accepts NULL */

/* Gives a resting store a connection. Call it with the store's lock. Returns 0, or <0 and the store
 * rests. */
int lender_borrow(struct store *store);

/* Takes the connection back from a store that nobody uses any more, and that loses its content. */
void lender_take_back(struct store *store);
