/* A stub mapping as WireMock's admin API has it: which requests it answers, and how. */
#pragma once

#include <stdatomic.h>

#include "json/json_members.h"
#include "match/pattern.h"
#include "stubs/breakage.h"
#include "stubs/delay.h"
#include "stubs/stub_templates.h"
#include "util/uuid.h"

/* Of all headers of an answer: they share the memory of the connection with the head of the
 * request. */
enum { STUB_MAX_HEADER_BYTES = 8192 };

/* Nothing but `state` and `place` ever changes, so threads can share a stub. The strings belong to
 * the stub. */
struct stub {
    atomic_int references;
    char id[UUID_SIZE];
    cJSON *json;             /* (owned) as clients see it */
    char *text;              /* (owned) `json` as text */
    struct pattern *pattern; /* (owned) NULL matches any request */
    int64_t priority;        /* 1 is tried first */
    const char *scenario;    /* NULL without a scenario; also the next two may be NULL */
    const char *required_state;
    const char *new_state;
    const cJSON *metadata; /* or NULL */
    bool passes_on;        /* lets the emulator answer; the stub only sets the delivery */
    bool is_for_pages;     /* pages of other sites, by Access-Control-Allow-Origin */
    int64_t status;
    struct name_value_list headers;
    const char *body; /* NULL: no body */
    size_t body_size;
    const char *body_file; /* or NULL */
    struct stub_templates templates;
    uint64_t salt;    /* makes random values of different stubs different */
    unsigned options; /* of stub_parse */
    struct delay fixed_delay;
    struct delay delay;
    enum breakage breakage;
    int64_t dribble_chunks; /* 0: no dribble */
    int64_t dribble_ms;
    double probability; /* of answering a request that matches */
    struct arena arena;
    struct json_tree *trees; /* (owned) */
    size_t memory;           /* approximate bytes of the whole stub */
    struct {
        uint64_t number; /* newer stubs have higher numbers */
        uint64_t random;
        int64_t times_left; /* INT64_MAX: no limit */
        uint64_t hits;
    } state; /* guarded by the lock of the struct stubs that holds it */
    struct {
        struct stub *next;
        size_t number; /* in the list */
        unsigned key;
    } place; /* in a struct stub_index; guarded like `state` */
};

/* The members of a mapping. */
extern const struct json_object stub_object;

enum { STUB_IS_TEMPLATED = 1 /* even if it does not say so */ };

/* Parses a mapping, which is copied. The stub gets `id`; when that is NULL, it keeps its own id or
 * gets a new one. Returns 0 and a stub with one reference (stub_release), >0 with violations, or
 * -ENOMEM. */
int stub_parse(const cJSON *mapping, const char *id, unsigned options,
               const struct json_place *place, struct violations *violations,
               struct stub **ret_stub);
void stub_release(struct stub *stub);

/* Matches metadata (NULL: none) against a matcher such as {"matchesJsonPath": "$.x"}. Returns 0
 * when they match, >0 when not, or <0. */
int stub_match_metadata(const cJSON *metadata, const struct matcher *matcher);

/* A list that owns one reference to each of its stubs. */
struct stub_list {
    struct stub **stubs; /* (owned) */
    size_t count;
};
void stub_list_deinit(struct stub_list *list);
