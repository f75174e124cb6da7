/* `kestub server standalone|local`: takes the place of the vendor's program. */
#pragma once

#include "config.h"
#include "vendor_settings.h"

enum { VENDOR_SERVER_ARGUMENTS = 128 };

/* What the texts of a config are borrowed from. */
struct vendor_server {
    struct vendor_settings settings;
    char port[VENDOR_TEXT_SIZE + 8];
    char *arguments[VENDOR_SERVER_ARGUMENTS]; /* for config_load */
    int n_arguments;
    char *const *ignored[VENDOR_SERVER_ARGUMENTS]; /* options of the vendor's program */
    int n_ignored;
};

/* Reads the arguments after `server`, and the configuration that they and MICRONAUT_CONFIG_FILES,
 * KESTRA_CONFIGURATION and other KESTRA_ variables name. kestub's own options and variables win.
 * Returns 0, or prints the mistake and returns EXIT_USAGE. */
int vendor_server_load(struct config *ret_config, struct vendor_server *server, int n_arguments,
                       char *const *arguments);
