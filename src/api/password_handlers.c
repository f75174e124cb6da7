/* Forgotten passwords. */
#include "api/answer.h"
#include "contract_input.h"
#include "iam/password_resets.h"

static int forget(struct exchange *exchange, const char *username) {
    int r = iam_forget_password(exchange->iam, username, clock_now(&exchange->sandbox->clock),
                                &exchange->request.arena);
    return r == 0 ? answer_empty_object(exchange) : r;
}

int handle_forgotten_password(struct exchange *exchange, const void *input) {
    return forget(exchange, ((const struct forgotten_password_input *)input)->body.username);
}

int handle_forgotten_password_1(struct exchange *exchange, const void *input) {
    return forget(exchange, ((const struct forgotten_password_1_input *)input)->query.username);
}

int handle_request_code(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_empty_object(exchange);
}

int handle_reset_password(struct exchange *exchange, const void *input) {
    const struct reset_password_input *in = input;
    bool weak = false;
    int r = answer_weak_password(exchange, "password", in->body.password, &weak);
    if (r < 0 || weak)
        return r;
    r = iam_reset_password(exchange->iam, in->body.token, in->body.password,
                           clock_now(&exchange->sandbox->clock), &exchange->request.arena);
    return r == 0 ? answer_empty_object(exchange) : answer_refusal(exchange, r, "");
}
