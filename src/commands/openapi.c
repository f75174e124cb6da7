#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "contract_input.h"

static int print_openapi(int n_arguments, char *const *arguments) {
    static const char flag[] = "--server-version";
    const char *name = CONTRACT_DEFAULT_VERSION;
    for (int i = 0; i < n_arguments; i++) {
        size_t length = strlen(flag);
        if (strncmp(arguments[i], flag, length) == 0 && arguments[i][length] == '=')
            name = arguments[i] + length + 1;
        else if (strcmp(arguments[i], flag) == 0 && i + 1 < n_arguments)
            name = arguments[++i];
        else
            return command_complain("openapi: %s: %s", arguments[i],
                                    strcmp(arguments[i], flag) == 0 ? "needs a version"
                                                                    : "no such option");
    }
    const struct version *version = version_find(name);
    if (!version)
        return command_complain(
            "openapi: --server-version: '%.60s' is no version; see kestub help openapi", name);
    fputs(version->openapi, stdout);
    return EXIT_SUCCESS;
}

static void print_options(FILE *out) {
    fputs("  --server-version NAME   version of the emulated server:", out);
    for (size_t i = 0; i < contract_n_versions; i++)
        fprintf(out, " %s", contract_versions[i].name);
    fprintf(out, "; %s by default\n", CONTRACT_DEFAULT_VERSION);
}

const struct command command_openapi = {
    .name = "openapi",
    .usage = "openapi [OPTION]",
    .summary = "print the contract, an OpenAPI document of all operations",
    .print_options = print_options,
    .run = print_openapi,
};
