/* A table of calls that build on each other, and what each must give. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "http.h"

#define ORDINARY "ordinary@example.com:Password!234"
#define OWNER "owner@example.com:Password!234"

/* In target, body and texts `{1}` to `{3}` stand for ids that earlier steps have kept. */
struct step {
    const char *method;
    const char *target;
    const char *body; /* or NULL */
    int status;
    const char *basic; /* NULL: ROOT */
    const char *has[4];
    const char *lacks[3];
    const char *order[2]; /* both occur, the first before the second */
    const char *counted;  /* occurs `count` times */
    int count;
    bool empty; /* no body */
    int keep;   /* the answer's id is kept as this number; 0: not */
};

/* Starts a server with the fixture edge.json, and ends it. For tcase_add_checked_fixture. */
void steps_setup(void);
void steps_teardown(void);

/* What the started server is. */
const struct process *steps_server(void);

void steps_run(const struct step *steps, size_t n);

/* A call with whichever credentials, header and size; fails unless the status and the text come. */
void steps_expect(const struct http_call *call, int status, const char *text);

/* What is no JSON object of a size that the server takes is refused: 415, 422, 413. `body` would be
 * served; NULL: the operation takes none. */
void steps_refuse_bodies(const char *method, const char *target, const char *body);

#define STEPS_RUN(...)                                                                             \
    do {                                                                                           \
        static const struct step steps[] = {__VA_ARGS__};                                          \
        steps_run(steps, sizeof(steps) / sizeof(steps[0]));                                        \
    } while (0)

/* More bytes than the server takes, all blanks. */
extern const size_t steps_too_large_size;
const char *steps_too_large(void);

/* Makes the body larger than the operation takes; of one that takes a dump only the length that is
 * announced. */
void steps_exceed_limit(struct http_call *call, bool takes_dump);
