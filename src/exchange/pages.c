#include "exchange/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "util/fatal.h"

static bool wants_html(const struct request *request) {
    return request_accepts(request, "text/html");
}

static bool takes_html(const struct request *request) {
    bool takes_any = !request_find_header(request, "Accept") || request_accepts(request, "*/*");
    return wants_html(request) || (takes_any && !request_accepts(request, "application/json"));
}

/* Answers with these parts, one after the other; NULL parts are skipped. */
static int answer(struct exchange *exchange, const char *const *parts, size_t count) {
    struct response *response = &exchange->response;
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i] ? strlen(parts[i]) : 0;
    if (exchange_need(exchange, MEMORY_TO_WORK, size) != 0)
        return EXCHANGE_ANSWERED;
    char *text = malloc(size + 1);
    if (!text)
        return FATAL(ENOMEM);
    char *end = text;
    for (size_t i = 0; i < count; i++)
        if (parts[i])
            end = stpcpy(end, parts[i]);
    response_set_owned(response, 200, "text/html; charset=utf-8", text, size);
    response_add_header(response, "Content-Security-Policy", embedded_page_policy);
    response_add_header(response, "X-Content-Type-Options", "nosniff");
    response_add_header(response, "Vary", "Accept");
    return EXCHANGE_ANSWERED;
}

static int answer_home(struct exchange *exchange) {
    static const char about[] =
        "<h1>kestub</h1>\n<p>A stub server that emulates the IAM API of Kestra Enterprise, with "
        "real "
        "state, and a mock server for everything else. For tests only.</p>\n";
    static const char links[] =
        "<h2>Look around</h2>\n<ul>\n"
        "<li><a href=\"docs\">docs</a>: all operations, with parameters, bodies and answers</li>\n"
        "<li><a href=\"openapi.yaml\">openapi.yaml</a>: the contract of the emulated API</li>\n";
    static const char admin_links[] =
        "<li><a href=\"__admin/ui\">__admin/ui</a>: the console, which shows what clients do</li>\n"
        "<li><a href=\"__admin/openapi.yaml\">__admin/openapi.yaml</a>: the contract of the "
        "control "
        "plane</li>\n"
        "<li><a href=\"__admin/\">__admin/</a>: what the control plane shows</li>\n";
    const char *facts =
        arena_format(&exchange->request.arena,
                     "<dl>\n<dt>Version</dt><dd>" KESTUB_VERSION "</dd>\n"
                     "<dt>Emulated version</dt><dd>%s</dd>\n<dt>Sandbox</dt><dd>%s</dd>\n</dl>\n",
                     exchange_version(exchange)->name, exchange->sandbox->name);
    if (!facts)
        return FATAL(ENOMEM);
    const char *const parts[] = {
        embedded_page_home_start,
        about,
        facts,
        links,
        exchange->config->admin ? admin_links : NULL,
        "</ul>\n",
        embedded_page_end,
    };
    return answer(exchange, parts, sizeof(parts) / sizeof(parts[0]));
}

static int answer_docs(struct exchange *exchange) {
    bool has_admin = exchange->config->admin;
    const char *const parts[] = {
        embedded_page_docs_start,
        "<ul>\n<li><a href=\"#api\">Emulated API</a></li>\n",
        has_admin ? "<li><a href=\"#admin\">Control plane</a></li>\n" : NULL,
        "</ul>\n",
        embedded_page_api[exchange_version(exchange) - contract_versions],
        has_admin ? embedded_page_admin : NULL,
        embedded_page_end,
    };
    return answer(exchange, parts, sizeof(parts) / sizeof(parts[0]));
}

int pages_answer(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    if (request->is_admin || request->method != HTTP_GET || request->n_segments != 1)
        return 0;
    if (request->segments[0][0] == '\0' && wants_html(request))
        return answer_home(exchange);
    if (strcmp(request->segments[0], "docs") == 0 && takes_html(request))
        return answer_docs(exchange);
    return 0;
}
