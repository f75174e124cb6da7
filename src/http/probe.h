/* Asks a server whether it is healthy, as a client. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_target {
    bool is_tls;
    char host[128]; /* a name or an address, or unix:PATH */
    char port[8];
};

/* Reads http://HOST[:PORT], https://HOST[:PORT] or unix:PATH. A path after the port is ignored.
 * Returns 0, or >0 when the text is none of these. */
int probe_parse(const char *url, struct probe_target *ret_target);

/* Returns the address at which a server listens that was told to use this host and port. */
void probe_aim(const char *host, int64_t port, bool is_tls, struct probe_target *ret_target);

/* Writes the target as a URL. */
enum { PROBE_URL_SIZE = 160 };
void probe_format(const struct probe_target *target, char out[PROBE_URL_SIZE]);

/* Sends GET /__admin/health. It does not verify a certificate, since it sends no secrets. Returns 0
 * when the answer is a 200 and no step took longer than two seconds, or >0 with a message that
 * continues the server's name. */
int probe_health(const struct probe_target *target, char *reterr_error, size_t error_size);
