/* Reads the database file of a running server. */
#pragma once

/* Returns the user's groups in a tenant as "id:KIND id:KIND ...", ordered by id, with a "*" after
 * external ones (owned by the caller, free). Opens the file for reading only. */
char *state_groups(const char *db, const char *user, const char *tenant);

/* Returns the first column of a query's first row as text (owned by the caller, free). */
char *state_query(const char *db, const char *sql);
