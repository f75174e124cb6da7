#include <stdlib.h>

#include "commands/command.h"
#include "embedded.h"

static int print_openapi(int n_arguments, char *const *arguments) {
    (void)n_arguments;
    (void)arguments;
    fputs(embedded_openapi, stdout);
    return EXIT_SUCCESS;
}

const struct command command_openapi = {
    .name = "openapi",
    .usage = "openapi",
    .summary = "print the contract, an OpenAPI document of all operations",
    .run = print_openapi,
};
