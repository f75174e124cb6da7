/* Tables of calls that build on each other, with their expected answers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "errors.h"
#include "http.h"

#define ORDINARY "ordinary@example.com:Password!234"
#define OWNER "owner@example.com:Password!234"

/* In target, body and texts, `{1}` to `{3}` stand for ids that earlier steps have kept, and
 * `{privilege}` for the name that the version gives the right to do everything. */
struct step {
    const char *method;
    const char *target;
    const char *body;  /* or NULL */
    int status;        /* of an error in the older versions, see errors_status */
    const char *basic; /* NULL: ROOT */
    const char *type;  /* of the error, unless it is the usual one of the status */
    /* The place in the body of a value that cannot be read, or "". A problem document tells only
     * this place, so `has` is for other versions. */
    const char *unreadable;
    unsigned versions; /* that make this step; 0: all */
    const char *has[4];
    const char *lacks[3];
    const char *order[2]; /* both must occur, the first before the second */
    const char *counted;  /* must occur `count` times */
    int count;
    bool empty; /* the answer has no body */
    int keep;   /* the number under which to keep the answer's id; 0: do not keep it */
};

/* Start and stop a server with the fixture edge.json. For tcase_add_checked_fixture. */
void steps_setup(void);
void steps_teardown(void);

/* Returns the running server. */
const struct process *steps_server(void);

void steps_run(const struct step *steps, size_t n);

/* Returns the id that a step has kept under this number. */
const char *steps_kept(int number);

/* Makes a call with any credentials, header and size. Fails the test unless the status is as
 * expected, the usual error of the status if it is one, and the text in the body. NULL: any body.
 */
void steps_expect(const struct http_call *call, int status, const char *text);

/* The same for another error, of errors.h. */
void steps_refuse(const struct http_call *call, int status, const char *type);

/* Checks that an operation below /api/v1/main refuses whoever has no credentials (401) or is
 * `stranger` (403), and that it knows no other tenant (404). */
void steps_refuse_strangers(const char *method, const char *target, const char *body,
                            const char *stranger);

/* Checks that an operation refuses bodies of a wrong type, form or size: 415, 422, 413. `body` is a
 * valid one; NULL: the operation takes no body. */
void steps_refuse_bodies(const char *method, const char *target, const char *body);

#define STEPS_RUN(...)                                                                             \
    do {                                                                                           \
        static const struct step steps[] = {__VA_ARGS__};                                          \
        steps_run(steps, sizeof(steps) / sizeof(steps[0]));                                        \
    } while (0)

/* A body of blanks that is larger than the server accepts. */
extern const size_t steps_too_large_size;
const char *steps_too_large(void);

/* Makes the body larger than the operation takes; of one that takes a dump only the length that is
 * announced. */
void steps_exceed_limit(struct http_call *call, bool takes_dump);
