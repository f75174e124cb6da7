/* Notes what a transaction changes: each function of store/ that writes does so for its rows, and
 * whoever commits may ask for all of them. Only for the files of store/. */
#pragma once

#include "store/changes.h"
#include "store/names.h"
#include "store/store.h"

enum change_kind {
    CHANGE_USER, /* or a service account */
    CHANGE_GROUP,
    CHANGE_TENANT,
    CHANGE_ROLE,
    CHANGE_BINDING,
    CHANGE_TOKEN,
    CHANGE_INVITATION,
    CHANGE_INTEGRATION,
    CHANGE_ACCESS,     /* of a user to a tenant */
    CHANGE_TOKENS,     /* several of a user */
    CHANGE_BINDINGS,   /* several of a user in a tenant */
    CHANGE_ACCESSES,   /* several of a user */
    CHANGE_MEMBERSHIP, /* of a user in a group; its names are kept, see store/names.h */
    CHANGE_N_KINDS,
};

enum change_act { CHANGE_ADDED, CHANGE_UPDATED, CHANGE_REMOVED };

/* A change of one row. What the row takes with it when it is removed is not told. */
struct state_change {
    enum change_kind kind;
    enum change_act act;
    int64_t pk;                  /* of the row; from access on, of the user */
    int64_t other_pk;            /* of the group of a membership, else of the tenant */
    enum change_code membership; /* what it is now; 0 when there is none any more */
};

enum { NOTING_MAX = 64 }; /* changes of one transaction; more are only counted */

/* What the transaction in progress has changed. */
struct noted_changes {
    struct state_change changes[NOTING_MAX]; /* that are not yet in the text */
    size_t count;
    size_t total;
    bool is_paused;       /* nothing is noted */
    struct buffer packed; /* (owned) as in struct changes */
    size_t printed_size;
};

/* Notes a change if `r`, the result of the function that wrote, is 0 and a row has changed. Returns
 * r. */
int noting_note(struct store *store, int r, const struct state_change *change);

/* Notes that a row is about to be removed, while its names can still be read. Returns 0 or <0. */
int noting_note_removal(struct store *store, enum change_kind kind, int64_t pk);

/* Appends the id and name of a user or group as names_find gives them, or nothing when it is not
 * there. Returns as names_find. */
int noting_describe(struct store *store, enum name_kind kind, int64_t pk, struct buffer *out);

/* For store_begin: forgets what was noted before. */
void noting_forget(struct store *store);

/* For store_commit: appends what the transaction has noted. What does not fit is only counted.
 * Returns 0 or <0. */
int noting_tell(struct store *store, struct changes *changes);
