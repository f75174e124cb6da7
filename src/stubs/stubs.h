/* The stub mappings of a sandbox, the states of their scenarios, and the settings. Threads may
 * share them. Of stubs that match a request the one with the least priority answers, and of equals
 * the newest. */
#pragma once

#include "stubs/stub.h"

struct stubs;

enum { STUBS_NOT_FOUND = 1, STUBS_UNKNOWN_STATE, STUBS_TOO_MANY, STUBS_FORBIDDEN };

/* In one sandbox: of stubs, of the memory that they take, and of the memory of its settings. */
enum { STUBS_MAX = 10000, STUBS_MAX_BYTES = 256 << 20, SETTINGS_MAX_BYTES = 256 << 10 };

/* NULL when memory is out. */
struct stubs *stubs_new(void);
void stubs_free(struct stubs *stubs);

/* Whether any stub or setting may touch an answer. Takes no lock. */
bool stubs_are_active(const struct stubs *stubs);

/* The stub that answers, if any, with one reference; what comes with a match, such as a new state
 * of its scenario, has happened then. 0, STUBS_NOT_FOUND, or <0; STUBS_FORBIDDEN when the request
 * is of a foreign page, which the stub is not for, and nothing has happened then. *ret_delay_ms is
 * how long it holds the answer back. */
int stubs_match(struct stubs *stubs, struct match_subject *subject, bool is_foreign,
                struct stub **ret_stub, int64_t *ret_delay_ms);

/* How long the settings hold every answer back. */
int64_t stubs_draw_delay(struct stubs *stubs);

/* Takes the stub's reference when it is 0. A stub of the same id is replaced. STUBS_TOO_MANY, also
 * when they would take too much memory; -ENOMEM. */
int stubs_add(struct stubs *stubs, struct stub *stub);

/* 0 and a reference, or STUBS_NOT_FOUND. */
int stubs_find(struct stubs *stubs, const char *id, struct stub **ret_stub);
int stubs_remove(struct stubs *stubs, const char *id);

/* Removes those of a list that are still there. 0; -ENOMEM, and then none is. */
int stubs_remove_all(struct stubs *stubs, const struct stub_list *removed);

/* References to all, the newest first. */
int stubs_list(struct stubs *stubs, struct stub_list *ret_list);

/* Adds all, as if the last had come first, or none. The caller keeps its references. As
 * stubs_add. */
enum { IMPORT_KEEPS_KNOWN = 1 /* instead of replacing */, IMPORT_REMOVES_OTHERS = 2 };
int stubs_import(struct stubs *stubs, const struct stub_list *imported, unsigned options);

/* Whether the stub has ever answered. */
bool stubs_was_used(struct stubs *stubs, const struct stub *stub);
void stubs_clear(struct stubs *stubs);

/* What stubs_reset returns to: the stubs that there are now. 0 or -ENOMEM. */
int stubs_save(struct stubs *stubs);

/* Gives `stubs`, which is new, the saved stubs of another. 0 or -ENOMEM. */
int stubs_start_as(struct stubs *stubs, struct stubs *other);

/* Returns to the saved stubs, the first states, and no settings. 0 or -ENOMEM. */
int stubs_reset(struct stubs *stubs);

/* The scenarios that any stub belongs to. A state is "Started" at first. */
void stubs_reset_scenarios(struct stubs *stubs);

/* Sets the state of a scenario, or with NULL its first one: 0, STUBS_NOT_FOUND, or
 * STUBS_UNKNOWN_STATE when no stub knows it; -ENOMEM. */
int stubs_set_scenario(struct stubs *stubs, const char *name, const char *state);

/* The scenarios as WireMock shows them, as an array of JSON (owned by the caller). NULL when memory
 * is out. */
cJSON *stubs_render_scenarios(struct stubs *stubs);

/* Settings: the object that clients sent, which is copied, with its delays parsed. 0; >0 and
 * violations; -ENOMEM. */
int stubs_set_settings(struct stubs *stubs, const cJSON *json, struct violations *violations);

/* Adds members to "extended", the client's own part of the settings. As stubs_set_settings. */
int stubs_extend_settings(struct stubs *stubs, const cJSON *members, struct violations *violations);

/* A copy (owned by the caller); NULL when memory is out. */
cJSON *stubs_render_settings(struct stubs *stubs);
