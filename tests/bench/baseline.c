/* The minimum that libmicrohttpd can do with a request: a daemon with the settings of
 * src/http/server.c that reads and discards the body and answers 204. ./dev bench compares kestub
 * with it.
 *
 * bench-baseline PORT THREADS [BYTES]
 *
 * 0 picks a free port, or one thread per processor. With BYTES anything but a PUT gets a 200 with
 * so many bytes of text. */
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <microhttpd.h>

/* The values of src/http/server.c. */
enum {
    CONNECTION_MEMORY = 32 * 1024,
    CONNECTION_TIMEOUT = 30,
    MAX_CONNECTIONS = 16384,
    LISTEN_BACKLOG = 4096,
};

struct answers {
    struct MHD_Response *no_content;
    struct MHD_Response *text; /* or NULL */
};

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_data_size, void **con_cls) {
    struct answers *answers = cls;
    (void)url;
    (void)version;
    (void)upload_data;
    if (!*con_cls) { /* called for the head */
        *con_cls = cls;
        return MHD_YES;
    }
    if (*upload_data_size > 0) {
        *upload_data_size = 0;
        return MHD_YES;
    }
    if (answers->text && strcmp(method, "PUT") != 0)
        return MHD_queue_response(connection, 200, answers->text);
    return MHD_queue_response(connection, 204, answers->no_content);
}

static int listen_on(struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    socklen_t size = sizeof(*address);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, (struct sockaddr *)address, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)address, &size) < 0)
        return -1;
    return fd;
}

static unsigned connection_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t reserve = 96;
    rlim_t available = limit.rlim_cur > reserve * 2 ? limit.rlim_cur - reserve : reserve;
    return available > MAX_CONNECTIONS ? MAX_CONNECTIONS : (unsigned)available;
}

static unsigned thread_count(int wanted) {
    cpu_set_t processors;
    if (wanted > 0)
        return (unsigned)wanted;
    if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
        return 1;
    return (unsigned)CPU_COUNT(&processors);
}

/* 0, or -1 when memory is short. */
static int make_answers(size_t bytes, struct answers *ret_answers) {
    struct answers answers = {0};
    answers.no_content = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!answers.no_content)
        return -1;
    if (bytes > 0) {
        char *text = malloc(bytes);
        if (!text)
            return -1;
        memset(text, 'x', bytes);
        answers.text = MHD_create_response_from_buffer(bytes, text, MHD_RESPMEM_MUST_FREE);
        if (!answers.text ||
            MHD_add_response_header(answers.text, "Content-Type", "application/json") != MHD_YES)
            return -1;
    }
    *ret_answers = answers;
    return 0;
}

static struct MHD_Daemon *start(int fd, unsigned threads, struct answers *answers) {
    struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TURBO, 0, NULL,
                            NULL, on_access, answers, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT,
                            MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_ARRAY,
                            threads > 1 ? pool : pool + 1, MHD_OPTION_END);
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 4) {
        fputs("Usage: bench-baseline PORT THREADS [BYTES]\n", stderr);
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct answers answers;
    int made = make_answers(argc > 3 ? strtoul(argv[3], NULL, 10) : 0, &answers);
    int fd = listen_on(&address);
    struct MHD_Daemon *daemon =
        fd >= 0 && made == 0 ? start(fd, thread_count(atoi(argv[2])), &answers) : NULL;
    if (!daemon) {
        perror("bench-baseline");
        return 1;
    }
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    int signal_number;
    sigwait(&signals, &signal_number);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(answers.no_content);
    if (answers.text)
        MHD_destroy_response(answers.text);
    return 0;
}
