/* Kestra's default password policy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_POLICY_SPECIALS = 4, PASSWORD_POLICY_RULES, PASSWORD_POLICY_LENGTH = 8 };

/* Returns what rule number `rule` demands when the password violates it, else NULL. Rule
 * PASSWORD_POLICY_SPECIALS demands one of `specials`, which the caller adds to the sentence. */
const char *password_policy_check(size_t rule, const char *password, const char *specials);
