/* kestub: finds the command and runs it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "commands/command.h"
#include "store/store.h"
#include "util/nearest.h"

static int print_help_of(int n_arguments, char *const *arguments);

static const struct command command_help = {
    .name = "help",
    .usage = "help [COMMAND]",
    .summary = "explain a command, or list them all",
    .max_operands = 1,
    .run = print_help_of,
};

static const struct command *const commands[] = {
    &command_serve,  &command_check,   &command_healthcheck, &command_openapi,
    &command_server, &command_version, &command_help,
};
enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int fail_unknown_command(const char *name) {
    struct nearest nearest = {.text = name};
    for (size_t i = 0; i < N_COMMANDS; i++)
        nearest_offer(&nearest, commands[i]->name);
    char hint[NEAREST_HINT_SIZE] = "; see kestub --help";
    if (nearest.name)
        nearest_hint(&nearest, "", hint);
    return command_complain("%s: no such command%s", *name ? name : "''", hint);
}

/* Suggests one of the options that all commands take. */
static int fail_unknown_option(const struct command *command, const char *option) {
    struct nearest nearest = {.text = option + strspn(option, "-")};
    nearest_offer(&nearest, "help");
    nearest_offer(&nearest, "version");
    char hint[NEAREST_HINT_SIZE];
    nearest_hint(&nearest, "--", hint);
    return command_complain("%s: %.*s: no such option%s", command->name, (int)strcspn(option, "="),
                            option, hint);
}

static int print_help_for(const struct command *command) {
    printf("Usage: kestub %s\n\n%s: %s.\n", command->usage, command->name, command->summary);
    if (command->details)
        printf("\n%s", command->details);
    if (command->print_options) {
        putchar('\n');
        command->print_options(stdout);
    }
    return EXIT_SUCCESS;
}

static int print_overview(void) {
    puts("kestub stands in for the IAM API of Kestra Enterprise in tests.\n"
         "\n"
         "Usage: kestub [COMMAND] [ARGUMENT ...]\n"
         "\n"
         "Commands; without one, kestub serves:");
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf("  %-22s %s\n", commands[i]->usage, commands[i]->summary);
    puts("\n"
         "Options of all commands:\n"
         "  -h, --help             explain the command\n"
         "  -V, --version          as the command version\n");
    command_serve.print_options(stdout);
    return EXIT_SUCCESS;
}

static int print_help_of(int n_arguments, char *const *arguments) {
    if (n_arguments == 0)
        return print_overview();
    const struct command *command = find_command(arguments[0]);
    return command ? print_help_for(command) : fail_unknown_command(arguments[0]);
}

static bool is_help(const char *argument) {
    return strcmp(argument, "-h") == 0 || strcmp(argument, "--help") == 0;
}

static bool is_version(const char *argument) {
    return strcmp(argument, "-V") == 0 || strcmp(argument, "--version") == 0;
}

/* Whether one of the arguments before a "--" is such a flag. */
static bool has_flag(int n_arguments, char *const *arguments, bool (*is_flag)(const char *)) {
    for (int i = 0; i < n_arguments && strcmp(arguments[i], "--") != 0; i++)
        if (is_flag(arguments[i]))
            return true;
    return false;
}

/* Prints the help that a flag asks for. The flag may stand before the command or after "help". */
static int print_help_asked(int n_arguments, char *const *arguments) {
    char *topic = NULL;
    for (int i = 0; i < n_arguments && (!topic || strcmp(topic, command_help.name) == 0); i++)
        if (!is_help(arguments[i]))
            topic = arguments[i];
    if (topic && topic[0] == '-')
        return print_help_for(&command_serve);
    return print_help_of(topic ? 1 : 0, &topic);
}

/* Runs a command that takes only operands. After a "--" an operand may start with a hyphen. */
static int run_with_operands(const struct command *command, int n_arguments,
                             char *const *arguments) {
    if (n_arguments > 0 && strcmp(arguments[0], "--") == 0) {
        arguments++;
        n_arguments--;
    } else {
        for (int i = 0; i < n_arguments; i++)
            if (arguments[i][0] == '-' && arguments[i][1] != '\0')
                return fail_unknown_option(command, arguments[i]);
    }
    if (n_arguments < command->min_operands || n_arguments > command->max_operands)
        return command_complain("%s: too %s arguments; usage: kestub %s", command->name,
                                n_arguments < command->min_operands ? "few" : "many",
                                command->usage);
    return command->run(n_arguments, arguments);
}

static int run(int n_arguments, char *const *arguments) {
    bool is_named = n_arguments > 0 && arguments[0][0] != '-';
    const struct command *command = is_named ? find_command(arguments[0]) : &command_serve;
    if (has_flag(n_arguments, arguments, is_help))
        return print_help_asked(n_arguments, arguments);
    if (!command)
        return fail_unknown_command(arguments[0]);
    if (has_flag(n_arguments, arguments, is_version))
        return command_version.run(0, NULL);
    n_arguments -= is_named;
    arguments += is_named;
    return command->print_options ? command->run(n_arguments, arguments)
                                  : run_with_operands(command, n_arguments, arguments);
}

int main(int argc, char **argv) {
    if (sodium_init() < 0)
        return command_complain("no source of randomness");
    if (store_initialize() < 0)
        return command_complain("cannot set up SQLite");
    int status = run(argc > 0 ? argc - 1 : 0, argv + 1);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        command_complain("cannot write to standard output");
        return status == EXIT_SUCCESS ? EXIT_FAILURE : status;
    }
    return status;
}
