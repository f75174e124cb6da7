#include "http/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>

#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"
#include "util/permission.h"

enum { MAX_PEM = 1 << 20, NAME_SIZE = 256 };

static void release_crt(gnutls_x509_crt_t *certificate) {
    if (*certificate)
        gnutls_x509_crt_deinit(*certificate);
}

static void release_key(gnutls_x509_privkey_t *key) {
    if (*key)
        gnutls_x509_privkey_deinit(*key);
}

static void release_datum(gnutls_datum_t *datum) {
    gnutls_free(datum->data);
}

/* `name` may be a name or an address. */
static int add_name(gnutls_x509_crt_t certificate, const char *name) {
    struct in6_addr v6;
    struct in_addr v4;
    gnutls_x509_subject_alt_name_t type = GNUTLS_SAN_DNSNAME;
    const void *bytes = name;
    unsigned size = (unsigned)strlen(name);
    if (inet_pton(AF_INET, name, &v4) == 1) {
        type = GNUTLS_SAN_IPADDRESS;
        bytes = &v4;
        size = sizeof(v4);
    } else if (inet_pton(AF_INET6, name, &v6) == 1) {
        type = GNUTLS_SAN_IPADDRESS;
        bytes = &v6;
        size = sizeof(v6);
    }
    return gnutls_x509_crt_set_subject_alt_name(certificate, type, bytes, size, GNUTLS_FSAN_APPEND);
}

/* Adds the names by which clients may call this server. */
static int add_names(gnutls_x509_crt_t certificate, const struct config *config) {
    static const char *const always[] = {"localhost", "127.0.0.1", "::1"};
    char name[NAME_SIZE];
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(always) / sizeof(always[0]); i++)
        r = add_name(certificate, always[i]);
    if (r == 0 && strcmp(config->host, "0.0.0.0") != 0 && strcmp(config->host, "::") != 0)
        r = add_name(certificate, config->host);
    if (r == 0 && gethostname(name, sizeof(name)) == 0 && memchr(name, '\0', sizeof(name)))
        r = add_name(certificate, name);
    for (const char *at = config->admin_hosts; r == 0 && at && *at; at += strspn(at, ",")) {
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof(name), "%.*s", (int)length, at);
        r = add_name(certificate, name);
        at += length;
    }
    return r;
}

/* A certificate that is its own issuer names itself in both identifiers. */
static int add_identifiers(gnutls_x509_crt_t certificate) {
    unsigned char id[64];
    size_t size = sizeof(id);
    int r = gnutls_x509_crt_get_key_id(certificate, 0, id, &size);
    if (r == 0)
        r = gnutls_x509_crt_set_subject_key_id(certificate, id, size);
    if (r == 0)
        r = gnutls_x509_crt_set_authority_key_id(certificate, id, size);
    return r;
}

static int describe(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
                    const struct config *config) {
    enum { DAY = 86400, DAYS = 365 };
    static const char name[] = "kestub";
    unsigned char serial[16];
    time_t now = time(NULL);
    int r = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
    serial[0] = (serial[0] & 0x7f) | 0x40; /* positive and of full length */
    if (r == 0)
        r = gnutls_x509_crt_set_version(certificate, 3);
    if (r == 0)
        r = gnutls_x509_crt_set_serial(certificate, serial, sizeof(serial));
    if (r == 0)
        r = gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                          sizeof(name) - 1);
    if (r == 0)
        r = gnutls_x509_crt_set_activation_time(certificate, now - DAY);
    if (r == 0)
        r = gnutls_x509_crt_set_expiration_time(certificate, now + (time_t)DAYS * DAY);
    if (r == 0)
        r = gnutls_x509_crt_set_key(certificate, key);
    if (r == 0)
        r = gnutls_x509_crt_set_basic_constraints(certificate, 0, -1);
    if (r == 0)
        r = gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (r == 0)
        r = gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (r == 0)
        r = add_names(certificate, config);
    return r == 0 ? add_identifiers(certificate) : r;
}

/* Copies an exported PEM, which may lack a NUL. */
static int copy_pem(const gnutls_datum_t *pem, char **ret_text) {
    *ret_text = strndup((const char *)pem->data, pem->size);
    return *ret_text ? 0 : GNUTLS_E_MEMORY_ERROR;
}

/* Returns 0 or an error of GnuTLS. */
static int make_certificate(struct tls_identity *identity, const struct config *config) {
    CLEANUP(release_crt) gnutls_x509_crt_t certificate = NULL;
    CLEANUP(release_key) gnutls_x509_privkey_t key = NULL;
    CLEANUP(release_datum) gnutls_datum_t certificate_pem = {0};
    CLEANUP(release_datum) gnutls_datum_t key_pem = {0};
    int r = gnutls_x509_privkey_init(&key);
    if (r == 0)
        r = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (r == 0)
        r = gnutls_x509_crt_init(&certificate);
    if (r == 0)
        r = describe(certificate, key, config);
    if (r == 0)
        r = gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
    if (r == 0)
        r = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &certificate_pem);
    if (r == 0)
        r = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_pem);
    if (r == 0)
        r = copy_pem(&certificate_pem, &identity->certificate);
    return r == 0 ? copy_pem(&key_pem, &identity->key) : r;
}

/* Returns 0 or <0. */
static int read_pem(const char *path, char **ret_text) {
    CLEANUP(cleanup_free) char *bytes = NULL;
    size_t size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return FATAL(errno);
    int r = files_drain(fd, MAX_PEM, &bytes, &size);
    close(fd);
    if (r < 0)
        return r;
    *ret_text = strndup(bytes, size);
    return *ret_text ? 0 : FATAL(ENOMEM);
}

static int refuse_file(const char *option, const char *path, int failure, char *reterr_error,
                       size_t error_size) {
    char hint[PERMISSION_HINT_SIZE];
    permission_hint(fatal_errno(failure), hint);
    snprintf(reterr_error, error_size, "%s: %.60s: %s%s", option, path,
             strerror(fatal_errno(failure)), hint);
    return failure;
}

/* Checks that both files hold what they should, and that they belong together. */
static int check_pair(const struct tls_identity *identity, const struct config *config,
                      char *reterr_error, size_t error_size) {
    const gnutls_datum_t certificate = {(unsigned char *)identity->certificate,
                                        (unsigned)strlen(identity->certificate)};
    const gnutls_datum_t key = {(unsigned char *)identity->key, (unsigned)strlen(identity->key)};
    gnutls_certificate_credentials_t credentials;
    CLEANUP(release_crt) gnutls_x509_crt_t parsed = NULL;
    int r = gnutls_x509_crt_init(&parsed);
    if (r == 0 && gnutls_x509_crt_import(parsed, &certificate, GNUTLS_X509_FMT_PEM) != 0) {
        snprintf(reterr_error, error_size, "--tls-cert: %.120s: has no certificate in PEM",
                 config->tls_cert);
        return FATAL(EINVAL);
    }
    if (r == 0)
        r = gnutls_certificate_allocate_credentials(&credentials);
    if (r == 0) {
        r = gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key,
                                                GNUTLS_X509_FMT_PEM);
        gnutls_certificate_free_credentials(credentials);
    }
    if (r >= 0)
        return 0;
    snprintf(reterr_error, error_size, "--tls-key: %.120s: %s", config->tls_key,
             r == GNUTLS_E_CERTIFICATE_KEY_MISMATCH ? "is not the key of --tls-cert"
                                                    : gnutls_strerror(r));
    return FATAL(EINVAL);
}

static int read_pair(struct tls_identity *identity, const struct config *config, char *reterr_error,
                     size_t error_size) {
    int r = read_pem(config->tls_cert, &identity->certificate);
    if (r < 0)
        return refuse_file("--tls-cert", config->tls_cert, r, reterr_error, error_size);
    r = read_pem(config->tls_key, &identity->key);
    if (r < 0)
        return refuse_file("--tls-key", config->tls_key, r, reterr_error, error_size);
    return check_pair(identity, config, reterr_error, error_size);
}

static int write_certificate(const struct tls_identity *identity, const char *path,
                             char *reterr_error, size_t error_size) {
    FILE *file = fopen(path, "we");
    bool is_written = file && fputs(identity->certificate, file) >= 0;
    int failure = is_written ? 0 : FATAL(errno);
    if (file && fclose(file) != 0 && failure == 0)
        failure = FATAL(errno);
    return failure < 0 ? refuse_file("--tls-cert-out", path, failure, reterr_error, error_size) : 0;
}

/* Returns a message about options that do not go together, or NULL. */
static const char *find_conflict(const struct config *config) {
    if (config->tls_cert && config->tls_self_signed)
        return "--tls-self-signed: makes no sense with --tls-cert";
    if (config->tls_cert && !config->tls_key)
        return "--tls-key: is needed with --tls-cert";
    if (config->tls_key && !config->tls_cert)
        return "--tls-cert: is needed with --tls-key";
    if (config->tls_cert_out && !config->tls_self_signed)
        return "--tls-cert-out: needs --tls-self-signed";
    if (config->tls_port >= 0 && !config_has_tls(config))
        return "--tls-port: needs --tls-cert and --tls-key, or --tls-self-signed";
    return NULL;
}

int tls_init(struct tls_identity *identity, const struct config *config, char *reterr_error,
             size_t error_size) {
    const char *conflict = find_conflict(config);
    if (conflict) {
        snprintf(reterr_error, error_size, "%s", conflict);
        return FATAL(EINVAL);
    }
    if (config->tls_cert)
        return read_pair(identity, config, reterr_error, error_size);
    if (!config->tls_self_signed)
        return 0;
    int r = make_certificate(identity, config);
    if (r < 0) {
        snprintf(reterr_error, error_size, "--tls-self-signed: %s", gnutls_strerror(r));
        return FATAL(EIO);
    }
    return config->tls_cert_out
               ? write_certificate(identity, config->tls_cert_out, reterr_error, error_size)
               : 0;
}

void tls_deinit(struct tls_identity *identity) {
    if (identity->key)
        gnutls_memset(identity->key, 0, strlen(identity->key));
    free(identity->key);
    free(identity->certificate);
    *identity = (struct tls_identity){0};
}

long tls_send(struct MHD_Connection *connection, const char *bytes, size_t size) {
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (session && session->tls_session)
        return gnutls_record_send(session->tls_session, bytes, size);
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    return send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}
