#include "wiremock_flags.h"

#include <string.h>

#define NO_JETTY "kestub has no Jetty"
#define NO_PROXY "kestub forwards no requests"
#define OWN_TLS "use --tls-port with --tls-cert and --tls-key, or with --tls-self-signed"
#define NO_HTTP2 "kestub speaks HTTP/1.1 only"
#define WRITE_STUBS "kestub does not forward or record requests; write stubs for --mappings"

#define RENAMED(flag, to)                                                                          \
    { flag, WIREMOCK_RENAMED, WIREMOCK_VALUE, to, NULL, NULL }
#define SWITCH(flag, to, setting)                                                                  \
    { flag, WIREMOCK_SWITCH, WIREMOCK_NO_VALUE, to, setting, NULL }
#define IGNORED(flag, value, advice)                                                               \
    { flag, WIREMOCK_IGNORED, value, NULL, NULL, advice }
#define REFUSED(flag, advice)                                                                      \
    { flag, WIREMOCK_REFUSED, WIREMOCK_NO_VALUE, NULL, NULL, advice }

static const struct wiremock_flag flags[] = {
    RENAMED("bind-address", "host"),
    RENAMED("max-request-journal-entries", "journal"),
    SWITCH("enable-stub-cors", "cors", "*"),
    SWITCH("no-request-journal", "journal", "0"),

    IGNORED("allow-proxy-targets", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("async-response-enabled", WIREMOCK_VALUE, "a late answer never holds a thread"),
    IGNORED("async-response-threads", WIREMOCK_VALUE, "a late answer never holds a thread"),
    IGNORED("container-threads", WIREMOCK_VALUE, "see --threads and --max-connections"),
    IGNORED("deny-proxy-targets", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("disable-banner", WIREMOCK_NO_VALUE, "kestub has no banner"),
    IGNORED("disable-connection-reuse", WIREMOCK_VALUE, "kestub keeps connections open"),
    IGNORED("disable-extensions-scanning", WIREMOCK_NO_VALUE, "kestub has no extensions"),
    IGNORED("disable-gzip", WIREMOCK_NO_VALUE, "kestub compresses nothing"),
    IGNORED("disable-http2-plain", WIREMOCK_NO_VALUE, NO_HTTP2),
    IGNORED("disable-http2-tls", WIREMOCK_NO_VALUE, NO_HTTP2),
    IGNORED("disable-optimize-xml-factories-loading", WIREMOCK_NO_VALUE, "kestub reads no XML"),
    IGNORED("disable-request-logging", WIREMOCK_NO_VALUE, "see --log"),
    IGNORED("disable-strict-http-headers", WIREMOCK_NO_VALUE, NO_JETTY),
    IGNORED("filename-template", WIREMOCK_VALUE, "a saved stub's file has its name or id"),
    IGNORED("jetty-accept-queue-size", WIREMOCK_VALUE, NO_JETTY),
    IGNORED("jetty-acceptor-threads", WIREMOCK_VALUE, NO_JETTY),
    IGNORED("jetty-header-buffer-size", WIREMOCK_VALUE, NO_JETTY),
    IGNORED("jetty-header-request-size", WIREMOCK_VALUE, NO_JETTY),
    IGNORED("jetty-header-response-size", WIREMOCK_VALUE, NO_JETTY),
    IGNORED("jetty-idle-timeout", WIREMOCK_VALUE, "see --request-timeout"),
    IGNORED("jetty-stop-timeout", WIREMOCK_VALUE, NO_JETTY),
    IGNORED("local-response-templating", WIREMOCK_NO_VALUE, "a stub names its transformers"),
    IGNORED("logged-response-body-size-limit", WIREMOCK_VALUE,
            "the journal keeps the first 64 KiB of a body"),
    IGNORED("max-http-client-connections", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("max-template-cache-entries", WIREMOCK_OPTIONAL_VALUE, "kestub has no such cache"),
    IGNORED("permitted-system-keys", WIREMOCK_OPTIONAL_VALUE,
            "no stub reads the environment of kestub"),
    IGNORED("preserve-host-header", WIREMOCK_NO_VALUE, NO_PROXY),
    IGNORED("preserve-user-agent-proxy-header", WIREMOCK_NO_VALUE, NO_PROXY),
    IGNORED("proxy-pass-through", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("proxy-timeout", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("supported-proxy-encodings", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("timeout", WIREMOCK_OPTIONAL_VALUE, "see --request-timeout"),
    IGNORED("trust-all-proxy-targets", WIREMOCK_NO_VALUE, NO_PROXY),
    IGNORED("trust-proxy-target", WIREMOCK_VALUE, NO_PROXY),
    IGNORED("use-chunked-encoding", WIREMOCK_VALUE, "kestub sends a Content-Length"),
    IGNORED("verbose", WIREMOCK_NO_VALUE, "see --log"),
    IGNORED("webhook-threadpool-size", WIREMOCK_VALUE, "kestub has no webhooks"),

    REFUSED("admin-api-basic-auth", "use --admin-token"),
    REFUSED("admin-api-require-https", OWN_TLS),
    REFUSED("ca-keystore", OWN_TLS),
    REFUSED("ca-keystore-password", OWN_TLS),
    REFUSED("ca-keystore-type", OWN_TLS),
    REFUSED("disable-http", OWN_TLS),
    REFUSED("disable-response-templating", "leave the transformers out of the stubs"),
    REFUSED("enable-browser-proxying", WRITE_STUBS),
    REFUSED("extensions", "kestub runs no code of others; write stubs for --mappings"),
    REFUSED("https-keystore", OWN_TLS),
    REFUSED("https-port", OWN_TLS),
    REFUSED("https-require-client-cert", OWN_TLS),
    REFUSED("https-truststore", OWN_TLS),
    REFUSED("key-manager-password", OWN_TLS),
    REFUSED("keystore-password", OWN_TLS),
    REFUSED("keystore-type", OWN_TLS),
    REFUSED("load-resources-from-classpath", "use --root-dir"),
    REFUSED("match-headers", WRITE_STUBS),
    REFUSED("print-all-network-traffic", "GET /__admin/requests shows what was sent"),
    REFUSED("proxy-all", WRITE_STUBS),
    REFUSED("proxy-via", WRITE_STUBS),
    REFUSED("record-mappings", WRITE_STUBS),
    REFUSED("truststore-password", OWN_TLS),
    REFUSED("truststore-type", OWN_TLS),
};

const struct wiremock_flag *wiremock_flags_find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strlen(flags[i].name) == length && strncmp(flags[i].name, name, length) == 0)
            return &flags[i];
    return NULL;
}
