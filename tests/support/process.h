/* Runs the program under test as a process. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t pid;
    int out_fd;        /* its stdout */
    char err_path[64]; /* the file that receives its stderr */
    char url[128];     /* from the ready line */
    char ready[512];   /* the ready line */
    const char *ca;    /* for tests to set after the start: the certificate that clients trust */
};

/* Starts `kestub ARGUMENT ... --port 0` and waits for its ready line; fails the test when there is
 * none. The list ends with NULL. KESTUB_BINARY names the program. */
void process_start(struct process *process, const char *const *arguments);

/* The same, but stderr goes to a descriptor. process_log is then not available. */
void process_start_logging(struct process *process, const char *const *arguments, int err_fd);

/* Sends a signal and waits for the end. Returns the exit status, or 128 + the signal that ended
 * it. */
int process_stop(struct process *process, int signal_number);

/* Waits for the end of a process. Returns as process_stop. */
int process_wait(struct process *process);

/* Runs `kestub ARGUMENT ...` to its end. Returns the status. Truncates `out` and `err` to their
 * sizes. */
int process_run(const char *const *arguments, char *out, size_t out_size, char *err,
                size_t err_size);

/* Returns the log so far (owned by the caller, free). */
char *process_log(const struct process *process);

/* Make a new directory for a test, and remove it with all that is in it. */
void make_directory(char out[64]);
void remove_directory(const char *path);
