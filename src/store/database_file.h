/* The file of a database, for store.c only: who owns it, and whether it is ours to write. */
#pragma once

#include "store/store.h"

/* Says in a database's header that it is kestub's: "kstb". */
#define DATABASE_FILE_APPLICATION "0x6b737462"

/* Opens or creates the file and locks it, since one process has it at a time: the lock goes with
 * the process, however that ends. Then looks at what it holds, and writes nothing. 0 when it is
 * empty, or a kestub's of a version up to `max_version`; its descriptor (owned by the caller,
 * close) in any case, or -1. <0 and a sentence in `reterr_error`. */
int database_file_open(const char *path, int max_version, int *ret_fd,
                       char reterr_error[STORE_ERROR_SIZE]);
