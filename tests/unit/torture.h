/* Torture tests fail each allocation of a request once, and each step of a statement, as a broken
 * disk would. The answer must be right or a 500, the stored state must be the old or the new one,
 * and nothing may leak (the sanitizers check that). */
#pragma once

#include "sandbox/sandbox.h"
#include "suite.h"

#define ROOT_TOKEN "Bearer KESTUB-root-token-for-tests-only-0123456789"
#define ALAN "2EPi5XC0oluKRCVF56gcC"
#define GROUPS "/api/v1/main/users/" ALAN "/groups"
#define PLATFORM "7C1klfgdQmLTCyrnlejrtg"
#define DATA_ENG "4LeYKUcqzLlRGlnKAzeqvF"

/* Has the default fixture and a small journal. Each test gets a new one. */
extern struct sandbox sandbox;

/* For tcase_add_checked_fixture. */
void torture_setup(void);
void torture_teardown(void);

/* From now on, the nth allocation of kestub or its libraries, or step of a statement, fails. */
void torture_begin(int n);

/* Stops failing allocations. Returns whether one has failed. */
bool torture_end(void);

struct torture_call {
    const char *method;
    const char *target;
    const char *body;
    int status;
    const char *authorization; /* NULL: ROOT_TOKEN */
    int again; /* the status once only the answer of a change has failed; 0: the same */
};

/* Returns the status, or 0 when there was no memory for the exchange itself. `headers` has names
 * and values, ending with NULL. */
int torture_send_with(const char *method, const char *target, const char *const *headers,
                      const char *body);

/* The same as root. */
int torture_send(const char *method, const char *target, const char *body);

/* Makes the call and fails its nth allocation. *ret_reached is false when it has fewer. Returns the
 * call's status, 500 or 0. */
int torture_run(const struct torture_call *call, int n, bool *ret_reached);

/* Returns the number of Alan's groups. */
size_t torture_count_memberships(void);
