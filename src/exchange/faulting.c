#include "exchange/faulting.h"

#include <string.h>

#include "exchange/auth.h"
#include "iam/credentials.h"
#include "iam/users.h"
#include "util/timestamp.h"

/* What an operation is to the profiles. */
enum role {
    ROLE_OTHER,
    ROLE_LISTS_MEMBERS,
    ROLE_LISTS_USERS,
    ROLE_LISTS,
    ROLE_LOGS_IN,
    ROLE_CREATES_USER,
    ROLE_WRITES_MEMBERSHIP, /* of the user that `parameter` names */
};

static const struct operation_role {
    const char *operation;
    enum role role;
    const char *parameter;
} roles[] = {
    {"searchGroupMembers", ROLE_LISTS_MEMBERS, NULL},
    {"listUsers", ROLE_LISTS_USERS, NULL},
    {"searchGroups", ROLE_LISTS, NULL},
    {"autocompleteGroups", ROLE_LISTS, NULL},
    {"listGroupIds", ROLE_LISTS, NULL},
    {"listTenantAccess", ROLE_LISTS, NULL},
    {"autocompleteUsers", ROLE_LISTS, NULL},
    {"find", ROLE_LISTS, NULL},
    {"login", ROLE_LOGS_IN, NULL},
    {"login_1", ROLE_LOGS_IN, NULL},
    {"createUser", ROLE_CREATES_USER, NULL},
    {"updateUserGroups", ROLE_WRITES_MEMBERSHIP, "id"},
    {"addUserToGroup", ROLE_WRITES_MEMBERSHIP, "userId"},
    {"deleteUserFromGroup", ROLE_WRITES_MEMBERSHIP, "userId"},
    {"setUserMembershipForGroup", ROLE_WRITES_MEMBERSHIP, "userId"},
};

static const struct operation_role *role_of(const struct exchange *exchange) {
    static const struct operation_role other = {NULL, ROLE_OTHER, NULL};
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(roles[i].operation, exchange->match.operation->id) == 0)
            return &roles[i];
    return &other;
}

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

/* The member of the input that a parameter of the query is bound to, or NULL. */
static void *find_bound(const struct exchange *exchange, const char *name) {
    const struct schema *query = exchange->match.operation->query;
    for (size_t i = 0; query && i < query->n_fields; i++)
        if (strcmp(query->fields[i].name, name) == 0)
            return (char *)exchange->input + query->fields[i].offset;
    return NULL;
}

/* Users cannot be sorted by their name, members by nothing. */
static bool sorts_badly(const struct exchange *exchange, enum role role) {
    if (role != ROLE_LISTS_USERS && role != ROLE_LISTS_MEMBERS)
        return false;
    const struct string_list *sort = find_bound(exchange, "sort");
    for (size_t i = 0; sort && i < sort->count; i++)
        if (role == ROLE_LISTS_MEMBERS || strncmp(sort->items[i], "username:", 9) == 0)
            return true;
    return false;
}

static const char *log_in_name(const struct exchange *exchange) {
    const char *name =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(exchange->body, "username"));
    return name ? name : "";
}

static bool rejects_log_in(const struct exchange *exchange) {
    struct faults *faults = exchange->sandbox->faults;
    return faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, timestamp_monotonic_us()) ||
           faults_are_locking(faults, log_in_name(exchange), clock_now(&exchange->sandbox->clock));
}

static const char *written_user(const struct exchange *exchange,
                                const struct operation_role *role) {
    const struct operation *operation = exchange->match.operation;
    for (size_t i = 0; i < operation->n_parameters; i++)
        if (strcmp(operation->parameters[i].name, role->parameter) == 0)
            return exchange->match.parameters[i];
    return "";
}

/* What the handler works on, unless that is the sandbox as it is. */
static void bend_iam(struct exchange *exchange, const struct operation_role *role, int64_t now_us) {
    struct faults *faults = exchange->sandbox->faults;
    struct iam bent = exchange->sandbox->iam;
    if (role->role == ROLE_LISTS_MEMBERS)
        exchange->past = faults_find_past(faults, PROFILE_STALE_MEMBERS, now_us);
    else if (role->role == ROLE_LISTS_USERS || role->role == ROLE_LISTS)
        exchange->past = faults_find_past(faults, PROFILE_STALE_SEARCH, now_us);
    if (exchange->past) {
        bent.present = bent.store;
        bent.store = past_store(exchange->past);
    }
    if (role->role == ROLE_CREATES_USER && faults_is_on(faults, PROFILE_LICENSE_LIMIT))
        bent.max_users = faults_max_users(faults);
    if (role->role == ROLE_WRITES_MEMBERSHIP)
        bent.loses_memberships =
            faults_begin_write(faults, written_user(exchange, role), now_us, &exchange->hold_ms);
    exchange->bent = bent;
    exchange->iam = &exchange->bent;
}

int faulting_prepare(struct exchange *exchange) {
    if (!are_active(exchange))
        return 0;
    struct faults *faults = exchange->sandbox->faults;
    const struct operation_role *role = role_of(exchange);
    int64_t now_us = timestamp_monotonic_us();
    if (role->role == ROLE_LOGS_IN && rejects_log_in(exchange))
        return exchange_fail(exchange, ERROR_UNAUTHORIZED, "wrong username or password");
    if (faults_is_on(faults, PROFILE_SORT_500) && sorts_badly(exchange, role->role))
        return exchange_fail(exchange, ERROR_INTERNAL, "cannot sort by this field");
    struct name_value_list *filters = find_bound(exchange, "filters");
    if (filters && faults_is_on(faults, PROFILE_FILTERS_IGNORED))
        *filters = (struct name_value_list){0};
    bool writes = exchange->request.method != HTTP_GET && role->role != ROLE_LISTS;
    int r = writes ? faults_note_write(faults, exchange->sandbox->iam.store, now_us) : 0;
    if (r == 0)
        bend_iam(exchange, role, now_us);
    return r;
}

void faulting_conclude(struct exchange *exchange) {
    if (!are_active(exchange))
        return;
    struct faults *faults = exchange->sandbox->faults;
    const struct operation_role *role = role_of(exchange);
    int status = exchange->response.status;
    if (role->role == ROLE_LOGS_IN && status == 401)
        faults_note_failure(faults, log_in_name(exchange), clock_now(&exchange->sandbox->clock));
    if (role->role != ROLE_WRITES_MEMBERSHIP || exchange->hold_ms == 0)
        return;
    if (status < 300)
        exchange->response.delivery.delay_ms += exchange->hold_ms;
    else if (!exchange->bent.loses_memberships)
        faults_cancel_write(faults, written_user(exchange, role));
}

void faulting_hold_back(struct exchange *exchange) {
    if (are_active(exchange) && exchange->response.delivery.fault == FAULT_NONE)
        exchange->response.delivery.delay_ms += faults_draw_hang(exchange->sandbox->faults);
}
