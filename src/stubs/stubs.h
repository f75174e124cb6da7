/* The stub mappings of a sandbox, the states of their scenarios, and the settings. Threads may
 * share them. When several stubs match a request, the one with the lowest priority number answers;
 * among equals the newest does. */
#pragma once

#include "json/json_build.h"
#include "stubs/stub.h"

struct stubs;

enum { STUBS_NOT_FOUND = 1, STUBS_UNKNOWN_STATE, STUBS_TOO_MANY, STUBS_FORBIDDEN, STUBS_EXISTS };

/* The limits of one sandbox: how many stubs, how many bytes they take, and how many bytes its
 * settings take. */
enum { STUBS_MAX = 10000, STUBS_MAX_BYTES = 256 << 20 };

/* Returns NULL when memory is out. */
struct stubs *stubs_new(void);
void stubs_free(struct stubs *stubs);

/* Tells whether any stub or setting may affect a response. Takes no lock. */
bool stubs_are_active(const struct stubs *stubs);

/* The stub that answers a request. */
struct stubs_use {
    struct stub *stub; /* (owned) one reference */
    int64_t delay_ms;  /* by which it delays the response */
    uint64_t seed;     /* of the random values in its templates */
};

/* Finds the stub that answers the request, and does what comes with a match, such as setting a new
 * state of its scenario. Returns 0, STUBS_NOT_FOUND, or <0. Returns STUBS_FORBIDDEN, and changes
 * nothing, when `is_foreign` (see origin_is_foreign) and the stub is not for pages of other sites.
 */
int stubs_match(struct stubs *stubs, struct match_subject *subject, bool is_foreign,
                struct stubs_use *ret_use);

/* Draws the milliseconds by which the settings delay a response. */
int64_t stubs_draw_delay(struct stubs *stubs);

/* Adds a stub, and replaces the stub that has the same id. Returns 0 and takes over the caller's
 * reference; STUBS_TOO_MANY when there would be too many stubs, or they would take too much memory;
 * or -ENOMEM. */
int stubs_add(struct stubs *stubs, struct stub *stub);

/* Like stubs_add, but returns STUBS_EXISTS when there is a stub that has the same id. */
int stubs_add_new(struct stubs *stubs, struct stub *stub);

/* Each returns 0 or STUBS_NOT_FOUND. stubs_find returns a reference. */
int stubs_find(struct stubs *stubs, const char *id, struct stub **ret_stub);
int stubs_remove(struct stubs *stubs, const char *id);

/* Removes all stubs of the list that are still there. Returns 0; or -ENOMEM and removes none. */
int stubs_remove_all(struct stubs *stubs, const struct stub_list *removed);

/* Lists references to all stubs, in the order in which kestub tries them. */
int stubs_list(struct stubs *stubs, struct stub_list *ret_list);

/* Adds all stubs or none. The first of the list counts as the newest. The caller keeps its
 * references. Returns like stubs_add. */
enum { IMPORT_KEEPS_KNOWN = 1 /* instead of replacing them */, IMPORT_REMOVES_OTHERS = 2 };
int stubs_import(struct stubs *stubs, const struct stub_list *imported, unsigned options);

/* Returns the bytes that the stubs take, about. */
size_t stubs_measure(struct stubs *stubs);

/* Tells whether the stub has ever answered. */
bool stubs_was_used(struct stubs *stubs, const struct stub *stub);
void stubs_clear(struct stubs *stubs);

/* Makes the current stubs what stubs_reset returns to. Returns 0 or -ENOMEM. */
int stubs_save(struct stubs *stubs);

/* Gives `stubs` the saved stubs of `other`, and resets them. Returns 0, or -ENOMEM and changes
 * nothing. */
int stubs_start_as(struct stubs *stubs, struct stubs *other);

/* Returns to the saved stubs, the first state of each scenario, and no settings. Returns 0 or
 * -ENOMEM. */
int stubs_reset(struct stubs *stubs);

/* Returns all scenarios to their first state, "Started". A scenario exists while a stub belongs to
 * it. */
void stubs_reset_scenarios(struct stubs *stubs);

/* Sets the state of a scenario; a NULL state means its first one. Returns 0, STUBS_NOT_FOUND,
 * STUBS_UNKNOWN_STATE when no stub uses the state, or -ENOMEM. */
int stubs_set_scenario(struct stubs *stubs, const char *name, const char *state);

/* Adds the scenarios to the array, as WireMock shows them. */
void stubs_render_scenarios(struct stubs *stubs, struct json_builder *builder,
                            struct json_parent array);

/* Replaces the settings by an object that a client sent. The object is copied and its delays are
 * parsed. Returns 0, >0 with violations, or -ENOMEM. */
int stubs_set_settings(struct stubs *stubs, const cJSON *json, struct violations *violations);

/* Adds members to "extended", the client's own part of the settings. Returns like
 * stubs_set_settings. */
int stubs_extend_settings(struct stubs *stubs, const cJSON *members, struct violations *violations);

/* Returns a copy of the settings (owned by the caller), or NULL when memory is out. */
cJSON *stubs_render_settings(struct stubs *stubs);
