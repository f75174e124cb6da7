/* Releases resources at the end of a scope. A function that uses CLEANUP does not use goto. */
#pragma once

#include <stdlib.h>

#include <cjson/cJSON.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Moves a value out of a variable that has a cleanup. The caller then owns it. */
#define TAKE(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) take_value = (pointer);                                                \
        (pointer) = NULL;                                                                          \
        take_value;                                                                                \
    })

static inline void cleanup_free(void *pointer) {
    free(*(void **)pointer);
}

static inline void cleanup_json(cJSON **tree) {
    cJSON_Delete(*tree);
}
