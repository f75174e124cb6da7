#include "exchange/body_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/journal.h"
#include "util/fatal.h"
#include "util/files.h"

/* Only the start of a large file is read; the server sends it from the descriptor. */
static int set_body(struct exchange *exchange, int status, int fd, size_t size) {
    size_t kept = size > JOURNAL_MAX_BODY ? JOURNAL_MAX_BODY : size;
    char *start = arena_alloc(&exchange->request.arena, kept + 1);
    int r = start ? files_read_start(fd, start, kept) : FATAL(ENOMEM);
    if (r == 0 && size > kept) {
        response_set_file(&exchange->response, status, start, fd, size);
        return 0;
    }
    close(fd);
    if (r == 0)
        response_set_static(&exchange->response, status, NULL, start, size);
    return r;
}

int body_file_answer(struct exchange *exchange, int status, const char *name,
                     const struct name_value_list *headers) {
    const char *directory = exchange->config->files;
    int fd = -1;
    size_t size;
    int r = directory ? files_open(directory, name, &fd, &size) : FATAL(ENOENT);
    if (r == 0)
        r = set_body(exchange, status, fd, size);
    if (fatal_errno(r) == ENOMEM)
        return r;
    if (r < 0)
        return exchange_fail(exchange, ERROR_BROKEN_STUB,
                             arena_format(&exchange->request.arena, "bodyFileName '%s': %s", name,
                                          directory ? strerror(fatal_errno(r))
                                                    : "kestub was started without --files"));
    response_borrow_headers(&exchange->response, headers);
    return EXCHANGE_ANSWERED;
}
