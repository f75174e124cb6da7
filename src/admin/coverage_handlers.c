/* Reports which operations and statuses of the contract the tests have exercised, and where they
 * have broken the contract. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin_answer.h"
#include "admin/breaches.h"
#include "admin/serve_event.h"
#include "admin_input.h"
#include "sandbox/coverage.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

struct summary {
    size_t operations;
    size_t exercised_operations;
    size_t statuses;
    size_t exercised_statuses;
};

struct report {
    const struct route_table *routes;
    const struct coverage *coverage;
    struct breach *breaches;
    size_t n_breaches;
    struct summary summary;
};

static void summarize(const struct coverage *coverage, const struct operation *operation,
                      struct summary *summary) {
    size_t exercised = 0;
    size_t i = 0;
    for (; operation->statuses[i]; i++)
        exercised += coverage_count(coverage, operation, i) > 0;
    summary->operations++;
    summary->exercised_operations += exercised > 0;
    summary->statuses += i;
    summary->exercised_statuses += exercised;
}

/* Fills a report that has its routes and coverage. The breaches live in the arena, the newest
 * first. Returns 0 or -ENOMEM. */
static int fill_report(const struct journal_list *list, struct arena *arena,
                       struct report *report) {
    size_t room = list->count * BREACHES_PER_ENTRY;
    report->breaches = arena_alloc(arena, room * sizeof(struct breach));
    if (!report->breaches)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < list->count; i++)
        report->n_breaches +=
            breaches_find(list->entries[i], arena, &report->breaches[report->n_breaches]);
    for (size_t i = 0; i < report->routes->n_routes; i++)
        for (size_t method = 0; method < HTTP_N_METHODS; method++)
            if (report->routes->routes[i].operations[method])
                summarize(report->coverage, report->routes->routes[i].operations[method],
                          &report->summary);
    return 0;
}

/* Returns the path as the contract writes it (owned by the caller), or NULL when memory is out. */
static char *format_path(const struct route *route, const struct operation *operation) {
    char *text = NULL;
    size_t size = 0;
    size_t parameter = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; out && i < route->n_segments; i++) {
        if (route->segments[i])
            fprintf(out, "/%s", route->segments[i]);
        else
            fprintf(out, "/{%s}", operation->parameters[parameter++].name);
    }
    if (out && fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static void render_operation(struct json_builder *builder, struct json_parent parent,
                             const struct report *report, const struct route *route,
                             size_t method) {
    const struct operation *operation = route->operations[method];
    CLEANUP(cleanup_free) char *path = format_path(route, operation);
    builder->failed |= !path;
    struct json_parent object = json_add_object(builder, parent, NULL);
    json_add_text(builder, object, "operation", operation->id);
    json_add_text(builder, object, "method", request_method_names[method]);
    json_add_text(builder, object, "path", path);
    struct json_parent exercised = json_add_array(builder, object, "exercised");
    for (size_t i = 0; operation->statuses[i]; i++) {
        uint64_t count = coverage_count(report->coverage, operation, i);
        if (count == 0)
            continue;
        struct json_parent status = json_add_object(builder, exercised, NULL);
        json_add_integer(builder, status, "status", operation->statuses[i]);
        json_add_integer(builder, status, "count", (int64_t)count);
    }
    struct json_parent missing = json_add_array(builder, object, "missing");
    for (size_t i = 0; operation->statuses[i]; i++)
        if (coverage_count(report->coverage, operation, i) == 0)
            json_add_integer(builder, missing, NULL, operation->statuses[i]);
}

static void render_breach(struct json_builder *builder, struct json_parent object,
                          const struct breach *breach) {
    const struct journal_record *record = &breach->entry->record;
    size_t length = strlen(record->url);
    CLEANUP(cleanup_free) char *url = malloc(length * 3 + 1);
    if (url)
        text_repair(record->url, length, url);
    builder->failed |= !url;
    json_add_text(builder, object, "id", breach->entry->id);
    json_add_text(builder, object, "kind", breach->kind);
    if (record->operation)
        json_add_text(builder, object, "operation", record->operation->id);
    json_add_text(builder, object, "parameter", breach->parameter);
    json_add_text(builder, object, "method", record->method);
    json_add_text(builder, object, "url", url);
    json_add_integer(builder, object, "status", record->status);
}

static void render_report(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct report *report = value;
    const struct summary *counts = &report->summary;
    struct json_parent summary = json_add_object(builder, root, "summary");
    json_add_integer(builder, summary, "operations", (int64_t)counts->operations);
    json_add_integer(builder, summary, "exercisedOperations",
                     (int64_t)counts->exercised_operations);
    json_add_integer(builder, summary, "statuses", (int64_t)counts->statuses);
    json_add_integer(builder, summary, "exercisedStatuses", (int64_t)counts->exercised_statuses);
    json_add_integer(builder, summary, "breaches", (int64_t)report->n_breaches);
    struct json_parent operations = json_add_array(builder, root, "operations");
    for (size_t i = 0; i < report->routes->n_routes; i++)
        for (size_t method = 0; method < HTTP_N_METHODS; method++)
            if (report->routes->routes[i].operations[method])
                render_operation(builder, operations, report, &report->routes->routes[i], method);
    struct json_parent breaches = json_add_array(builder, root, "breaches");
    for (size_t i = 0; i < report->n_breaches && !builder->failed; i++)
        render_breach(builder, json_add_object(builder, breaches, NULL), &report->breaches[i]);
}

/* Prints a row for each operation with its statuses, and how often each was exercised. */
static void print_report(FILE *out, const void *cls) {
    const struct report *report = cls;
    const struct summary *counts = &report->summary;
    fprintf(out, "%zu of %zu operations, %zu of %zu statuses, %zu breaches\n",
            counts->exercised_operations, counts->operations, counts->exercised_statuses,
            counts->statuses, report->n_breaches);
    for (size_t i = 0; i < report->routes->n_routes; i++) {
        for (size_t method = 0; method < HTTP_N_METHODS; method++) {
            const struct operation *operation = report->routes->routes[i].operations[method];
            if (!operation)
                continue;
            fprintf(out, "%-28s", operation->id);
            for (size_t s = 0; operation->statuses[s]; s++) {
                uint64_t count = coverage_count(report->coverage, operation, s);
                if (count > 0)
                    fprintf(out, "  %d x%llu", operation->statuses[s], (unsigned long long)count);
                else
                    fprintf(out, "  %d -", operation->statuses[s]);
            }
            fputc('\n', out);
        }
    }
    for (size_t i = 0; i < report->n_breaches; i++) {
        const struct breach *breach = &report->breaches[i];
        const struct journal_record *record = &breach->entry->record;
        fprintf(out, "%s %s%s%s: %s %s -> %d\n", breach->entry->id, breach->kind,
                breach->parameter ? " " : "", breach->parameter ? breach->parameter : "",
                record->method, record->url, record->status);
    }
}

/* Prints a badge with the share of the statuses, in the usual form. */
static void print_badge(FILE *out, const void *cls) {
    const struct report *report = cls;
    const struct summary *counts = &report->summary;
    size_t share = counts->statuses > 0 ? counts->exercised_statuses * 100 / counts->statuses : 0;
    const char *color = report->n_breaches > 0 ? "#c0392b" : share < 50 ? "#8a6d00" : "#2b7a3d";
    char text[48];
    snprintf(text, sizeof(text), report->n_breaches > 0 ? "%zu%%, %zu breaches" : "%zu%%", share,
             report->n_breaches);
    size_t width = 14 + 7 * strlen(text);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"20\" role=\"img\" "
            "aria-label=\"API coverage: %s\"><rect width=\"88\" height=\"20\" fill=\"#444\"/>"
            "<rect x=\"88\" width=\"%zu\" height=\"20\" fill=\"%s\"/><g fill=\"#fff\" "
            "font-family=\"Verdana,sans-serif\" font-size=\"11\"><text x=\"7\" y=\"14\">API "
            "coverage</text><text x=\"95\" y=\"14\">%s</text></g></svg>\n",
            88 + width, text, width, color, text);
}

int handle_get_coverage(struct exchange *exchange, const void *input) {
    CLEANUP(journal_list_deinit) struct journal_list list = {0};
    struct report report = {.routes = &exchange_version(exchange)->routes,
                            .coverage = exchange->sandbox->coverage};
    (void)input;
    int r = journal_list(exchange->sandbox->journal, &list);
    if (r == 0)
        r = fill_report(&list, &exchange->request.arena, &report);
    if (r < 0)
        return r;
    if (request_accepts(&exchange->request, "text/plain"))
        return admin_answer_printed(exchange, "text/plain; charset=utf-8", print_report, &report);
    if (request_accepts(&exchange->request, "image/svg+xml"))
        return admin_answer_printed(exchange, "image/svg+xml", print_badge, &report);
    return answer_object(exchange, 200, render_report, &report);
}
