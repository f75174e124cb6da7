/* How kestub uses the write-ahead log of its database file. SQLite takes and releases four to eight
 * locks on the file for each request, which costs more than the request itself. kestub is the only
 * writer, so it keeps the lock for writing as long as the store is open, and always has a read
 * transaction open, which each commit moves forward. Other processes may read the file. Only for
 * the files of store/. */
#pragma once

#include "store/statement.h"

struct wal;

/* Begins to keep the locks when the database has a log. Nothing happens otherwise. Returns 0 or <0.
 */
int wal_start(struct store *store);

/* Ends it, before the database is closed. */
void wal_stop(struct store *store);

/* Ends the read transaction until wal_resume. A failure to resume costs time only. */
void wal_pause(struct store *store);
void wal_resume(struct store *store);

/* Writes a long log back into the database. Call this after each commit. */
void wal_limit(struct store *store);
