/* A name and its value: a header, a cookie, a form field or a query parameter. */
#pragma once

#include <stddef.h>

/* Both strings are borrowed and not NULL. */
struct name_value {
    const char *name;
    const char *value;
};

/* In their original order; a name may occur several times. */
struct name_value_list {
    size_t count;
    struct name_value *items;
};
