/* Finds out whether a database file is free and belongs to kestub. Only for store.c. */
#pragma once

#include "store/store.h"

/* SQLite's application_id in the databases of kestub: "kstb". */
#define DATABASE_FILE_APPLICATION "0x6b737462"

/* Opens or creates the file, locks it and checks its content without writing to it. Only one
 * process can hold the lock, and the system releases it however that process ends. Returns 0 when
 * the file is empty or a kestub database of a version up to `max_version`, or <0 with a message in
 * `reterr_error`. In both cases it writes the descriptor (owned by the caller, close) or -1 to
 * *ret_fd. */
int database_file_open(const char *path, int max_version, int *ret_fd,
                       char reterr_error[STORE_ERROR_SIZE]);
