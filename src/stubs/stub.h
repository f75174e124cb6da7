/* A stub mapping as WireMock's admin API has it: which requests it answers, and how. */
#pragma once

#include <stdatomic.h>

#include "match/pattern.h"
#include "stubs/breakage.h"
#include "stubs/delay.h"
#include "util/uuid.h"

/* Everything but `state` never changes, so that threads share a stub; strings belong to it. */
struct stub {
    atomic_int references;
    char id[UUID_SIZE];
    cJSON *json;             /* (owned) as clients see it */
    char *text;              /* (owned) the same as text */
    struct pattern *pattern; /* (owned) NULL: any request */
    int64_t priority;        /* 1 goes first */
    const char *scenario;    /* or NULL, as the two that follow */
    const char *required_state;
    const char *new_state;
    const cJSON *metadata; /* or NULL */
    bool passes_on;    /* to the emulator, which answers: nothing but how it is delivered is said */
    bool is_for_pages; /* of other sites, as Access-Control-Allow-Origin says */
    int64_t status;
    struct name_value_list headers;
    const char *body; /* NULL: none */
    size_t body_size;
    const char *body_file; /* or NULL */
    struct delay fixed_delay;
    struct delay delay;
    enum breakage breakage;
    int64_t dribble_chunks; /* 0: not */
    int64_t dribble_ms;
    double probability; /* with which it answers a request that matches */
    struct arena arena;
    struct json_tree *trees; /* (owned) */
    size_t memory;           /* bytes that all of it takes, about */
    struct {
        uint64_t number; /* newer ones have higher */
        uint64_t random;
        int64_t times_left; /* INT64_MAX: no limit */
        uint64_t hits;
    } state; /* belongs to the lock of the stubs that have it */
};

/* Parses a mapping, which is copied. `id` is the one that it gets, NULL for its own or a new one. 0
 * and a stub with one reference (stub_release); >0 and violations; -ENOMEM. */
int stub_parse(const cJSON *mapping, const char *id, const struct json_place *place,
               struct violations *violations, struct stub **ret_stub);
void stub_release(struct stub *stub);

/* Whether metadata (NULL: none) match a matcher such as {"matchesJsonPath": "$.x"}: 0 or >0; <0. */
int stub_match_metadata(const cJSON *metadata, const struct matcher *matcher);

/* References to stubs. */
struct stub_list {
    struct stub **stubs; /* (owned) */
    size_t count;
};
void stub_list_deinit(struct stub_list *list);
