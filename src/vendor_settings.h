/* What kestub takes from a configuration of the vendor's image: the administrator and the ports.
 * All other settings are ignored, and listed. */
#pragma once

#include <stddef.h>

enum {
    VENDOR_ACCOUNTS = 4,
    VENDOR_TEXT_SIZE = 321,
    VENDOR_PATH_SIZE = 128,
    VENDOR_MAX_IGNORED = 64,
    VENDOR_ERROR_SIZE = 256,
};

struct vendor_account {
    char username[VENDOR_TEXT_SIZE];
    char password[VENDOR_TEXT_SIZE];
    char tenants[VENDOR_TEXT_SIZE]; /* ids, separated by commas */
};

/* A text is "" when nobody has set it. Start with {0}. */
struct vendor_settings {
    struct vendor_account accounts[VENDOR_ACCOUNTS]; /* the first complete one counts */
    char port[VENDOR_TEXT_SIZE];
    char management_port[VENDOR_TEXT_SIZE];
    char ignored[VENDOR_MAX_IGNORED][VENDOR_PATH_SIZE];
    size_t n_ignored; /* those that found no room count, too */
};

typedef const char *vendor_getenv(const char *name);

/* Takes the settings from the text of YAML or JSON documents; later ones win. Names may be written
 * in kebab-case, camelCase or snake_case, nested or with dots. ${NAME:default} stands for a
 * variable of the environment. Returns 0, or >0 with a line in `reterr_error`. */
int vendor_settings_read_yaml(struct vendor_settings *settings, const char *text, size_t size,
                              vendor_getenv *getenv, char reterr_error[VENDOR_ERROR_SIZE]);

/* Takes the settings from lines NAME=VALUE of a .properties file. Changes the text. Returns as
 * vendor_settings_read_yaml. */
int vendor_settings_read_properties(struct vendor_settings *settings, char *text,
                                    vendor_getenv *getenv, char reterr_error[VENDOR_ERROR_SIZE]);

/* Takes one setting, from a variable such as KESTRA_SECURITY_SUPER_ADMIN_PASSWORD, or ignores it.
 * Returns as vendor_settings_read_yaml. */
int vendor_settings_take(struct vendor_settings *settings, const char *name, const char *value,
                         vendor_getenv *getenv, char reterr_error[VENDOR_ERROR_SIZE]);

/* Returns the administrator, or NULL when no account has both a name and a password. */
const struct vendor_account *vendor_settings_administrator(const struct vendor_settings *settings);
