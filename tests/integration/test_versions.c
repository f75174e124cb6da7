/* Versions of the server: each sandbox has its own, and a client sees what changes between two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

int main(void) {
    return 0;
}
