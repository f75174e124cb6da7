#include "exchange/faulting.h"

#include <string.h>

#include "exchange/auth.h"
#include "exchange/input.h"
#include "iam/credentials.h"
#include "iam/users.h"
#include "util/timestamp.h"

static bool are_active(const struct exchange *exchange) {
    return exchange->sandbox && !exchange->request.is_admin &&
           faults_are_active(exchange->sandbox->faults);
}

/* How many users there may be was said to be as many as there are. */
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
    if (faults_are_waiting(faults, PROFILE_RESTART, now_us)) {
        response_set_empty(response, 503);
        response->delivery.fault = FAULT_CONNECTION_RESET_BY_PEER;
        return EXCHANGE_ANSWERED;
    }
    if (faults_exceed_rate(faults, now_us)) {
        exchange_fail(exchange, ERROR_TOO_MANY_REQUESTS, NULL);
        response_add_header(response, "Retry-After", "1");
        return EXCHANGE_ANSWERED;
    }
    return faults_draw_failure(faults) ? exchange_fail(exchange, ERROR_UNAVAILABLE, NULL) : 0;
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

/* The user of an Authorization: Basic. 0, IAM_UNAUTHENTICATED when it is none, -ENOMEM. */
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
    if (faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, timestamp_monotonic_us()))
        return IAM_UNAUTHENTICATED;
    if (!faults_is_on(faults, PROFILE_LOCK_OUT) || (outcome == 0 && exchange->principal.by_session))
        return outcome;
    int r = read_basic(exchange, &username);
    if (r != 0)
        return r < 0 ? r : outcome;
    int64_t now = clock_now(&exchange->sandbox->clock);
    if (outcome != 0)
        faults_note_failure(faults, username, now);
    return faults_are_locking(faults, username, now) ? IAM_UNAUTHENTICATED : outcome;
}

/* Users cannot be sorted by their name, members by nothing. */
static bool sorts_badly(const struct exchange *exchange) {
    enum fault_role role = exchange->match.operation->fault_role;
    if (role != FAULT_ROLE_LISTS_USERS && role != FAULT_ROLE_LISTS_MEMBERS)
        return false;
    const struct string_list *sort = input_find(exchange, ROLE_SORT);
    for (size_t i = 0; i < sort->count; i++)
        if (role == FAULT_ROLE_LISTS_MEMBERS || strncmp(sort->items[i], "username:", 9) == 0)
            return true;
    return false;
}

/* "" when the input has no such text. */
static const char *text_of(const struct exchange *exchange, enum field_role role) {
    const char *const *text = input_find(exchange, role);
    return text && *text ? *text : "";
}

static bool rejects_log_in(const struct exchange *exchange) {
    struct faults *faults = exchange->sandbox->faults;
    return faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, timestamp_monotonic_us()) ||
           faults_are_locking(faults, text_of(exchange, ROLE_USERNAME),
                              clock_now(&exchange->sandbox->clock));
}

/* What the handler works on, unless that is the sandbox as it is. */
static void bend_iam(struct exchange *exchange, int64_t now_us) {
    enum fault_role role = exchange->match.operation->fault_role;
    struct faults *faults = exchange->sandbox->faults;
    struct iam bent = exchange->sandbox->iam;
    if (role == FAULT_ROLE_LISTS_MEMBERS)
        exchange->past = faults_find_past(faults, PROFILE_STALE_MEMBERS, now_us);
    else if (role == FAULT_ROLE_LISTS_USERS || role == FAULT_ROLE_LISTS)
        exchange->past = faults_find_past(faults, PROFILE_STALE_SEARCH, now_us);
    if (exchange->past) {
        bent.present = bent.store;
        bent.store = past_store(exchange->past);
    }
    if (role == FAULT_ROLE_CREATES_USER && faults_is_on(faults, PROFILE_LICENSE_LIMIT))
        bent.max_users = faults_max_users(faults);
    if (role == FAULT_ROLE_WRITES_MEMBERSHIP)
        bent.loses_memberships =
            faults_begin_write(faults, text_of(exchange, ROLE_USER), now_us, &exchange->hold_ms);
    exchange->bent = bent;
    exchange->iam = &exchange->bent;
}

int faulting_prepare(struct exchange *exchange) {
    if (!are_active(exchange))
        return 0;
    struct faults *faults = exchange->sandbox->faults;
    enum fault_role role = exchange->match.operation->fault_role;
    int64_t now_us = timestamp_monotonic_us();
    if (role == FAULT_ROLE_LOGS_IN && rejects_log_in(exchange))
        return exchange_fail(exchange, ERROR_UNAUTHORIZED, "wrong username or password");
    if (faults_is_on(faults, PROFILE_SORT_500) && sorts_badly(exchange))
        return exchange_fail(exchange, ERROR_INTERNAL, "cannot sort by this field");
    struct name_value_list *filters = input_find(exchange, ROLE_FILTERS);
    if (filters && faults_is_on(faults, PROFILE_FILTERS_IGNORED))
        *filters = (struct name_value_list){0};
    bool writes = exchange->request.method != HTTP_GET && role != FAULT_ROLE_LISTS;
    int r = writes ? faults_note_write(faults, exchange->sandbox->iam.store, now_us) : 0;
    if (r == 0)
        bend_iam(exchange, now_us);
    return r;
}

void faulting_conclude(struct exchange *exchange) {
    if (!are_active(exchange))
        return;
    struct faults *faults = exchange->sandbox->faults;
    enum fault_role role = exchange->match.operation->fault_role;
    int status = exchange->response.status;
    if (role == FAULT_ROLE_LOGS_IN && status == 401)
        faults_note_failure(faults, text_of(exchange, ROLE_USERNAME),
                            clock_now(&exchange->sandbox->clock));
    if (role != FAULT_ROLE_WRITES_MEMBERSHIP || exchange->hold_ms == 0)
        return;
    if (status < 300)
        exchange->response.delivery.delay_ms += exchange->hold_ms;
    else if (!exchange->bent.loses_memberships)
        faults_cancel_write(faults, text_of(exchange, ROLE_USER));
}

void faulting_hold_back(struct exchange *exchange) {
    if (are_active(exchange) && exchange->response.delivery.fault == FAULT_NONE)
        exchange->response.delivery.delay_ms += faults_draw_hang(exchange->sandbox->faults);
}
