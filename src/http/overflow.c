#include "http/overflow.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "exchange/dispatch.h"
#include "http/tls.h"

enum { OVERFLOW_MIN_TARGET = 16 * 1024 }; /* libmicrohttpd accepts shorter targets */

/* The connections whose request libmicrohttpd may be refusing. */
struct suspects {
    const void *worker;
    struct connection *one;
    size_t count;
};

static void suspect(struct suspects *suspects, struct connection *connection) {
    suspects->one = connection;
    suspects->count++;
}

/* Suspects a connection where a head, or the trailers after a body, are still arriving. */
static bool note_open_head(void *cls, struct connection *connection) {
    struct suspects *suspects = cls;
    if (connection->worker == suspects->worker &&
        (connection->exchange || (connection->has_head && !connection->busy)))
        suspect(suspects, connection);
    return false;
}

/* Returns how many of the client's bytes were read from the socket, or 0 on errors. */
static size_t bytes_read(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    int unread = 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 || ioctl(fd, FIONREAD, &unread) < 0)
        return 0;
    return (size_t)info.tcpi_bytes_received - (size_t)unread;
}

/* Suspects a connection whose first request has a target that fills the memory. */
static bool note_long_target(void *cls, struct connection *connection) {
    struct suspects *suspects = cls;
    if (connection->worker == suspects->worker && connection->is_fresh && !connection->exchange &&
        bytes_read(connection->fd) > OVERFLOW_MIN_TARGET)
        suspect(suspects, connection);
    return false;
}

struct connection *overflow_find(struct connections *connections, const void *worker, int status) {
    struct suspects suspects = {.worker = worker};
    connections_find(connections,
                     status == MHD_HTTP_URI_TOO_LONG ? note_long_target : note_open_head,
                     &suspects);
    bool is_sure = suspects.count == 1 && !suspects.one->has_head;
    return is_sure ? suspects.one : NULL;
}

/* The first header of an error is its Content-Type. */
static void send_response(const struct connection *connection, const struct response *response) {
    char head[256];
    int size = snprintf(head, sizeof(head),
                        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                        response->status, MHD_get_reason_phrase_for((unsigned)response->status),
                        response->headers.items[0].value, response->body_size);
    if (tls_send(connection->handle, head, (size_t)size) == size)
        tls_send(connection->handle, response->body, response->body_size);
    shutdown(connection->fd, SHUT_WR);
}

static void refuse(struct exchange *exchange, int status, const struct connection *connection) {
    if (status == 414)
        dispatch_refuse(exchange, ERROR_TARGET_TOO_LONG, "it does not fit into 32 KiB");
    else
        dispatch_refuse(exchange, ERROR_HEAD_TOO_LARGE, "the head does not fit into 32 KiB");
    send_response(connection, &exchange->response);
}

void overflow_answer(struct connection *connection, const struct config *config, int status) {
    struct exchange exchange;
    connection->is_fresh = false;
    if (connection->exchange) {
        refuse(connection->exchange, status, connection);
        return;
    }
    if (exchange_init(&exchange, config, NULL, "") == 0)
        refuse(&exchange, status, connection);
    exchange_deinit(&exchange);
}
