#include "environment.h"

#include <stddef.h>

#include "util/regex.h"

static bool occurs(const char *pattern, const char *text) {
    return regex_search(pattern, text) == 0;
}

bool environment_is_service_url(const char *value) {
    return occurs("^(tcp|udp|sctp)://", value);
}

bool environment_is_injected(const char *name, const char *value) {
    static const struct {
        const char *name;
        const char *value; /* NULL: any */
    } patterns[] = {
        {"^KESTUB_(SERVICE|PORT|ENV)_", NULL},
        {"^KESTUB_NAME$", NULL},
        /* for services whose name only starts with kestub */
        {"_SERVICE_HOST$", NULL},
        {"_SERVICE_PORT(_.+)?$", NULL},
        {"_PORT$", "^(tcp|udp|sctp)://"},
        {"_PORT_[0-9]+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO|START|END))?$", NULL},
        {"_ENV_", NULL},
        {"_NAME$", "^/"},
    };
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (occurs(patterns[i].name, name) &&
            (!patterns[i].value || occurs(patterns[i].value, value)))
            return true;
    return false;
}
