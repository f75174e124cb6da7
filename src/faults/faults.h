/* The fault profiles of a sandbox: how the real server is known to misbehave. Threads share it; who
 * has none on pays for one load. Times in us are monotonic, those in ms are the sandbox's. */
#pragma once

#include "faults/fault_set.h"
#include "faults/history.h"
#include "iam/iam.h"

struct faults;

/* With none on. (owned by the caller); NULL when memory is out. */
struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Turns on exactly these, as if they were new: what is timed starts now. 0 or -ENOMEM, and then
 * all is as it was. */
int faults_set(struct faults *faults, const struct fault_set *set, int64_t now_us);
void faults_get(struct faults *faults, struct fault_set *ret_set);

/* Sets them, and makes them what faults_reset returns to. As faults_set. */
int faults_start(struct faults *faults, const struct fault_set *set);

/* The same with what another has started with. */
int faults_start_as(struct faults *faults, const struct faults *other);

/* Returns to the start. 0 or -ENOMEM. */
int faults_reset(struct faults *faults);

/* Lets listings show what there is now. To be called when the state was replaced. */
void faults_forget_past(struct faults *faults);

bool faults_are_active(const struct faults *faults);
bool faults_is_on(const struct faults *faults, enum profile profile);

/* Whether PROFILE_RESTART or PROFILE_AUTH_NOT_READY is on and its time is not over. */
bool faults_are_waiting(struct faults *faults, enum profile profile, int64_t now_us);

/* By how much the next request hangs, in ms. */
int64_t faults_draw_hang(struct faults *faults);

/* Whether the next request fails by chance. */
bool faults_draw_failure(struct faults *faults);

/* Counts a request; whether it is one too many. */
bool faults_exceed_rate(struct faults *faults, int64_t now_us);

/* How many users there may be; 0 when it awaits to be told how many there are. */
int64_t faults_max_users(struct faults *faults);
void faults_tell_users(struct faults *faults, int64_t count);

/* A user is to be created: whether there is room for one more, beside all that are being created.
 * Who gets room returns it when the user is there, or is not to be. 0 or <0. */
int faults_take_room(struct faults *faults, struct iam *iam, bool *ret_has_room);
void faults_return_room(struct faults *faults);

/* Whether the user is locked out; and what may lead to it, a failure to log in. */
bool faults_are_locking(struct faults *faults, const char *username, int64_t now_ms);
void faults_note_failure(struct faults *faults, const char *username, int64_t now_ms);

/* A write of the memberships of a user begins: whether it is to be lost, since another is under
 * way, and how many ms both take from now on. One that has failed ends at once. */
bool faults_begin_write(struct faults *faults, const char *user, int64_t now_us,
                        int64_t *ret_hold_ms);
void faults_cancel_write(struct faults *faults, const char *user);

/* The histories of PROFILE_STALE_MEMBERS and PROFILE_STALE_SEARCH, when they are on: as
 * history_note_write for all, and history_find. */
int faults_note_write(struct faults *faults, struct store *store, int64_t now_us);
struct past *faults_find_past(struct faults *faults, enum profile profile, int64_t now_us);
