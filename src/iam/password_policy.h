/* Kestra's default password policy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_POLICY_RULES = 5, PASSWORD_POLICY_LENGTH = 8 };
#define PASSWORD_POLICY_SPECIALS "!@#$%^&*"

/* Returns what rule number `rule` demands when the password violates it, else NULL. */
const char *password_policy_check(size_t rule, const char *password);
