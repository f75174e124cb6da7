/* A request and its response, while dispatch and the handlers work on them. */
#pragma once

#include "config.h"
#include "exchange/metrics.h"
#include "exchange/request.h"
#include "exchange/response.h"
#include "exchange/router.h"
#include "sandbox/sandboxes.h"
#include "util/cancellation.h"

/* What a handler that has returned EXCHANGE_WAITS waits for. */
struct exchange_wait {
    uint64_t changes; /* journal_changes of its sandbox, when it looked last */
    int64_t due_us;   /* the end of the wait, by timestamp_monotonic_us */
    void *kept;       /* (owned) what it keeps until it is called again, or NULL */
    void (*free_kept)(void *kept);
};

struct exchange {
    const struct config *config; /* borrowed */
    struct metrics *metrics;     /* borrowed; NULL: nobody counts */
    struct sandboxes *sandboxes; /* borrowed; NULL when the caller has chosen the sandbox */
    const struct cancellation *cancellation; /* borrowed; of long work, NULL: there is none */
    struct sandbox *sandbox;                 /* NULL until it is known */
    struct iam *iam;         /* for the handler: own_iam, or what a fault has prepared */
    struct iam own_iam;      /* the sandbox's, but it tells its changes to this exchange */
    struct changes changes;  /* (owned) what the request has changed in the state */
    unsigned faults;         /* those that played a part, a bit for each enum profile */
    struct faulted *faulted; /* NULL unless a fault has prepared something */
    struct request request;
    struct routing routing;     /* routing.operation is NULL until the route is known */
    struct principal principal; /* username is NULL until it is known */
    int64_t tenant_pk;
    cJSON *query; /* (owned) */
    cJSON *body;  /* (owned) */
    void *input;  /* the operation's struct of contract_input.h, in the arena; or NULL */
    struct response response;
    struct exchange_wait wait;
    struct stub *stub; /* (owned) a reference: the stub that answered or delayed; or NULL */
    size_t next_entry_step, next_head_step, next_body_step; /* where dispatch continues */
    size_t reserved; /* bytes of the memory limit, given back when the response is set */
    bool may_block;  /* whether this thread may hash passwords and do other long work */
    bool deferred;   /* the head is checked after the stubs have seen the body */
    int failure;     /* <0: the result that became a 500, see util/fatal.h */
};

/* A step returns 0 when the request goes on, EXCHANGE_ANSWERED when it has set the response, or <0
 * when it failed without setting one. It returns EXCHANGE_SLOW to be called again by a thread that
 * may block. A handler returns EXCHANGE_WAITS to be called again on such a thread, when the journal
 * has changed or the time of exchange->wait has come. The functions below that answer return what a
 * step may return, so that a step can return their result. */
enum { EXCHANGE_ANSWERED = 1, EXCHANGE_SLOW, EXCHANGE_WAITS };

/* Like request_init. `sandbox` is borrowed. When it is NULL, dispatch_head enters the sandbox that
 * the request names in exchange->sandboxes. */
int exchange_init(struct exchange *exchange, const struct config *config, struct sandbox *sandbox,
                  const char *target);
void exchange_deinit(struct exchange *exchange);

/* Sets the sandbox, which is borrowed. */
void exchange_set_sandbox(struct exchange *exchange, struct sandbox *sandbox);

/* The version of the server that the request meets: its sandbox's, or while that is not known the
 * server's own. */
const struct version *exchange_version(const struct exchange *exchange);

/* The routes of the control plane, or of this version. */
const struct route_table *exchange_routes(const struct exchange *exchange);

/* Answers with an error; `detail` may be NULL. */
int exchange_fail(struct exchange *exchange, enum error_code code, const char *detail);

/* Answers with the error that sandboxes_enter has returned. A negative `outcome` is passed on. */
int exchange_fail_sandbox(struct exchange *exchange, int outcome);

/* Answers with a 500; `failure` is the negative result that led to it. A full disk is a 507, and
 * what was cancelled a 503. No room below --max-memory is told as exchange_fail_for_memory does. */
void exchange_fail_internally(struct exchange *exchange, int failure);

/* The limit on memory, or NULL. */
static inline struct memory_limit *exchange_memory(const struct exchange *exchange) {
    return exchange->cancellation ? exchange->cancellation->memory : NULL;
}

/* Answers that --max-memory leaves no room: with a 507, or a 503 when the request only reads.
 * exchange_need does so unless there is room for so many bytes, and otherwise returns 0. */
int exchange_fail_for_memory(struct exchange *exchange);
int exchange_need(struct exchange *exchange, enum memory_use use, size_t bytes);

/* Like exchange_need, and keeps the room until the response is set. */
int exchange_reserve(struct exchange *exchange, enum memory_use use, size_t bytes);
void exchange_release(struct exchange *exchange);

/* Answers that the request is invalid, and lists the violations. */
int exchange_refuse(struct exchange *exchange, enum error_code code,
                    const struct violations *violations);

/* Like exchange_refuse, for the body. An operation that does not document 422 answers 400 instead
 * of the code. */
int exchange_refuse_body(struct exchange *exchange, enum error_code code,
                         const struct violations *violations);

/* Like exchange_refuse_body, for one member of the body, or for the body itself when `name` is
 * NULL. `message` must live as long as the request. Returns EXCHANGE_ANSWERED or -ENOMEM. */
int exchange_refuse_member(struct exchange *exchange, const char *name, const char *message);

/* The root of the body. Its name starts the paths of the body's violations. */
struct json_place exchange_body_place(const struct exchange *exchange);

/* Looks up the operation for the journal, when a request is answered before it is routed. */
void exchange_note_operation(struct exchange *exchange);
