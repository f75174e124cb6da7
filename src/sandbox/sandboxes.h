/* The sandboxes of a server: the default one, which always exists, and others by name. Threads in
 * different sandboxes share only a read lock, while they look one up. */
#pragma once

#include "sandbox/journal.h"
#include "sandbox/sandbox.h"
#include "util/memory_limit.h"

struct sandboxes;

/* `home` (borrowed) is the default sandbox. What it holds now becomes its start and the seed of all
 * others, of which there are at most `max`. Returns 0 and the table (owned by the caller), or
 * <0. */
int sandboxes_new(struct sandbox *home, size_t max, struct sandboxes **ret_sandboxes);

/* From now on a sandbox is only created while the limit (borrowed) has room for it. */
void sandboxes_limit_memory(struct sandboxes *sandboxes, struct memory_limit *memory);

/* Returns that limit, or NULL. */
struct memory_limit *sandboxes_memory(const struct sandboxes *sandboxes);

/* The caller must have left all sandboxes. */
void sandboxes_free(struct sandboxes *sandboxes);

/* Returns 0 and a reference to the sandbox, which is created from the seed if it does not exist;
 * SANDBOX_INVALID_NAME; SANDBOX_NO_ROOM; SANDBOX_NO_MEMORY; or <0. NULL and "default" name the
 * default sandbox. */
int sandboxes_enter(struct sandboxes *sandboxes, const char *name, struct sandbox **ret_sandbox);

/* Gives a reference back. A deleted sandbox is freed with its last reference. */
void sandboxes_leave(struct sandboxes *sandboxes, struct sandbox *sandbox);

/* Creates a sandbox that starts from a snapshot, or from the seed when `start` is NULL. It emulates
 * `version`, or that of the default sandbox when it is NULL. Returns like sandboxes_enter, or
 * SANDBOX_EXISTS. */
int sandboxes_create(struct sandboxes *sandboxes, const char *name, const struct snapshot *start,
                     const struct version *version, struct sandbox **ret_sandbox);

/* Finds the version of a sandbox. Returns 0 or SANDBOX_NOT_FOUND. */
int sandboxes_find_version(struct sandboxes *sandboxes, const char *name,
                           const struct version **ret_version);

/* Returns 0, or SANDBOX_NOT_FOUND, also for the default sandbox, which cannot be deleted. */
int sandboxes_delete(struct sandboxes *sandboxes, const char *name);

/* Returns what every new sandbox starts from. */
const struct snapshot *sandboxes_seed(const struct sandboxes *sandboxes);

/* Makes the saved stubs of `stubs` those that every new sandbox starts with. Returns 0 or
 * -ENOMEM. */
int sandboxes_share_stubs(struct sandboxes *sandboxes, struct stubs *stubs);

/* Lists the names in the arena, the default sandbox first. Returns 0 or -ENOMEM. */
int sandboxes_list(struct sandboxes *sandboxes, struct arena *arena, const char ***ret_names,
                   size_t *ret_count);

/* Counts the sandboxes, and adds up what their journals hold. */
void sandboxes_measure(struct sandboxes *sandboxes, size_t *ret_count,
                       struct journal_statistics *ret_journals);
