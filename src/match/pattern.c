#include "match/pattern.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "json/json_print.h"
#include "match/pattern_parts.h"
#include "util/edit_distance.h"
#include "util/fatal.h"

/* The weights of the parts, similar to WireMock's. The others are scheme, host, port, client IP,
 * credentials, headers, query, form and path parameters, cookies and body. */
enum { URL_WEIGHT = 10, METHOD_WEIGHT = 3, OTHER_WEIGHT = 1, ALL_WEIGHTS = 10 + 3 + 11 };

struct evaluation {
    const struct pattern *pattern;
    struct matching matching;
    struct match_report *report; /* NULL: stop at the first difference */
};

/* Adds a difference to the report and the weighted distance. Returns PATTERN_DIFFERS. */
static int differ(struct evaluation *e, double weight, double distance,
                  struct match_difference difference) {
    if (e->report) {
        e->report->distance += distance * weight / ALL_WEIGHTS;
        e->report->differences[e->report->count++] = difference;
    }
    return PATTERN_DIFFERS;
}

/* Returns NULL when memory is out. */
static const char *print(struct evaluation *e, const cJSON *json) {
    char *printed = json_print(json);
    const char *text =
        printed ? arena_copy(e->matching.subject->arena, printed, strlen(printed)) : NULL;
    cJSON_free(printed);
    return text;
}

static int check_method(struct evaluation *e) {
    const struct pattern *pattern = e->pattern;
    const char *method = e->matching.subject->method;
    bool found = false;
    for (size_t i = 0; i < pattern->n_methods && method; i++)
        found |= strcasecmp(pattern->methods[i], method) == 0;
    if (!pattern->methods || pattern->takes_any_method || found != pattern->excludes_methods)
        return 0;
    struct match_difference difference = {.part = "method", .actual = method};
    difference.actual_size = method ? strlen(method) : 0;
    if (e->report) {
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(pattern->tree, "method");
        difference.expected = cJSON_IsString(json) ? json->valuestring : print(e, json);
        if (!difference.expected)
            return FATAL(ENOMEM);
    }
    return differ(e, METHOD_WEIGHT, 1, difference);
}

static int check_url(struct evaluation *e) {
    const struct pattern *pattern = e->pattern;
    const char *target = e->matching.subject->target;
    const char *values[URL_TEMPLATE_MAX_VARIABLES];
    struct match_value value = {.text = target ? target : ""};
    double distance = 1;
    int r = 1;
    bool whole = pattern->url_kind == URL_EQUAL || pattern->url_kind == URL_REGEX;
    value.size = strcspn(value.text, whole ? "#" : "?#");
    switch (pattern->url_kind) {
    case URL_ANY:
        return 0;
    case URL_EQUAL:
    case URL_PATH_EQUAL:
        r = value.size == strlen(pattern->url) && memcmp(value.text, pattern->url, value.size) == 0
                ? 0
                : 1;
        if (r > 0 && e->report)
            distance = edit_distance(pattern->url, strlen(pattern->url), value.text, value.size);
        break;
    case URL_REGEX:
    case URL_PATH_REGEX:
        r = regex_match(pattern->url_regex, value.text, value.size, &e->matching.budget);
        break;
    case URL_PATH_TEMPLATE:
        r = url_template_match(pattern->url_template, value.text, value.size, &e->matching.arena,
                               values);
        break;
    }
    return r <= 0 ? r
                  : differ(e, URL_WEIGHT, distance,
                           (struct match_difference){.part = "url",
                                                     .expected = pattern->url,
                                                     .actual = target,
                                                     .actual_size = target ? value.size : 0});
}

/* Reports that a field does not match, with the nearest of its values. */
static int report_field(struct evaluation *e, const char *part, double weight,
                        const struct pattern_field *field, const struct match_value *values,
                        size_t count) {
    struct match_difference difference = {.part = part, .name = field->name};
    double distance = 1;
    if (!e->report)
        return PATTERN_DIFFERS;
    difference.expected = print(e, field->json);
    if (!difference.expected)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < count; i++) {
        double other = field->matcher.mode == MATCH_ANY
                           ? matcher_distance(field->matcher.items[0], &values[i])
                           : 1;
        if (i > 0 && other >= distance)
            continue;
        distance = other;
        difference.actual = values[i].text;
        difference.actual_size = values[i].size;
    }
    return differ(e, weight, distance, difference);
}

static bool has_name(bool ignores_case, const char *name, const char *wanted) {
    return (ignores_case ? strcasecmp(name, wanted) : strcmp(name, wanted)) == 0;
}

static int find_values(const struct pattern_field *field, struct matching *matching,
                       const struct name_value_list *list, bool ignores_case,
                       struct match_value **ret_values, size_t *ret_count) {
    size_t count = 0;
    for (size_t i = 0; i < list->count && budget_spend(&matching->budget, 1); i++)
        count += has_name(ignores_case, list->items[i].name, field->name);
    struct match_value *values = arena_alloc(&matching->arena, count * sizeof(*values));
    if (!values)
        return FATAL(ENOMEM);
    struct match_value *next = values;
    for (size_t i = 0; next < values + count; i++) {
        const struct name_value *found = &list->items[i];
        if (has_name(ignores_case, found->name, field->name))
            *next++ = (struct match_value){.text = found->value, .size = strlen(found->value)};
    }
    *ret_values = values;
    *ret_count = count;
    return 0;
}

int pattern_field_match(const struct pattern_field *field, struct matching *matching,
                        const struct name_value_list *list, bool ignores_case,
                        struct match_value **ret_values, size_t *ret_count) {
    int r = find_values(field, matching, list, ignores_case, ret_values, ret_count);
    return r == 0 ? values_matcher_match(&field->matcher, matching, *ret_values, *ret_count) : r;
}

/* WireMock's cookies differ from its other fields: nothing but "absent" matches one that is not
 * there. */
static int check_field(struct evaluation *e, enum match_group group, double weight,
                       const struct pattern_field *field) {
    static const char *const parts[] = {
        [MATCH_HEADERS] = "header",
        [MATCH_QUERY] = "query parameter",
        [MATCH_COOKIES] = "cookie",
        [MATCH_FORM] = "form parameter",
    };
    struct match_subject *subject = e->matching.subject;
    struct name_value_list fields = {0};
    struct match_value *values = NULL;
    size_t count = 0;
    int r = match_subject_fields(subject, group, &fields);
    if (r == 0)
        r = pattern_field_match(field, &e->matching, &fields, group == MATCH_HEADERS, &values,
                                &count);
    if (r >= 0 && group == MATCH_COOKIES && count == 0)
        r = matcher_wants_absence(field->matcher.items[0]) ? 0 : 1;
    return r <= 0 ? r : report_field(e, parts[group], weight, field, values, count);
}

static int check_groups(struct evaluation *e) {
    int result = 0;
    for (int group = 0; group < MATCH_N_GROUPS; group++) {
        const struct pattern_fields *fields = &e->pattern->groups[group];
        for (size_t i = 0; i < fields->count; i++) {
            int r = check_field(e, (enum match_group)group, OTHER_WEIGHT / (double)fields->count,
                                &fields->items[i]);
            if (r < 0 || (r > 0 && !e->report))
                return r;
            result |= r;
        }
    }
    return result;
}

static int check_path_parameters(struct evaluation *e) {
    const struct pattern_fields *fields = &e->pattern->path_parameters;
    const char *target = e->matching.subject->target;
    const char *names[URL_TEMPLATE_MAX_VARIABLES] = {NULL};
    int result = 0;
    if (fields->count == 0)
        return 0;
    int matched =
        target
            ? url_template_match(e->pattern->url_template, target, strcspn(target, "?#"),
                                 e->report ? e->matching.subject->arena : &e->matching.arena, names)
            : 1;
    if (matched < 0)
        return matched;
    for (size_t i = 0; i < fields->count; i++) {
        const struct pattern_field *field = &fields->items[i];
        struct match_value value = {0};
        if (matched == 0) {
            value.text = names[url_template_find(e->pattern->url_template, field->name)];
            value.size = strlen(value.text);
        }
        int r = values_matcher_match(&field->matcher, &e->matching, &value, matched == 0);
        if (r > 0)
            r = report_field(e, "path parameter", OTHER_WEIGHT / (double)fields->count, field,
                             &value, matched == 0);
        if (r < 0 || (r > 0 && !e->report))
            return r;
        result |= r;
    }
    return result;
}

/* Checks a part that has one value, or none (a NULL text). */
static int check_value(struct evaluation *e, const char *part, double weight,
                       const struct pattern_value *wanted, struct match_value *value) {
    struct match_value *present = value->text ? value : NULL;
    if (!wanted->json)
        return 0;
    int r = matcher_match(wanted->matcher, &e->matching, present);
    if (r <= 0 || !e->report)
        return r;
    struct match_difference difference = {
        .part = part,
        .expected = print(e, wanted->json),
        .actual = value->text,
        .actual_size = value->size,
    };
    return difference.expected
               ? differ(e, weight, matcher_distance(wanted->matcher, present), difference)
               : FATAL(ENOMEM);
}

static struct match_value value_of(const char *text) {
    return (struct match_value){.text = text, .size = text ? strlen(text) : 0};
}

static int check_host(struct evaluation *e) {
    struct match_value value = value_of(e->matching.subject->host);
    return check_value(e, "host", OTHER_WEIGHT, &e->pattern->host, &value);
}

static int check_client_ip(struct evaluation *e) {
    struct match_value value = value_of(e->matching.subject->client_ip);
    return check_value(e, "client IP", OTHER_WEIGHT, &e->pattern->client_ip, &value);
}

static int check_scheme(struct evaluation *e) {
    const char *scheme = e->matching.subject->scheme;
    if (!e->pattern->scheme || (scheme && strcasecmp(scheme, e->pattern->scheme) == 0))
        return 0;
    return differ(e, OTHER_WEIGHT, 1,
                  (struct match_difference){.part = "scheme",
                                            .expected = e->pattern->scheme,
                                            .actual = scheme,
                                            .actual_size = scheme ? strlen(scheme) : 0});
}

static int check_port(struct evaluation *e) {
    struct arena *arena = e->matching.subject->arena;
    struct match_difference difference = {.part = "port"};
    if (e->pattern->port == 0 || e->pattern->port == e->matching.subject->port)
        return 0;
    if (e->report) {
        difference.expected = arena_format(arena, "%" PRId64, e->pattern->port);
        difference.actual = arena_format(arena, "%d", e->matching.subject->port);
        if (!difference.expected || !difference.actual)
            return FATAL(ENOMEM);
        difference.actual_size = strlen(difference.actual);
    }
    return differ(e, OTHER_WEIGHT, 1, difference);
}

static int check_credentials(struct evaluation *e) {
    const struct name_value_list *headers = &e->matching.subject->headers;
    struct match_difference difference = {.part = "header", .name = "Authorization"};
    const char *wanted = e->pattern->authorization;
    if (!wanted)
        return 0;
    for (size_t i = 0; i < headers->count; i++) {
        const char *value = headers->items[i].value;
        if (strcasecmp(headers->items[i].name, "Authorization") != 0)
            continue;
        difference.actual = value;
        difference.actual_size = strlen(value);
        if (strncasecmp(value, "Basic ", 6) == 0 &&
            strcmp(value + 6 + strspn(value + 6, " "), wanted) == 0)
            return 0;
    }
    if (e->report) {
        difference.expected = arena_format(e->matching.subject->arena, "Basic %s", wanted);
        if (!difference.expected)
            return FATAL(ENOMEM);
    }
    return differ(e, OTHER_WEIGHT, 1, difference);
}

/* The parts of a multipart body share the weight of the body. */
static double body_weight(const struct pattern *pattern) {
    return OTHER_WEIGHT / (double)(pattern->n_body + pattern->n_parts);
}

static int check_multipart(struct evaluation *e) {
    const struct pattern *pattern = e->pattern;
    int result = 0;
    for (size_t i = 0; i < pattern->n_parts; i++) {
        const struct pattern_part *part = &pattern->parts[i];
        int r = part_matcher_match(part, &e->matching);
        if (r > 0 && e->report) {
            struct match_difference difference = {
                .part = "multipart", .name = part->name, .expected = print(e, part->json)};
            r = difference.expected ? differ(e, body_weight(pattern), 1, difference)
                                    : FATAL(ENOMEM);
        }
        if (r < 0 || (r > 0 && !e->report))
            return r;
        result |= r;
    }
    return result;
}

static int check_body(struct evaluation *e) {
    const struct pattern *pattern = e->pattern;
    struct match_subject *subject = e->matching.subject;
    struct match_value *body = &subject->body_value;
    int result = 0;
    if (!body->text && subject->body_size > 0) {
        body->text = subject->body;
        body->size = subject->body_size;
    }
    for (size_t i = 0; i < pattern->n_body; i++) {
        int r = check_value(e, "body", body_weight(pattern), &pattern->body[i], body);
        if (r < 0 || (r > 0 && !e->report))
            return r;
        result |= r;
    }
    return result;
}

/* The cheapest checks come first. */
static int (*const checks[])(struct evaluation *) = {
    check_method, check_url,       check_scheme,      check_host,
    check_port,   check_client_ip, check_credentials, check_path_parameters,
    check_groups, check_body,      check_multipart,
};

/* One difference for each part that has one value, and one for the work. */
enum { SINGLE_DIFFERENCES = 8 };

static int run_checks(struct evaluation *e) {
    int result = 0;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        int r = checks[i](e);
        if (r < 0 || (r > 0 && !e->report))
            return r;
        result |= r;
    }
    if (e->matching.budget.exhausted)
        return differ(
            e, 0, 1,
            (struct match_difference){.part = "work", .expected = "no more than the limit"});
    return result;
}

static int evaluate(const struct pattern *pattern, struct match_subject *subject,
                    struct match_report *report) {
    struct evaluation evaluation;
    evaluation.pattern = pattern;
    evaluation.report = report;
    matching_init(&evaluation.matching, subject);
    int r = run_checks(&evaluation);
    matching_deinit(&evaluation.matching);
    return r;
}

int pattern_match(const struct pattern *pattern, struct match_subject *subject) {
    return evaluate(pattern, subject, NULL);
}

int pattern_compare(const struct pattern *pattern, struct match_subject *subject,
                    struct match_report *ret_report) {
    struct match_report report = {0};
    size_t room =
        SINGLE_DIFFERENCES + pattern->n_body + pattern->n_parts + pattern->path_parameters.count;
    for (int group = 0; group < MATCH_N_GROUPS; group++)
        room += pattern->groups[group].count;
    report.differences = arena_alloc(subject->arena, room * sizeof(*report.differences));
    if (!report.differences)
        return FATAL(ENOMEM);
    int r = evaluate(pattern, subject, &report);
    if (r < 0)
        return r;
    if (report.count > 0 && report.distance <= 0)
        report.distance = 1; /* only the work limit was exceeded */
    *ret_report = report;
    return 0;
}

/* A regular expression begins with what it takes literally, unless it offers alternatives. A
 * quantifier may also mean none of the character before it. */
static struct pattern_path regex_path(const char *regex) {
    const char *text = regex + (regex[0] == '^');
    size_t length = strchr(regex, '|') ? 0 : strcspn(text, ".[]{}()*+?^$\\");
    if (length > 0 && text[length] && strchr("*?{", text[length]))
        length--;
    return (struct pattern_path){.text = text, .length = length};
}

struct pattern_path pattern_path(const struct pattern *pattern) {
    const char *url = pattern->url;
    switch (pattern->url_kind) {
    case URL_ANY:
        break;
    case URL_EQUAL:
    case URL_PATH_EQUAL:
        return (struct pattern_path){url, strcspn(url, "?"), true};
    case URL_REGEX:
    case URL_PATH_REGEX:
        return regex_path(url);
    case URL_PATH_TEMPLATE:
        return (struct pattern_path){.text = url, .length = strcspn(url, "{*")};
    }
    return (struct pattern_path){.text = ""};
}

const struct url_template *pattern_url_template(const struct pattern *pattern) {
    return pattern->url_template;
}
