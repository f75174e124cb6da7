#include "exchange/stubbing.h"

#include <stdio.h>
#include <string.h>

#include "exchange/body_file.h"
#include "exchange/origin.h"
#include "exchange/templating.h"
#include "util/cleanup.h"

static struct match_subject subject_of(struct exchange *exchange) {
    struct request *request = &exchange->request;
    return (struct match_subject){
        .method = request->method_name,
        .target = request_url(request),
        .client_ip = request->client_ip,
        .headers = request->headers,
        .body = request->body.bytes,
        .body_size = request->body.size,
        .now = clock_now(&exchange->sandbox->clock),
        .arena = &request->arena,
    };
}

static int answer(struct exchange *exchange, const struct stub *stub, struct match_subject *subject,
                  uint64_t seed) {
    if (templating_is_needed(stub))
        return templating_answer(exchange, stub, subject, seed);
    if (stub->body_file)
        return body_file_answer(exchange, (int)stub->status, stub->body_file, &stub->headers);
    response_set_static(&exchange->response, (int)stub->status, NULL, stub->body, stub->body_size);
    response_borrow_headers(&exchange->response, &stub->headers);
    return EXCHANGE_ANSWERED;
}

static int answer_subject(struct exchange *exchange, struct match_subject *subject) {
    struct stubs_use use = {0};
    int r = match_subject_set_place(subject, exchange->request.is_tls, exchange->request.target);
    if (r == 0)
        r = stubs_match(exchange->sandbox->stubs, subject, origin_is_foreign(exchange), &use);
    if (r == STUBS_FORBIDDEN)
        return exchange_fail(exchange, ERROR_FORBIDDEN,
                             "a web page of another site may not use this stub, unless its "
                             "response has the header Access-Control-Allow-Origin");
    if (r != 0)
        return r == STUBS_NOT_FOUND ? 0 : r;
    const struct stub *stub = use.stub;
    exchange->stub = use.stub;
    exchange->response.delivery = (struct response_delivery){
        .delay_ms = use.delay_ms,
        .breakage = stub->breakage,
        .dribble_chunks = (int)stub->dribble_chunks,
        .dribble_ms = stub->dribble_ms,
    };
    if (stub->passes_on)
        return 0;
    exchange_note_operation(exchange);
    return answer(exchange, stub, subject, use.seed);
}

int stubbing_answer(struct exchange *exchange) {
    struct match_subject subject = subject_of(exchange);
    int r = answer_subject(exchange, &subject);
    match_subject_deinit(&subject);
    return r;
}

/* Why a stub did not answer a request that matches. */
static const char *withheld_by(const struct stub *stub) {
    return stub->required_state ? "scenario" : stub->probability < 1 ? "probability" : "times";
}

static void describe(const struct stub *stub, const struct match_report *report,
                     struct stubbing_miss *ret_miss) {
    const struct match_difference *first = report->count > 0 ? report->differences : NULL;
    strcpy(ret_miss->stub_id, stub->id);
    ret_miss->part = first ? first->part : withheld_by(stub);
    snprintf(ret_miss->name, sizeof(ret_miss->name), "%s", first && first->name ? first->name : "");
}

/* Among equals the first stays. */
static bool find_closest(const struct stub_list *stubs, struct match_subject *subject,
                         struct stubbing_miss *ret_miss) {
    enum { MAX_STUBS = 200, MAX_WORK = 200000 };
    double least = 2;
    for (size_t i = 0; i < stubs->count && i < MAX_STUBS && subject->work <= MAX_WORK; i++) {
        const struct stub *stub = stubs->stubs[i];
        struct match_report report = {0};
        if (stub->pattern && pattern_compare(stub->pattern, subject, &report) < 0)
            return false;
        if (report.distance >= least)
            continue;
        least = report.distance;
        describe(stub, &report, ret_miss);
    }
    return least <= 1;
}

bool stubbing_explain(struct exchange *exchange, struct stubbing_miss *ret_miss) {
    if (!exchange->sandbox || exchange->request.is_admin || exchange->stub ||
        exchange->routing.operation || exchange->response.status != 404)
        return false;
    CLEANUP(stub_list_deinit) struct stub_list stubs = {0};
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct match_subject subject = subject_of(exchange);
    subject.arena = &arena;
    bool found = match_subject_set_place(&subject, exchange->request.is_tls,
                                         exchange->request.target) == 0 &&
                 stubs_list(exchange->sandbox->stubs, &stubs) == 0 &&
                 find_closest(&stubs, &subject, ret_miss);
    match_subject_deinit(&subject);
    return found;
}
