/* The variables that Kubernetes and Docker set in a container for each service. A service called
 * kestub becomes KESTUB_PORT=tcp://10.0.0.1:8080, KESTUB_SERVICE_HOST and many more. */
#pragma once

#include <stdbool.h>

/* Whether the value is one that they give to NAME_PORT. */
bool environment_is_service_url(const char *value);

/* Whether they may have set this variable for a service called kestub, or for one whose name starts
 * with it, such as kestub-ci. `name` starts with KESTUB_. */
bool environment_is_injected(const char *name, const char *value);
