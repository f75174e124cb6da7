#include "exchange/faulting.h"

#include <errno.h>
#include <string.h>

#include "exchange/auth.h"
#include "exchange/input.h"
#include "iam/credentials.h"
#include "iam/group_members.h"
#include "iam/tokens.h"
#include "iam/users.h"
#include "util/fatal.h"
#include "util/timestamp.h"

static bool are_active(const struct exchange *exchange) {
    return exchange->sandbox && request_is_of_client(&exchange->request) &&
           faults_are_active(exchange->sandbox->faults);
}

/* Notes for the journal that a profile plays a part. Returns whether it does. */
static bool note(struct exchange *exchange, enum profile profile, bool plays) {
    if (plays)
        exchange->faults |= 1U << profile;
    return plays;
}

/* A limit of users without a number means the users that exist when the first request comes. */
static int count_users(struct exchange *exchange) {
    struct faults *faults = exchange->sandbox->faults;
    int64_t count;
    if (faults_max_users(faults) != 0)
        return 0;
    int r = iam_count_users(&exchange->sandbox->iam, &count);
    if (r == 0)
        faults_tell_users(faults, count);
    return r;
}

static int answer_instead(struct exchange *exchange) {
    struct faults *faults = exchange->sandbox->faults;
    struct response *response = &exchange->response;
    int64_t now_us = timestamp_monotonic_us();
    if (note(exchange, PROFILE_RESTART, faults_are_waiting(faults, PROFILE_RESTART, now_us))) {
        response_set_empty(response, 503);
        response->delivery.breakage = BREAKAGE_CONNECTION_RESET_BY_PEER;
        return EXCHANGE_ANSWERED;
    }
    if (note(exchange, PROFILE_RATE_LIMIT, faults_exceed_rate(faults, now_us))) {
        exchange_fail(exchange, ERROR_TOO_MANY_REQUESTS, NULL);
        response_add_header(response, "Retry-After", "1");
        return EXCHANGE_ANSWERED;
    }
    return note(exchange, PROFILE_FLAKY, faults_draw_failure(faults))
               ? exchange_fail(exchange, ERROR_UNAVAILABLE, NULL)
               : 0;
}

int faulting_meet(struct exchange *exchange) {
    if (!are_active(exchange))
        return 0;
    int r = answer_instead(exchange);
    if (r == 0)
        r = count_users(exchange);
    if (r != 0)
        exchange_note_operation(exchange);
    return r;
}

/* Returns 0 and the username of `Authorization: Basic`; IAM_UNAUTHENTICATED when the request does
 * not have exactly that; or -ENOMEM. */
static int read_basic(struct exchange *exchange, const char **ret_username) {
    struct request *request = &exchange->request;
    struct credentials credentials;
    if (request->n_authorization != 1)
        return IAM_UNAUTHENTICATED;
    int r = auth_parse(request->authorization, &request->arena, &credentials);
    if (r == 0 && credentials.scheme == CREDENTIAL_BASIC)
        *ret_username = credentials.username;
    return r == 0 && credentials.scheme != CREDENTIAL_BASIC ? IAM_UNAUTHENTICATED : r;
}

int faulting_authenticate(struct exchange *exchange, int outcome) {
    if (!are_active(exchange) || outcome < 0)
        return outcome;
    struct faults *faults = exchange->sandbox->faults;
    const char *username;
    if (note(exchange, PROFILE_AUTH_NOT_READY,
             faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, timestamp_monotonic_us())))
        return IAM_UNAUTHENTICATED;
    if (!faults_is_on(faults, PROFILE_LOCK_OUT) || (outcome == 0 && exchange->principal.by_session))
        return outcome;
    int r = read_basic(exchange, &username);
    if (r != 0)
        return r < 0 ? r : outcome;
    int64_t now = clock_now(&exchange->sandbox->clock);
    if (outcome != 0)
        faults_note_failure(faults, username, now);
    return note(exchange, PROFILE_LOCK_OUT, faults_are_locking(faults, username, now))
               ? IAM_UNAUTHENTICATED
               : outcome;
}

/* With PROFILE_SORT_500 users cannot be sorted by username, and group members not at all. */
static bool sorts_badly(const struct exchange *exchange) {
    enum fault_role role = exchange->routing.operation->fault_role;
    if (role != FAULT_ROLE_LISTS_USERS && role != FAULT_ROLE_LISTS_MEMBERS)
        return false;
    const struct string_list *sort = input_find(exchange, ROLE_SORT);
    for (size_t i = 0; i < sort->count; i++)
        if (role == FAULT_ROLE_LISTS_MEMBERS || strncmp(sort->items[i], "username:", 9) == 0)
            return true;
    return false;
}

/* Returns "" when the input has no such text. */
static const char *text_of(const struct exchange *exchange, enum field_role role) {
    const char *const *text = input_find(exchange, role);
    return text && *text ? *text : "";
}

static bool rejects_log_in(struct exchange *exchange) {
    struct faults *faults = exchange->sandbox->faults;
    return note(exchange, PROFILE_AUTH_NOT_READY,
                faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, timestamp_monotonic_us())) ||
           note(exchange, PROFILE_LOCK_OUT,
                faults_are_locking(faults, text_of(exchange, ROLE_USERNAME),
                                   clock_now(&exchange->sandbox->clock)));
}

/* What faulting_prepare sets up for a handler and faulting_conclude takes down. */
struct faulted {
    struct iam iam;
    struct past *past;    /* (owned) a reference to the copy that `iam` works on, or NULL */
    bool is_lost;         /* the write goes to the copy, and is lost with it */
    bool is_one_too_many; /* the new user goes to the copy, since the license has no room for it */
    bool has_room;        /* the license has room for the new user */
    struct credential_meeting meeting;
    const char *holder; /* whose credentials change, or NULL */
    int64_t hold_ms; /* how long the write takes; another one to the same user is lost meanwhile */
};

/* Takes over the reference. NULL changes nothing. */
static void work_on(struct exchange *exchange, struct past *past) {
    if (!past)
        return;
    struct faulted *faulted = exchange->faulted;
    faulted->past = past;
    faulted->iam = exchange->sandbox->iam;
    faulted->iam.store = past_store(past);
    exchange->iam = &faulted->iam;
}

/* A copy is taken by way of another copy. */
static int reserve_copy(struct exchange *exchange) {
    size_t size;
    int r = store_measure(exchange->sandbox->iam.store, &size);
    return r == 0 ? exchange_reserve(exchange, MEMORY_TO_WORK, 2 * size) : r;
}

/* Lets the handler work on a copy, so that what it writes is lost. */
static int work_on_copy(struct exchange *exchange) {
    struct past *past = NULL;
    int r = reserve_copy(exchange);
    if (r == 0)
        r = past_new(exchange->sandbox->iam.store, &past);
    work_on(exchange, past);
    return r;
}

/* Shows the members of a group as they were. Groups and permissions are never stale, so both are
 * checked against the present: the handler itself refuses whoever may not see the members now, and
 * everybody else may see the past ones. A group that is newer than the past has no members yet. */
static int show_past_members(struct exchange *exchange, struct past *past) {
    static const char no_word[] = "-"; /* no member matches this search */
    const char *group = text_of(exchange, ROLE_GROUP);
    int r = iam_check_manager(exchange->iam, &exchange->principal, exchange->tenant_pk, group);
    if (r != 0) {
        past_release(past);
        return r < 0 ? r : 0;
    }
    work_on(exchange, past);
    exchange->principal.permitted = true;
    r = iam_check_manager(exchange->iam, &exchange->principal, exchange->tenant_pk, group);
    if (r != IAM_UNKNOWN_GROUP)
        return r;
    exchange->iam = &exchange->own_iam;
    *(const char **)input_find(exchange, ROLE_SEARCH) = no_word;
    return 0;
}

static int prepare_creation(struct exchange *exchange) {
    struct faulted *faulted = exchange->faulted;
    int r =
        faults_take_room(exchange->sandbox->faults, &exchange->sandbox->iam, &faulted->has_room);
    faulted->is_one_too_many = note(exchange, PROFILE_LICENSE_LIMIT, r == 0 && !faulted->has_room);
    return faulted->is_one_too_many ? work_on_copy(exchange) : r;
}

static enum credential_change credential_change(const struct exchange *exchange) {
    return exchange->routing.operation->fault_role == FAULT_ROLE_CREATES_TOKEN
               ? CREDENTIAL_NEW_TOKEN
               : CREDENTIAL_PASSWORD;
}

/* A new token and a new password of one user that meet cost the token. */
static int prepare_credential(struct exchange *exchange, int64_t now_us) {
    struct faulted *faulted = exchange->faulted;
    struct faults *faults = exchange->sandbox->faults;
    const char *user = text_of(exchange, ROLE_USER);
    int64_t last_token;
    int r = iam_find_last_token(exchange->iam, &last_token);
    if (r == 0 && !*user)
        r = iam_find_self(exchange->iam, &exchange->principal, &exchange->request.arena, &user);
    if (r != 0)
        return r < 0 ? r : 0; /* the handler says what is wrong */
    faults_begin_credential(faults, user, credential_change(exchange), last_token, now_us,
                            &faulted->meeting);
    faulted->holder = user;
    faulted->hold_ms = faulted->meeting.hold_ms;
    faulted->is_lost = note(exchange, PROFILE_LOST_TOKEN, faulted->meeting.is_lost);
    return faulted->is_lost ? work_on_copy(exchange) : 0;
}

static int prepare_iam(struct exchange *exchange, int64_t now_us) {
    struct faults *faults = exchange->sandbox->faults;
    struct faulted *faulted = exchange->faulted;
    struct past *past;
    switch (exchange->routing.operation->fault_role) {
    case FAULT_ROLE_LISTS_MEMBERS:
        past = faults_find_past(faults, PROFILE_STALE_MEMBERS, now_us);
        return note(exchange, PROFILE_STALE_MEMBERS, past != NULL)
                   ? show_past_members(exchange, past)
                   : 0;
    case FAULT_ROLE_LISTS_USERS:
    case FAULT_ROLE_LISTS:
        past = faults_find_past(faults, PROFILE_STALE_SEARCH, now_us);
        note(exchange, PROFILE_STALE_SEARCH, past != NULL);
        work_on(exchange, past);
        return 0;
    case FAULT_ROLE_CREATES_USER:
        return prepare_creation(exchange);
    case FAULT_ROLE_WRITES_MEMBERSHIP:
        faulted->is_lost =
            faults_begin_write(faults, text_of(exchange, ROLE_USER), now_us, &faulted->hold_ms);
        note(exchange, PROFILE_LOST_UPDATE, faulted->hold_ms > 0);
        return faulted->is_lost ? work_on_copy(exchange) : 0;
    case FAULT_ROLE_CREATES_TOKEN:
    case FAULT_ROLE_CHANGES_PASSWORD:
        return prepare_credential(exchange, now_us);
    case FAULT_ROLE_NONE:
    case FAULT_ROLE_LOGS_IN:
        break;
    }
    return 0;
}

/* Undoes what prepare_iam has done. */
static void restore_iam(struct exchange *exchange) {
    struct faulted *faulted = exchange->faulted;
    if (faulted->has_room)
        faults_return_room(exchange->sandbox->faults);
    exchange->iam = &exchange->own_iam;
    past_release(faulted->past);
    exchange->faulted = NULL;
}

int faulting_prepare(struct exchange *exchange) {
    if (!are_active(exchange))
        return 0;
    struct faults *faults = exchange->sandbox->faults;
    enum fault_role role = exchange->routing.operation->fault_role;
    int64_t now_us = timestamp_monotonic_us();
    if (role == FAULT_ROLE_LOGS_IN && rejects_log_in(exchange))
        return exchange_fail(exchange, ERROR_UNAUTHORIZED, "wrong username or password");
    if (note(exchange, PROFILE_SORT_500,
             faults_is_on(faults, PROFILE_SORT_500) && sorts_badly(exchange)))
        return exchange_fail(exchange, ERROR_INTERNAL, "cannot sort by this field");
    struct name_value_list *filters = input_find(exchange, ROLE_FILTERS);
    if (note(exchange, PROFILE_FILTERS_IGNORED,
             filters && filters->count > 0 && faults_is_on(faults, PROFILE_FILTERS_IGNORED)))
        *filters = (struct name_value_list){0};
    bool writes = exchange->request.method != HTTP_GET && role != FAULT_ROLE_LISTS;
    int r = writes && (faults_is_on(faults, PROFILE_STALE_MEMBERS) ||
                       faults_is_on(faults, PROFILE_STALE_SEARCH))
                ? reserve_copy(exchange)
                : 0;
    if (r == 0 && writes)
        r = faults_note_write(faults, exchange->sandbox->iam.store, now_us);
    if (r != 0)
        return r;
    exchange->faulted = arena_alloc(&exchange->request.arena, sizeof(*exchange->faulted));
    if (!exchange->faulted)
        return FATAL(ENOMEM);
    r = prepare_iam(exchange, now_us);
    if (r != 0)
        restore_iam(exchange);
    return r;
}

/* A loss that fails leaves the token, as without the profile. */
static void conclude_credential(struct exchange *exchange, bool failed) {
    const struct faulted *faulted = exchange->faulted;
    bool loses = faults_end_credential(exchange->sandbox->faults, faulted->holder,
                                       credential_change(exchange), &faulted->meeting, failed);
    if (note(exchange, PROFILE_LOST_TOKEN, loses))
        iam_lose_tokens(&exchange->sandbox->iam, faulted->holder, faulted->meeting.last_token);
}

/* A write that has failed takes no extra time, and causes no other write to be lost. */
static void conclude_write(struct exchange *exchange, bool failed) {
    const struct faulted *faulted = exchange->faulted;
    if (!failed)
        exchange->response.delivery.delay_ms += faulted->hold_ms;
    if (faulted->holder)
        conclude_credential(exchange, failed);
    else if (failed && !faulted->is_lost)
        faults_cancel_write(exchange->sandbox->faults, text_of(exchange, ROLE_USER));
}

void faulting_conclude(struct exchange *exchange, int outcome) {
    const struct faulted *faulted = exchange->faulted;
    int status = exchange->response.status;
    if (!faulted)
        return;
    struct faults *faults = exchange->sandbox->faults;
    if (exchange->routing.operation->fault_role == FAULT_ROLE_LOGS_IN && status == 401)
        faults_note_failure(faults, text_of(exchange, ROLE_USERNAME),
                            clock_now(&exchange->sandbox->clock));
    if (faulted->hold_ms > 0)
        conclude_write(exchange, outcome < 0 || status >= 300);
    bool is_invalid = status == 400 || status == 422; /* which takes precedence */
    if (faulted->is_one_too_many && outcome >= 0 && !is_invalid)
        exchange_fail(exchange, ERROR_LICENSE_LIMIT, "the license allows no more users");
    restore_iam(exchange);
}

void faulting_hold_back(struct exchange *exchange) {
    if (!are_active(exchange) || exchange->response.delivery.breakage != BREAKAGE_NONE)
        return;
    int64_t hang_ms = faults_draw_hang(exchange->sandbox->faults);
    note(exchange, PROFILE_HANG, hang_ms > 0);
    exchange->response.delivery.delay_ms += hang_ms;
}
