/* What Kubernetes and Docker put into a container's environment about services: a service that is
 * called kestub becomes KESTUB_PORT=tcp://10.0.0.1:8080, KESTUB_SERVICE_HOST and many more. */
#pragma once

#include <stdbool.h>

/* Whether it is the value that they give to NAME_PORT. */
bool environment_is_service_url(const char *value);

/* Whether they may have made this variable, for a service called kestub or for one whose name goes
 * on, such as kestub-ci. `name` starts with KESTUB_. */
bool environment_is_injected(const char *name, const char *value);
