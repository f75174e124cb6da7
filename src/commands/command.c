#include "commands/command.h"

#include <stdarg.h>
#include <stdlib.h>

__attribute__((format(printf, 3, 0))) static void
write_line(FILE *out, const char *prefix, const char *format, va_list arguments) {
    char message[2048];
    vsnprintf(message, sizeof(message), format, arguments);
    for (char *c = message; *c; c++)
        if ((unsigned char)*c < ' ' || *c == '\x7f')
            *c = '?';
    fflush(stdout);
    fprintf(out, "%s%s\n", prefix, message);
}

void command_write_line(FILE *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(out, "", format, arguments);
    va_end(arguments);
}

int command_complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(stderr, "kestub: ", format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

const char *command_getenv(const char *name) {
    return getenv(name);
}
