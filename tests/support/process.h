/* The program under test, as a process. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t pid;
    int out_fd;        /* its stdout */
    char err_path[64]; /* a file with its stderr */
    char url[128];     /* of the ready line */
    char ready[512];   /* the ready line */
};

/* Starts `kestub ARGUMENT ... --port 0` and waits for the ready line; fails the test when it
 * does not come. The list ends with NULL. KESTUB_BINARY names the program. */
void process_start(struct process *process, const char *const *arguments);

/* The same with its stderr on a descriptor; then there is no process_log. */
void process_start_logging(struct process *process, const char *const *arguments, int err_fd);

/* Sends a signal and waits; returns the exit status, or 128 + the signal that ended it. */
int process_stop(struct process *process, int signal_number);

/* Waits for the end of a process; status as process_stop. */
int process_wait(struct process *process);

/* Runs `kestub ARGUMENT ...` to its end. Returns the status; `out` and `err` are cut to size. */
int process_run(const char *const *arguments, char *out, size_t out_size, char *err,
                size_t err_size);

/* The whole log so far (owned by the caller, free). */
char *process_log(const struct process *process);

/* A new directory for one test, and its removal with the plain files in it. */
void make_directory(char out[64]);
void remove_directory(const char *path);
