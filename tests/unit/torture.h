/* Torture: every allocation of a request fails once. The answer is right or a 500, what was
 * stored is the old or the new state, and nothing leaks (the sanitizers tell). */
#pragma once

#include "sandbox/sandbox.h"
#include "suite.h"

#define ROOT_TOKEN "Bearer KESTUB-root-token-for-tests-only-0123456789"
#define ALAN "2EPi5XC0oluKRCVF56gcC"
#define GROUPS "/api/v1/main/users/" ALAN "/groups"
#define PLATFORM "7C1klfgdQmLTCyrnlejrtg"
#define DATA_ENG "4LeYKUcqzLlRGlnKAzeqvF"

/* With the default fixture and a small journal; made new for each test. */
extern struct sandbox sandbox;

/* For tcase_add_checked_fixture. */
void torture_setup(void);
void torture_teardown(void);

/* The nth allocation from now on fails, of kestub and of its libraries. */
void torture_begin(int n);

/* From now on none fails. Returns whether one did. */
bool torture_end(void);

struct torture_call {
    const char *method;
    const char *target;
    const char *body;
    int status;
    const char *authorization; /* NULL: ROOT_TOKEN */
};

/* Returns the status; 0 when not even the exchange could be made. `headers` are names and values,
 * ends with NULL. */
int torture_send_with(const char *method, const char *target, const char *const *headers,
                      const char *body);

/* The same as root. */
int torture_send(const char *method, const char *target, const char *body);

/* Makes the call while its nth allocation fails, unless it has fewer. Returns the status: that of
 * the call, 500 or 0. */
int torture_run(const struct torture_call *call, int n, bool *ret_reached);

/* How many groups Alan is in. */
size_t torture_count_memberships(void);
