#include "admin/serve_event.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/breaches.h"
#include "faults/fault_set.h"
#include "store/changes.h"
#include "util/base64.h"
#include "util/cleanup.h"
#include "util/text.h"

/* How many headers, cookies or parameters are shown. Each new name is compared with all before it,
 * so the work grows with the square. */
enum { MAX_FIELDS = 256 };

/* The state of rendering one entry. */
struct rendering {
    struct json_builder *builder;
    struct arena arena; /* for texts, until they are written */
};

static void rendering_init(struct rendering *rendering, struct json_builder *builder) {
    rendering->builder = builder;
    arena_init(&rendering->arena);
}

static void rendering_deinit(struct rendering *rendering) {
    arena_deinit(&rendering->arena);
}

/* Returns the text in a form that JSON can hold. Returns NULL for NULL, and when memory is out;
 * then the builder has failed. */
static const char *printable(struct rendering *rendering, const char *text, size_t size) {
    if (!text || (text_is_utf8(text, size) && !memchr(text, '\0', size)))
        return text;
    char *repaired = arena_alloc(&rendering->arena, size * 3 + 1);
    if (repaired)
        text_repair(text, size, repaired);
    else
        rendering->builder->failed = true;
    return repaired;
}

static void add_text(struct rendering *rendering, struct json_parent object, const char *name,
                     const char *text) {
    json_add_text(rendering->builder, object, name,
                  printable(rendering, text, text ? strlen(text) : 0));
}

static void add_body(struct rendering *rendering, struct json_parent object,
                     const struct journal_message *message) {
    const char *body = message->body ? message->body : "";
    json_add_text(rendering->builder, object, "body",
                  printable(rendering, body, message->body_size));
    const char *encoded = base64_encode(body, message->body_size, &rendering->arena);
    rendering->builder->failed |= !encoded;
    json_add_text(rendering->builder, object, "bodyAsBase64", encoded);
}

/* Makes the names of the fields printable. Returns how many fields are shown. */
static size_t read_names(struct rendering *rendering, const struct name_value_list *fields,
                         const char *names[MAX_FIELDS]) {
    size_t count = fields->count < MAX_FIELDS ? fields->count : MAX_FIELDS;
    for (size_t i = 0; i < count; i++) {
        const char *name = fields->items[i].name;
        names[i] = printable(rendering, name, strlen(name));
        if (!names[i])
            return 0;
    }
    return count;
}

/* Counts the equal names before the end. */
static size_t count_equal(const char *const *names, size_t end, const char *name,
                          int (*compare)(const char *left, const char *right)) {
    size_t count = 0;
    for (size_t i = 0; i < end; i++)
        count += compare(names[i], name) == 0;
    return count;
}

/* Several values of the same name become an array, where the second of them is. */
static void add_values(struct rendering *rendering, struct json_parent parent, const char *member,
                       const struct name_value_list *fields) {
    struct json_builder *builder = rendering->builder;
    struct json_parent object = json_add_object(builder, parent, member);
    const char *names[MAX_FIELDS];
    size_t count = read_names(rendering, fields, names);
    for (size_t i = 0; i < count; i++) {
        size_t before = count_equal(names, i, names[i], strcasecmp);
        bool is_only = before == 0 && count_equal(names, count, names[i], strcasecmp) == 1;
        if (is_only)
            add_text(rendering, object, names[i], fields->items[i].value);
        if (before != 1)
            continue;
        struct json_parent array = json_add_array(builder, object, names[i]);
        for (size_t j = 0; j < count; j++)
            if (strcasecmp(names[j], names[i]) == 0)
                add_text(rendering, array, NULL, fields->items[j].value);
    }
}

/* Adds parameters of the query or of a form: {"a":{"key":"a","values":["1"]}}. */
static void add_parameters(struct rendering *rendering, struct json_parent parent,
                           const char *member, const struct name_value_list *fields) {
    struct json_builder *builder = rendering->builder;
    struct json_parent object = json_add_object(builder, parent, member);
    const char *names[MAX_FIELDS];
    size_t count = read_names(rendering, fields, names);
    for (size_t i = 0; i < count; i++) {
        if (count_equal(names, i, names[i], strcmp) > 0)
            continue;
        struct json_parent parameter = json_add_object(builder, object, names[i]);
        json_add_text(builder, parameter, "key", names[i]);
        struct json_parent values = json_add_array(builder, parameter, "values");
        for (size_t j = i; j < count; j++)
            if (strcmp(names[j], names[i]) == 0)
                add_text(rendering, values, NULL, fields->items[j].value);
    }
}

static void add_groups(struct rendering *rendering, struct json_parent object,
                       struct match_subject *subject) {
    struct name_value_list cookies;
    struct name_value_list query;
    struct name_value_list form;
    if (match_subject_fields(subject, MATCH_COOKIES, &cookies) < 0 ||
        match_subject_fields(subject, MATCH_QUERY, &query) < 0 ||
        match_subject_fields(subject, MATCH_FORM, &form) < 0) {
        rendering->builder->failed = true;
        return;
    }
    add_values(rendering, object, "cookies", &cookies);
    add_parameters(rendering, object, "queryParams", &query);
    add_parameters(rendering, object, "formParams", &form);
}

int serve_event_get_subject(const struct journal_entry *entry, struct arena *arena, int64_t now,
                            struct match_subject *ret_subject) {
    const struct journal_record *record = &entry->record;
    *ret_subject = (struct match_subject){
        .method = record->method,
        .target = record->url,
        .client_ip = record->client_ip,
        .headers = record->request.headers,
        .body = record->request.body ? record->request.body : "",
        .body_size = record->request.body_size,
        .now = now,
        .arena = arena,
    };
    return match_subject_set_place(ret_subject, record->is_tls, record->target);
}

bool serve_event_is_matched(const struct journal_entry *entry) {
    return entry->record.operation || entry->record.stub_id;
}

static void add_place(struct rendering *rendering, struct json_parent object,
                      const struct journal_record *record, const struct match_subject *subject) {
    struct json_builder *builder = rendering->builder;
    const char *absolute = record->target;
    if (*absolute == '/' || *absolute == '*') {
        bool is_v6 = strchr(subject->host, ':') && *subject->host != '[';
        char port[16] = "";
        if (subject->port != (record->is_tls ? 443 : 80))
            snprintf(port, sizeof(port), ":%d", subject->port);
        absolute =
            arena_format(&rendering->arena, "%s://%s%s%s%s%s", subject->scheme, is_v6 ? "[" : "",
                         subject->host, is_v6 ? "]" : "", port, record->target);
        builder->failed |= !absolute;
    }
    add_text(rendering, object, "url", record->url);
    add_text(rendering, object, "absoluteUrl", absolute);
    add_text(rendering, object, "method", record->method);
    json_add_text(builder, object, "scheme", subject->scheme);
    add_text(rendering, object, "host", subject->host);
    json_add_integer(builder, object, "port", subject->port);
    add_text(rendering, object, "clientIp", record->client_ip);
}

static void add_differences(struct rendering *rendering, struct json_parent object,
                            const struct match_report *report) {
    struct json_parent differences = json_add_array(rendering->builder, object, "differences");
    for (size_t i = 0; i < report->count; i++) {
        const struct match_difference *difference = &report->differences[i];
        struct json_parent item = json_add_object(rendering->builder, differences, NULL);
        json_add_text(rendering->builder, item, "part", difference->part);
        add_text(rendering, item, "name", difference->name);
        add_text(rendering, item, "expected", difference->expected);
        if (!difference->actual)
            continue; /* absent */
        const char *actual =
            arena_copy(&rendering->arena, difference->actual, difference->actual_size);
        rendering->builder->failed |= !actual;
        json_add_text(rendering->builder, item, "actual",
                      printable(rendering, actual, difference->actual_size));
    }
}

static void add_changes(struct rendering *rendering, struct json_parent object,
                        const struct journal_record *record) {
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r = buffer_append(&text, "[", 1, SIZE_MAX);
    if (r == 0 && record->changes)
        r = changes_print(record->changes, SIZE_MAX, &text);
    if (r == 0)
        r = buffer_append(&text, "]", 1, SIZE_MAX);
    rendering->builder->failed |= r < 0;
    if (r == 0)
        json_add_printed(rendering->builder, object, "changes", text.bytes);
}

static void add_faults(struct json_builder *builder, struct json_parent object, unsigned faults) {
    struct json_parent names = json_add_array(builder, object, "faults");
    for (enum profile profile = 0; profile < N_PROFILES; profile++)
        if (faults >> profile & 1)
            json_add_text(builder, names, NULL, fault_set_name(profile));
}

static void add_breaches(struct rendering *rendering, struct json_parent object,
                         const struct journal_entry *entry) {
    struct breach breaches[BREACHES_PER_ENTRY];
    size_t count = breaches_find(entry, &rendering->arena, breaches);
    if (count == 0)
        return;
    struct json_parent array = json_add_array(rendering->builder, object, "breaches");
    for (size_t i = 0; i < count; i++) {
        struct json_parent breach = json_add_object(rendering->builder, array, NULL);
        json_add_text(rendering->builder, breach, "kind", breaches[i].kind);
        json_add_text(rendering->builder, breach, "parameter", breaches[i].parameter);
    }
}

/* Adds what kestub knows of the exchange besides the request. */
static void add_circumstances(struct rendering *rendering, struct json_parent extras,
                              const struct journal_entry *entry) {
    const struct journal_record *record = &entry->record;
    struct json_builder *builder = rendering->builder;
    add_text(rendering, extras, "principal", record->principal);
    if (record->by_console)
        json_add_bool(builder, extras, "console", true);
    if (record->n_changes > 0) {
        json_add_integer(builder, extras, "changeCount", (int64_t)record->n_changes);
        add_changes(rendering, extras, record);
    }
    if (record->faults > 0)
        add_faults(builder, extras, record->faults);
    add_breaches(rendering, extras, entry);
}

/* Adds what WireMock's format has no member for. It belongs to the request, since WireMock's Java
 * client refuses an event with members that it does not know. */
static void add_extras(struct rendering *rendering, struct json_parent object,
                       const struct journal_entry *entry, const struct match_report *report) {
    const struct journal_record *record = &entry->record;
    struct json_builder *builder = rendering->builder;
    struct json_parent extras = json_add_object(builder, object, "kestub");
    if (record->operation)
        json_add_text(builder, extras, "operation", record->operation->id);
    if (record->request.body_is_cut)
        json_add_integer(builder, extras, "bodyCutFrom", (int64_t)record->request.body_received);
    if (record->response.body_is_cut)
        json_add_integer(builder, extras, "responseBodyCutFrom",
                         (int64_t)record->response.body_received);
    if (report)
        add_differences(rendering, extras, report);
    else
        add_circumstances(rendering, extras, entry);
}

void logged_request_render(struct json_builder *builder, struct json_parent object,
                           const struct journal_entry *entry, const struct match_report *report) {
    const struct journal_record *record = &entry->record;
    struct rendering rendering;
    struct match_subject subject;
    rendering_init(&rendering, builder);
    builder->failed |= serve_event_get_subject(entry, &rendering.arena, record->time, &subject) < 0;
    if (!builder->failed) {
        json_add_text(builder, object, "id", entry->id);
        add_place(&rendering, object, record, &subject);
        add_values(&rendering, object, "headers", &record->request.headers);
        add_groups(&rendering, object, &subject);
        json_add_bool(builder, object, "browserProxyRequest", false);
        json_add_integer(builder, object, "loggedDate", record->time);
        json_add_instant(builder, object, "loggedDateString", record->time);
        add_body(&rendering, object, &record->request);
        json_add_text(builder, object, "protocol", record->protocol);
        json_add_array(builder, object, "multiparts");
        add_extras(&rendering, object, entry, report);
    }
    match_subject_deinit(&subject);
    rendering_deinit(&rendering);
}

static void add_stub(struct json_builder *builder, struct json_parent object,
                     const struct journal_record *record) {
    if (!record->stub_id)
        return;
    if (record->stub_json)
        json_add_printed(builder, object, "stubMapping", record->stub_json);
    else
        json_add_text(builder, json_add_object(builder, object, "stubMapping"), "id",
                      record->stub_id);
}

static void add_response(struct rendering *rendering, struct json_parent object,
                         const struct journal_record *record) {
    struct json_builder *builder = rendering->builder;
    struct json_parent definition = json_add_object(builder, object, "responseDefinition");
    json_add_integer(builder, definition, "status", record->status);
    if (record->added_delay_ms > 0)
        json_add_integer(builder, definition, "fixedDelayMilliseconds", record->added_delay_ms);
    json_add_text(builder, definition, "fault", record->breakage);
    struct json_parent response = json_add_object(builder, object, "response");
    json_add_integer(builder, response, "status", record->status);
    add_values(rendering, response, "headers", &record->response.headers);
    add_body(rendering, response, &record->response);
    json_add_text(builder, response, "fault", record->breakage);
}

void serve_event_render(struct json_builder *builder, struct json_parent object,
                        const struct journal_entry *entry) {
    const struct journal_record *record = &entry->record;
    int64_t process_ms = record->process_us / 1000;
    struct rendering rendering;
    rendering_init(&rendering, builder);
    json_add_text(builder, object, "id", entry->id);
    logged_request_render(builder, json_add_object(builder, object, "request"), entry, NULL);
    add_stub(builder, object, record);
    add_response(&rendering, object, record);
    json_add_bool(builder, object, "wasMatched", serve_event_is_matched(entry));
    struct json_parent timing = json_add_object(builder, object, "timing");
    json_add_integer(builder, timing, "addedDelay", record->added_delay_ms);
    json_add_integer(builder, timing, "processTime", process_ms);
    json_add_integer(builder, timing, "responseSendTime", 0);
    json_add_integer(builder, timing, "serveTime", process_ms);
    json_add_integer(builder, timing, "totalTime", process_ms + record->added_delay_ms);
    json_add_array(builder, object, "subEvents");
    rendering_deinit(&rendering);
}
