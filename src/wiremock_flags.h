/* The flags of WireMock's command line that kestub does not have, or has under another name. */
#pragma once

#include <stddef.h>

enum wiremock_meaning {
    WIREMOCK_RENAMED, /* an option of kestub has another name */
    WIREMOCK_SWITCH,  /* the same as an option of kestub with a value */
    WIREMOCK_IGNORED, /* nothing changes without it */
    WIREMOCK_REFUSED, /* without it kestub would do something else than was asked for */
};

enum wiremock_value { WIREMOCK_NO_VALUE, WIREMOCK_VALUE, WIREMOCK_OPTIONAL_VALUE };

struct wiremock_flag {
    const char *name;
    enum wiremock_meaning meaning;
    enum wiremock_value value;
    const char *option;  /* of kestub, when it is renamed or a switch */
    const char *setting; /* of that option, when it is a switch */
    const char *advice;  /* what to use instead, or why it is not needed */
};

/* Returns the flag with this name, without its hyphens, or NULL. */
const struct wiremock_flag *wiremock_flags_find(const char *name, size_t length);
