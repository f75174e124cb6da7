#include "util/permission.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void permission_hint(int failure, char out[PERMISSION_HINT_SIZE]) {
    unsigned user = geteuid();
    out[0] = '\0';
    if ((failure == EACCES || failure == EPERM) && user != 0)
        snprintf(out, PERMISSION_HINT_SIZE,
                 "; kestub runs as user %u: let it in with chown %u, or run it as the owner "
                 "(docker run --user)",
                 user, user);
}
