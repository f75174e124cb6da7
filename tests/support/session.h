/* Calls that return what later calls need: tokens and sessions, as a client sees them. */
#pragma once

#include "http.h"

#define FORM "Content-Type: application/x-www-form-urlencoded"
#define TEXT "Content-Type: text/plain"

enum { SECRET_SIZE = 96 };

/* Sends a call and fails the test unless the answer has this status. Returns the body (owned by the
 * caller, free). */
char *session_call(const struct process *server, const struct http_call *call, int status);

/* The same, but ignores the body. */
void session_expect(const struct process *server, const struct http_call *call, int status);

/* Sends a change by a session without its CSRF token, and fails the test unless it is refused. */
void session_expect_csrf_refusal(const struct process *server, const struct http_call *call);

/* Reads a string member of a JSON object. */
void session_member(const char *body, const char *name, char out[SECRET_SIZE]);

/* Reads the value of a cookie that an answer sets. */
void session_cookie(const struct http_answer *answer, const char *name, char out[SECRET_SIZE]);

/* Logs in with a JSON body, and reads the value of the cookie JWT. */
void session_open(const struct process *server, const char *username, const char *password,
                  char out[SECRET_SIZE]);

/* Return the status of GET /api/v1/me with a cookie JWT, or with a bearer token. */
int session_status(const struct process *server, const char *jwt);
int session_bearer_status(const struct process *server, const char *token);
