/* Made by contract.py. */
#pragma once

#include "contract/contract.h"

struct thing_request_body {
    const char *name;
};

struct add_thing_input {
    struct thing_request_body body;
};
int handle_add_thing(struct exchange *exchange, const void *input);

struct patch_thing_input {
    struct thing_request_body body;
};
int handle_patch_thing(struct exchange *exchange, const void *input);

struct check_thing_input {
    const char *body;
};
int handle_check_thing(struct exchange *exchange, const void *input);

struct search_things_input {
    struct {
        int64_t page;
        struct string_list sort;
        struct name_value_list filters;
        const char *colour;
    } query;
};
int handle_search_things(struct exchange *exchange, const void *input);

struct update_thing_input {
    const char *id;
    struct {
        const char *display_name;
        struct optional_bool is_on;
        struct string_list tags;
        const char *max_age;
        const cJSON *parts;
    } body;
};
int handle_update_thing(struct exchange *exchange, const void *input);

struct delete_thing_input {
    const char *id;
};
int handle_delete_thing(struct exchange *exchange, const void *input);

