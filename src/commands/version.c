#include <stdlib.h>

#include <cjson/cJSON.h>
#include <sodium.h>

#include "commands/command.h"
#include "commit.h"
#include "http/server.h"
#include "store/store.h"
#include "util/regex.h"

/* The libraries tell their versions, since they may differ from those at build time. */
static int print_version(int n_arguments, char *const *arguments) {
    char pcre2[REGEX_VERSION_SIZE];
    (void)n_arguments;
    (void)arguments;
    regex_library_version(pcre2);
    printf("kestub " KESTUB_VERSION "\n"
           "commit %s\n"
           "libmicrohttpd %s\n"
           "SQLite %s\n"
           "cJSON %s\n"
           "PCRE2 %s\n"
           "libsodium %s\n",
           commit, server_library_version(), store_library_version(), cJSON_Version(), pcre2,
           sodium_version_string());
    return EXIT_SUCCESS;
}

const struct command command_version = {
    .name = "version",
    .usage = "version",
    .summary = "print the version, the commit and the versions of the libraries",
    .run = print_version,
};
