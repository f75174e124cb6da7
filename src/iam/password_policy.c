#include "iam/password_policy.h"

#include <string.h>

const char *password_policy_check(size_t rule, const char *password, const char *specials) {
    static const struct {
        const char *any_of; /* NULL: the rule is about the length */
        const char *demand;
    } rules[PASSWORD_POLICY_RULES] = {
        {NULL, "must have at least 8 characters"},
        {"0123456789", "must have a digit"},
        {"abcdefghijklmnopqrstuvwxyz", "must have a lowercase letter"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "must have an uppercase letter"},
        {"", "must have one of"},
    };
    size_t characters = 0;
    for (const char *c = password; *c; c++)
        characters += ((unsigned char)*c & 0xc0) != 0x80;
    const char *any_of = rule == PASSWORD_POLICY_SPECIALS ? specials : rules[rule].any_of;
    bool met = any_of ? strpbrk(password, any_of) != NULL : characters >= PASSWORD_POLICY_LENGTH;
    return met ? NULL : rules[rule].demand;
}
