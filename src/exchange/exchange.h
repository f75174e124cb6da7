/* A request on its way to its response: what dispatch and the handlers work on. */
#pragma once

#include "config.h"
#include "exchange/request.h"
#include "exchange/response.h"
#include "exchange/router.h"
#include "sandbox/sandboxes.h"

struct exchange {
    const struct config *config; /* borrowed */
    struct sandboxes *sandboxes; /* borrowed; NULL when the sandbox is */
    struct sandbox *sandbox;     /* NULL until it is known */
    struct iam
        *iam; /* the one that the handler sees: the sandbox's, or what a fault has prepared */
    struct faulted *faulted; /* see exchange/faulting.c; NULL: no fault has prepared anything */
    struct request request;
    struct routing routing;     /* routing.operation is NULL until the route is known */
    struct principal principal; /* username is NULL until it is known */
    int64_t tenant_pk;
    cJSON *query; /* (owned) */
    cJSON *body;  /* (owned) */
    void *
        input; /* the operation's struct of contract_input.h, in the arena; NULL until it is read */
    struct response response;
    struct stub *stub; /* (owned) a reference: the one that answered or held back; NULL: none */
    bool deferred;     /* the head is checked when no stub has taken the whole request */
    int failure;       /* <0: what made it a 500, see util/fatal.h */
};

/* What a step on the way to the response returns: 0, and the request goes on; EXCHANGE_ANSWERED,
 * and the response is there; <0, and nobody has answered. The functions below that answer return
 * what their caller, as a step, may return. */
enum { EXCHANGE_ANSWERED = 1 };

/* As request_init. `sandbox` is borrowed; when it is NULL, dispatch_head takes the one that the
 * request names out of exchange->sandboxes. */
int exchange_init(struct exchange *exchange, const struct config *config, struct sandbox *sandbox,
                  const char *target);
void exchange_deinit(struct exchange *exchange);

/* Answers with an error; `detail` may be NULL. */
int exchange_fail(struct exchange *exchange, enum error_code code, const char *detail);

/* Answers with what sandboxes_enter has found wrong; passes on what is <0. */
int exchange_fail_sandbox(struct exchange *exchange, int outcome);

/* Answers with a 500, or a 507 when the disk is full; `failure` is the negative result that led to
 * it. */
void exchange_fail_internally(struct exchange *exchange, int failure);

/* Answers that the request is invalid, and in what. */
int exchange_refuse(struct exchange *exchange, enum error_code code,
                    const struct violations *violations);

/* The same for the body, with the code that its operation documents. */
int exchange_refuse_body(struct exchange *exchange, const struct violations *violations);

/* The same for one member of it, or with NULL for the body itself. `message` has to live as long as
 * the request. EXCHANGE_ANSWERED or -ENOMEM. */
int exchange_refuse_member(struct exchange *exchange, const char *name, const char *message);

/* The root of the body, whose name starts the paths of its violations. */
struct json_place exchange_body_place(const struct exchange *exchange);

/* Finds out for the journal what the request was for, when something answers before the route is
 * looked for. */
void exchange_note_operation(struct exchange *exchange);
