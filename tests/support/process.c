#include "process.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 32 };

/* Variables that configure the tests must not configure the program. */
static const char *const own_variables[] = {"KESTUB_BINARY", "KESTUB_EXCHANGES", "KESTUB_FIXTURES"};

static const char *binary(void) {
    const char *path = getenv("KESTUB_BINARY");
    ck_assert_msg(path != NULL, "KESTUB_BINARY is not set");
    return path;
}

static void become(const char *const *arguments, const char *more, int out_fd, int err_fd) {
    char *argv[MAX_ARGUMENTS] = {(char *)(uintptr_t)binary()};
    int n = 1;
    for (; *arguments && n < MAX_ARGUMENTS - 3; arguments++)
        argv[n++] = (char *)(uintptr_t)*arguments;
    if (more) {
        argv[n++] = (char *)(uintptr_t) "--port";
        argv[n++] = (char *)(uintptr_t)more;
    }
    for (size_t i = 0; i < sizeof(own_variables) / sizeof(own_variables[0]); i++)
        unsetenv(own_variables[i]);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no server behind */
    dup2(out_fd, STDOUT_FILENO);
    dup2(err_fd, STDERR_FILENO);
    execv(argv[0], argv);
    _exit(127);
}

static int temporary_file(char path[64]) {
    strcpy(path, "/tmp/kestub-test-XXXXXX");
    int fd = mkostemp(path, O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void read_line(int fd, char *line, size_t size) {
    size_t length = 0;
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    while (length + 1 < size && poll(&polled, 1, 60000) > 0 && read(fd, line + length, 1) == 1)
        if (line[length++] == '\n')
            break;
    line[length] = '\0';
}

void process_start_logging(struct process *process, const char *const *arguments, int err_fd) {
    int pipe_fds[2];
    ck_assert_int_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
    process->err_path[0] = '\0';
    process->ca = NULL;
    process->pid = fork();
    ck_assert_int_ge(process->pid, 0);
    if (process->pid == 0)
        become(arguments, "0", pipe_fds[1], err_fd);
    close(pipe_fds[1]);
    process->out_fd = pipe_fds[0];
    read_line(process->out_fd, process->ready, sizeof(process->ready));
    int fields = sscanf(process->ready, "kestub is ready at %127[^ ,\n]", process->url);
    ck_assert_msg(fields == 1, "no ready line but '%s'", process->ready);
}

void process_start(struct process *process, const char *const *arguments) {
    char path[64];
    int err_fd = temporary_file(path);
    process_start_logging(process, arguments, err_fd);
    strcpy(process->err_path, path);
    close(err_fd);
}

static int wait_status(pid_t pid) {
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_wait(struct process *process) {
    int status = wait_status(process->pid);
    close(process->out_fd);
    unlink(process->err_path);
    return status;
}

int process_stop(struct process *process, int signal_number) {
    kill(process->pid, signal_number);
    return process_wait(process);
}

static void read_all(const char *path, char *out, size_t size) {
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

int process_run(const char *const *arguments, char *out, size_t out_size, char *err,
                size_t err_size) {
    char out_path[64];
    char err_path[64];
    int out_fd = temporary_file(out_path);
    int err_fd = temporary_file(err_path);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        become(arguments, NULL, out_fd, err_fd);
    int status = wait_status(pid);
    close(out_fd);
    close(err_fd);
    read_all(out_path, out, out_size);
    read_all(err_path, err, err_size);
    unlink(out_path);
    unlink(err_path);
    return status;
}

char *process_log(const struct process *process) {
    const size_t size = 1 << 20;
    char *log = malloc(size);
    ck_assert_ptr_nonnull(log);
    read_all(process->err_path, log, size);
    return log;
}

void make_directory(char out[64]) {
    strcpy(out, "/tmp/kestub-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(out));
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void remove_directory(const char *path) {
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
