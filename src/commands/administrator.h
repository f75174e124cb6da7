/* The administrator whom the configuration of the vendor's program names. */
#pragma once

#include "config.h"
#include "sandbox/fixture.h"
#include "sandbox/sandbox.h"

/* Makes sure that the administrator exists as a super-admin with this password and with access to
 * the tenants, which it creates when they are missing. Puts the name and the password into the
 * summary. Does nothing when the config names nobody. Returns 0 or <0. */
int administrator_ensure(const struct config *config, struct sandbox *sandbox,
                         struct fixture_summary *summary);
