/* A look into a server's database file, beside the server. */
#pragma once

/* The user's groups in a tenant as "id:KIND id:KIND ...", ordered by id, an external one with a
 * trailing "*" (owned by the caller, free). The file is opened for reading only. */
char *state_groups(const char *db, const char *user, const char *tenant);

/* The first column of a query's first row, as text (owned by the caller, free). */
char *state_query(const char *db, const char *sql);
