/* Who changed what, of the last changes in a sandbox. It is kept in memory only; a reset empties
 * it. Threads can share it. */
#pragma once

#include <stdint.h>

#include "util/arena.h"
#include "util/friendly_id.h"

enum { AUDIT_LOG_MAX = 10000 };

struct audit_log;

struct audit_entry {
    uint64_t number; /* grows by one with each entry */
    int64_t time;    /* of the sandbox's clock, epoch ms */
    int64_t user_pk; /* who did it; 0: not a stored user */
    const char *username;
    const char *resource; /* a static string, such as USER */
    const char *type;     /* a static string: CREATE, UPDATE, DELETE, LOGIN or IMPERSONATE */
    const char *tenant;   /* NULL: of the instance */
    const char *subject;  /* the id of what was changed */
    const char *client_ip;
};

/* Returns a log (owned by the caller), or NULL when memory is out. */
struct audit_log *audit_log_new(void);
void audit_log_free(struct audit_log *log);
void audit_log_clear(struct audit_log *log);

/* Copies the entry, whose number it chooses. Without memory the change goes unrecorded. */
void audit_log_add(struct audit_log *log, const struct audit_entry *entry);

/* Copies the entries of a tenant, or all when it is NULL, into the arena, the newest first. Returns
 * 0 or -ENOMEM. */
int audit_log_list(struct audit_log *log, const char *tenant, struct arena *arena,
                   struct audit_entry **ret_entries, size_t *ret_count);

/* Writes the id of an entry. */
void audit_log_format_id(const struct audit_log *log, const struct audit_entry *entry,
                         char out[FRIENDLY_ID_SIZE]);
