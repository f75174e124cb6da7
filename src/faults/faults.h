/* The fault profiles of a sandbox, which imitate how the real server is known to misbehave. Threads
 * can share it. With no profile on, a check costs one atomic load. Times in us are monotonic; times
 * in ms are the sandbox's clock. */
#pragma once

#include "faults/fault_set.h"
#include "faults/history.h"
#include "iam/iam.h"

struct faults;

/* Returns faults with no profile on (owned by the caller), or NULL when memory is out. */
struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Turns on exactly these profiles, and restarts all their timers and counters. Returns 0, or
 * -ENOMEM and changes nothing. */
int faults_set(struct faults *faults, const struct fault_set *set, int64_t now_us);
void faults_get(struct faults *faults, struct fault_set *ret_set);

/* The same, and makes them the profiles to which faults_reset returns. */
int faults_start(struct faults *faults, const struct fault_set *set);

/* The same with the initial profiles of `other`. */
int faults_start_as(struct faults *faults, const struct faults *other);

/* Returns to the initial profiles. Returns 0 or -ENOMEM. */
int faults_reset(struct faults *faults);

/* Forgets the histories, so that listings show the current state. Call this after the state was
 * replaced. */
void faults_forget_past(struct faults *faults);

bool faults_are_active(const struct faults *faults);
bool faults_is_on(const struct faults *faults, enum profile profile);

/* Whether PROFILE_RESTART or PROFILE_AUTH_NOT_READY is on and its time has not run out. */
bool faults_are_waiting(struct faults *faults, enum profile profile, int64_t now_us);

/* Returns the delay of the next request in ms. */
int64_t faults_draw_hang(struct faults *faults);

/* Whether the next request fails at random. */
bool faults_draw_failure(struct faults *faults);

/* Counts a request. Returns whether it exceeds the rate limit. */
bool faults_exceed_rate(struct faults *faults, int64_t now_us);

/* Returns the maximum number of users: INT64_MAX without a limit, or 0 when the current number is
 * to become the limit; pass that to faults_tell_users. */
int64_t faults_max_users(struct faults *faults);
void faults_tell_users(struct faults *faults, int64_t count);

/* Call faults_take_room before creating a user. It tells whether the limit allows one more user
 * besides those that are being created. If so, call faults_return_room when the user exists or will
 * not be created. Returns 0 or <0. */
int faults_take_room(struct faults *faults, struct iam *iam, bool *ret_has_room);
void faults_return_room(struct faults *faults);

/* faults_are_locking tells whether the user is locked out. faults_note_failure counts a failed
 * login, which can lock the user out. */
bool faults_are_locking(struct faults *faults, const char *username, int64_t now_ms);
void faults_note_failure(struct faults *faults, const char *username, int64_t now_ms);

/* Call faults_begin_write when a write of a user's memberships begins. It returns whether the write
 * is to be lost because another is in progress, and how many ms to hold the answers of both.
 * faults_cancel_write ends a write that has failed. */
bool faults_begin_write(struct faults *faults, const char *user, int64_t now_us,
                        int64_t *ret_hold_ms);
void faults_cancel_write(struct faults *faults, const char *user);

/* Something that happens to one user's credentials. */
enum credential_change { CREDENTIAL_NEW_TOKEN, CREDENTIAL_PASSWORD };

struct credential_meeting {
    int64_t hold_ms;    /* how long to hold the answer; 0: the profile is off */
    bool is_lost;       /* a new token while a password is changing */
    int64_t window_us;  /* when the window closes, which names it among those of a user */
    int64_t last_token; /* the key of the newest token before the window */
};

/* Call faults_begin_credential when such a change begins; `last_token` is the key of the newest
 * token before it. Call faults_end_credential when it is in the store, or has failed. That tells
 * whether the user loses the tokens after `meeting->last_token`, because a new token and a new
 * password have met. Whoever of the two ends last is told for sure. A password that has failed
 * meets no token. */
void faults_begin_credential(struct faults *faults, const char *user, enum credential_change change,
                             int64_t last_token, int64_t now_us,
                             struct credential_meeting *ret_meeting);
bool faults_end_credential(struct faults *faults, const char *user, enum credential_change change,
                           const struct credential_meeting *meeting, bool failed);

/* The histories of PROFILE_STALE_MEMBERS and PROFILE_STALE_SEARCH, if they are on.
 * faults_note_write is history_note_write for both; faults_find_past is history_find. */
int faults_note_write(struct faults *faults, struct store *store, int64_t now_us);
struct past *faults_find_past(struct faults *faults, enum profile profile, int64_t now_us);
