/* The emulated version under test, and the form of its error answers. */
#pragma once

#include "contract/contract.h"
#include "http.h"

/* Sets of versions. 0 stands for all. */
enum version_set {
    IN_1_0 = 1,
    IN_1_3 = 2,
    IN_2_0_RC = 4,
    IN_2_0 = 8,
    BEFORE_1_3 = IN_1_0,
    BEFORE_2_0_RC = IN_1_0 | IN_1_3,
    BEFORE_2_0 = BEFORE_2_0_RC | IN_2_0_RC,
    SINCE_2_0_RC = IN_2_0_RC | IN_2_0,
    SINCE_1_3 = IN_1_3 | SINCE_2_0_RC,
};

/* Returns the version that KESTUB_SERVER_VERSION names, by default the newest. */
const struct version *version_under_test(void);

/* Whether the version under test is in the set. */
bool version_is_in(unsigned set);

/* Returns the media type of error answers of the version under test. */
const char *errors_media_type(void);

/* Whether the control plane answers this target, in its own form. */
bool errors_are_of_control_plane(const char *target);

/* Whether the target is one of SCIM, whose errors have a form of their own. */
bool errors_are_of_scim(const char *target);

/* Fails the test unless the answer has the form that all answers of a version have: a 404 says
 * whether there is a route, and no other answer does; an error's body is a JsonError, or a problem
 * document whose members fit each other. Answers of the control plane pass. */
void errors_check_form(const struct version *version, const struct http_call *call,
                       const struct http_answer *answer);

/* Returns the status that stands for an error in the version under test. `status` is that of the
 * older versions. `type` is the last part of the problem's type; NULL: the usual one of the
 * status. */
int errors_status(int status, const char *type);

/* Fails the test unless the answer is this error. Success passes. For an answer of SCIM, `type` is
 * the scimType; NULL: any. */
void errors_check(int status, const char *type, const struct http_answer *answer);
