/* The certificate with which the server speaks TLS. */
#pragma once

#include <stddef.h>

#include "config.h"

struct MHD_Connection;

/* Two PEM texts. */
struct tls_identity {
    char *certificate; /* (owned) with the chain, if there is one */
    char *key;         /* (owned) */
};

/* Reads --tls-cert and --tls-key, or makes a certificate as --tls-self-signed wants, and writes
 * --tls-cert-out. Without these options the identity stays empty. The caller calls tls_deinit in
 * any case. Returns 0, or <0 with a message in `reterr_error` that names the option. */
int tls_init(struct tls_identity *identity, const struct config *config, char *reterr_error,
             size_t error_size);
void tls_deinit(struct tls_identity *identity);

/* Sends bytes past libmicrohttpd, in a TLS record if the connection uses TLS. Sends only what the
 * kernel takes at once. Returns the number of bytes that it took, or <0. */
long tls_send(struct MHD_Connection *connection, const char *bytes, size_t size);
