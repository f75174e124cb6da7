/* The connection of a store to its database. Only for the files of store/. Call all of this with
 * the store's lock. */
#pragma once

#include "store/memory_file.h"
#include "store/statement.h"

/* Opens the file, or an empty database in memory when `path` is NULL. Returns 0 or <0; in both
 * cases connection_close closes what is open. */
int connection_open(struct store *store, const char *path);

/* Gives the store a connection that another store had (taken over). */
void connection_put(struct store *store, struct connection *connection);

/* Takes it away (owned by the caller), without its content. SQLite may not be using that. */
struct connection *connection_take(struct store *store);

/* Accepts a store without connection. */
void connection_close(struct store *store);
void connection_free(struct connection *connection); /* accepts NULL */

/* For databases in memory: makes SQLite give up what it knows of the content. Returns 0 or <0. */
int connection_let_go(struct store *store);

/* The same: gives the connection, whose content SQLite has let go, the content of a state whose
 * tables are as `layout` says. Returns 0, or <0 and the store has the content that it had. */
int connection_load(struct store *store, struct frozen_file *content, uint64_t layout);
