/* Databases in memory that share their content until one of them writes. SQLite sees a file of a
 * VFS. A frozen file is the content of one, and never changes; it is reference-counted, and threads
 * share it without a lock. Only for the files of store/. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

/* Each file of this VFS is a new and empty one when it is opened, whatever its name is. */
#define MEMORY_FILE_VFS "kestub-memory"

struct frozen_file;

/* Makes the VFS known to SQLite, unless it is. Returns 0 or -ENOMEM. */
int memory_file_register(void);

/* Freezes the content of a database of this VFS (owned by the caller, memory_file_release), which
 * shares it from now on. Nobody may be reading the database. Returns 0 or -ENOMEM. */
int memory_file_freeze(sqlite3 *db, struct frozen_file **ret_frozen);

/* The same for the bytes of a database of another VFS. */
int memory_file_freeze_bytes(const unsigned char *bytes, size_t size,
                             struct frozen_file **ret_frozen);

/* Replaces the content of the database, in which `cookie`, unless it is NULL, becomes the number of
 * the schema. SQLite may not remember anything of the old content. Returns 0 or -ENOMEM. */
int memory_file_thaw(sqlite3 *db, struct frozen_file *frozen, const uint32_t *cookie);

/* Drops the content. SQLite may not remember anything of it. */
void memory_file_clear(sqlite3 *db);

/* The number of the schema in the content. */
uint32_t memory_file_cookie(sqlite3 *db);

/* Returns one more reference (owned by the caller). */
struct frozen_file *memory_file_share(struct frozen_file *frozen);

/* Accepts NULL. */
void memory_file_release(struct frozen_file *frozen);
