#include "http/delivery.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/tls.h"
#include "stubs/delay.h"
#include "util/timestamp.h"

struct delivery {
    struct timer *timer;             /* (owned) */
    struct MHD_Response *no_content; /* (owned) a 204 without headers, shared by all requests */
};

/* Whether nobody needs the response any more. libmicrohttpd does not watch the sockets of suspended
 * connections. A client that has closed only its sending side looks like one that is gone. */
static bool is_in_vain(const struct parcel *parcel) {
    struct pollfd polled = {
        .fd = MHD_get_connection_info(parcel->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                  ->connect_fd,
        .events = POLLRDHUP,
    };
    return poll(&polled, 1, 0) > 0 ||
           (parcel->generation && atomic_load(parcel->generation) != parcel->born);
}

/* Sets the alarm for the end of the wait, or for the next check whether anybody needs it. */
static bool wait_on(struct parcel *parcel, int64_t now_us) {
    enum { LOOK_US = 500000 };
    int64_t next_us = now_us + LOOK_US;
    return timer_add(parcel->delivery->timer, &parcel->alarm,
                     next_us < parcel->due_us ? next_us : parcel->due_us);
}

static void on_alarm(void *cls, struct alarm *alarm) {
    struct parcel *parcel = (struct parcel *)alarm;
    int64_t now_us = timestamp_monotonic_us();
    (void)cls;
    if (now_us < parcel->due_us) {
        if (!is_in_vain(parcel) && wait_on(parcel, now_us))
            return;
        parcel->hurried = true;
    }
    MHD_resume_connection(parcel->connection);
}

struct delivery *delivery_new(void) {
    struct delivery *delivery = calloc(1, sizeof(*delivery));
    if (!delivery)
        return NULL;
    delivery->timer = timer_new(on_alarm, NULL);
    delivery->no_content = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!delivery->timer || !delivery->no_content) {
        delivery_free(delivery);
        return NULL;
    }
    return delivery;
}

void delivery_stop(struct delivery *delivery) {
    timer_stop(delivery->timer);
}

void delivery_free(struct delivery *delivery) {
    if (!delivery)
        return;
    timer_free(delivery->timer);
    if (delivery->no_content)
        MHD_destroy_response(delivery->no_content);
    free(delivery);
}

/* Suspends the connection before it sets the alarm, since the timer may resume it at once. */
static void suspend(struct parcel *parcel, int64_t due_us) {
    parcel->due_us = due_us;
    MHD_suspend_connection(parcel->connection);
    if (!wait_on(parcel, timestamp_monotonic_us())) {
        parcel->hurried = true;
        MHD_resume_connection(parcel->connection);
    }
}

static int64_t bounded_us(int64_t ms) {
    return (ms > DELAY_MAX_MS ? DELAY_MAX_MS : ms) * 1000;
}

bool delivery_wait(struct delivery *delivery, struct parcel *parcel,
                   struct MHD_Connection *connection, const struct response *response) {
    int64_t delay_ms = response->delivery.delay_ms;
    if (delay_ms <= 0 || parcel->waited)
        return false;
    parcel->waited = true;
    parcel->delivery = delivery;
    parcel->connection = connection;
    suspend(parcel, timestamp_monotonic_us() + bounded_us(delay_ms));
    return true;
}

/* An HTTP parser cannot take this for a status line or a chunk size. */
#define GARBAGE "\x16\xf3kestub\x80]=:;~\x01\xfe\r\n\xc0\xafzz\x7f?\x1b\n\xff"

/* Sends only what the kernel takes at once. It fails to take all only when the client has not read
 * its earlier answers, and such a client is not worth a wait. */
static enum MHD_Result send_breakage(enum breakage breakage, struct MHD_Connection *connection) {
    static const char broken[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" GARBAGE;
    static const char garbage[] = GARBAGE;
    /* Disconnecting resets at once, before TLS could say goodbye. */
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    if (breakage == BREAKAGE_CONNECTION_RESET_BY_PEER) {
        if (connect(fd, &nobody, sizeof(nobody)) < 0)
            shutdown(fd, SHUT_RDWR); /* a Unix socket cannot be reset */
    } else if (breakage == BREAKAGE_MALFORMED_RESPONSE_CHUNK)
        tls_send(connection, broken, sizeof(broken) - 1);
    else if (breakage == BREAKAGE_RANDOM_DATA_THEN_CLOSE)
        tls_send(connection, garbage, sizeof(garbage) - 1);
    return MHD_NO;
}

/* Returns where a chunk ends when a body of `size` bytes is split into `count` chunks. */
static size_t end_of(size_t chunk, size_t count, size_t size) {
    return size * (chunk + 1) / count;
}

/* Sends each chunk at the end of its share of the time, and so the last one at the very end. */
static ssize_t read_drop(void *cls, uint64_t position, char *out, size_t size) {
    struct parcel *parcel = cls;
    const struct response *response = parcel->response;
    size_t count = (size_t)response->delivery.dribble_chunks;
    if (position >= response->body_size)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (count > response->body_size)
        count = response->body_size;
    while (end_of(parcel->chunk, count, response->body_size) <= position)
        parcel->chunk++;
    int64_t due_us = parcel->start_us + bounded_us(response->delivery.dribble_ms) *
                                            (int64_t)(parcel->chunk + 1) / (int64_t)count;
    if (!parcel->hurried && timestamp_monotonic_us() < due_us) {
        suspend(parcel, due_us);
        return 0;
    }
    size_t left = end_of(parcel->chunk, count, response->body_size) - (size_t)position;
    if (size > left)
        size = left;
    if (!response->has_file)
        memcpy(out, response->body + position, size);
    else if (pread(response->file, out, size, (off_t)position) != (ssize_t)size)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    return (ssize_t)size;
}

/* Returns NULL when memory is out. */
static struct MHD_Response *make_whole(struct response *response) {
    if (response->has_file) {
        struct MHD_Response *file =
            MHD_create_response_from_fd(response->body_size, response->file);
        response->has_file = !file;
        return file;
    }
    enum MHD_ResponseMemoryMode mode =
        response->owns_body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT;
    struct MHD_Response *answer = MHD_create_response_from_buffer(
        response->body_size, (void *)(uintptr_t)(response->body ? response->body : ""), mode);
    if (answer)
        response->owns_body = false;
    return answer;
}

static struct MHD_Response *make_dribbling(struct parcel *parcel) {
    enum { BLOCK = 4096 }; /* for HTTP/1.0; HTTP/1.1 uses the connection's own memory */
    parcel->start_us = timestamp_monotonic_us();
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_drop, parcel, NULL);
}

/* libmicrohttpd sets Content-Length and Transfer-Encoding itself, and rejects a Connection header
 * that says only keep-alive. */
static enum MHD_Result add_header(struct MHD_Response *answer, const struct name_value *header) {
    if (strcasecmp(header->name, "Content-Length") == 0 ||
        strcasecmp(header->name, "Transfer-Encoding") == 0)
        return MHD_YES;
    enum MHD_Result result = MHD_add_response_header(answer, header->name, header->value);
    return strcasecmp(header->name, "Connection") == 0 ? MHD_YES : result;
}

enum MHD_Result delivery_queue(struct MHD_Connection *connection, const struct response *response,
                               struct MHD_Response *answer, bool closing) {
    enum MHD_Result result = MHD_YES;
    for (size_t i = 0; result == MHD_YES && i < response->headers.count; i++)
        result = add_header(answer, &response->headers.items[i]);
    if (result == MHD_YES && closing)
        result = MHD_add_response_header(answer, "Connection", "close");
    if (result == MHD_YES)
        result = MHD_queue_response(connection, (unsigned)response->status, answer);
    MHD_destroy_response(answer);
    return result;
}

enum MHD_Result delivery_send(struct delivery *delivery, struct parcel *parcel,
                              struct MHD_Connection *connection, struct response *response,
                              bool closing) {
    if (response->delivery.breakage != BREAKAGE_NONE)
        return send_breakage(response->delivery.breakage, connection);
    if (response->status == 204 && response->headers.count == 0 && !closing)
        return MHD_queue_response(connection, 204, delivery->no_content);
    parcel->delivery = delivery;
    parcel->connection = connection;
    parcel->response = response;
    bool dribbles = response->delivery.dribble_chunks > 0 && response->body_size > 0;
    struct MHD_Response *answer = dribbles ? make_dribbling(parcel) : make_whole(response);
    return answer ? delivery_queue(connection, response, answer, closing) : MHD_NO;
}
