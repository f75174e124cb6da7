#include "commands/command.h"

#include <stdarg.h>
#include <stdlib.h>

int command_complain(const char *format, ...) {
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    for (char *c = message; *c; c++)
        if ((unsigned char)*c < ' ' || *c == '\x7f')
            *c = '?';
    fprintf(stderr, "kestub: %s\n", message);
    return EXIT_USAGE;
}

const char *command_getenv(const char *name) {
    return getenv(name);
}
