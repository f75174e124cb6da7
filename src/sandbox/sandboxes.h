/* The sandboxes of a server: the default one, which is always there, and others by name. Threads
 * that use different ones share only a lock for reading, for the moment of looking one up. */
#pragma once

#include "sandbox/sandbox.h"

struct sandboxes;

/* `home` (borrowed) is the default sandbox; what it holds now is its start and the seed of all
 * others, of which there are `max` at most. 0 and the table (owned by the caller); or <0. */
int sandboxes_new(struct sandbox *home, size_t max, struct sandboxes **ret_sandboxes);

/* Nobody may be in a sandbox any more. */
void sandboxes_free(struct sandboxes *sandboxes);

/* A reference to the sandbox, which is made from the seed when it is not there; NULL and "default"
 * name the default one. 0; SANDBOX_INVALID_NAME or SANDBOX_NO_ROOM; <0. */
int sandboxes_enter(struct sandboxes *sandboxes, const char *name, struct sandbox **ret_sandbox);

/* Gives a reference back. A sandbox that was deleted ends with its last one. */
void sandboxes_leave(struct sandboxes *sandboxes, struct sandbox *sandbox);

/* Makes one that starts from a snapshot, NULL for the seed: as sandboxes_enter, or
 * SANDBOX_EXISTS. */
int sandboxes_create(struct sandboxes *sandboxes, const char *name, const struct snapshot *start,
                     struct sandbox **ret_sandbox);

/* 0, or SANDBOX_NOT_FOUND, also for the default one. */
int sandboxes_delete(struct sandboxes *sandboxes, const char *name);

/* What every new sandbox starts from. */
const struct snapshot *sandboxes_seed(const struct sandboxes *sandboxes);

/* The names, the default one first, in the arena. 0 or -ENOMEM. */
int sandboxes_list(struct sandboxes *sandboxes, struct arena *arena, const char ***ret_names,
                   size_t *ret_count);
