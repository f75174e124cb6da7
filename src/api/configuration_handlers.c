/* Public information about the server, and the password policy. */
#include "api/answer.h"
#include "contract_input.h"
#include "iam/password_policy.h"
#include "iam/setup.h"

static void add_password_configuration(struct json_builder *builder, cJSON *parent) {
    cJSON *policy = json_add_object(builder, parent, "passwordConfiguration");
    json_add_integer(builder, policy, "passwordMinLength", PASSWORD_POLICY_LENGTH);
    json_add_bool(builder, policy, "passwordRequireSpecial", true);
    json_add_integer(builder, policy, "passwordMinDigits", 1);
    json_add_integer(builder, policy, "passwordMinLowerCase", 1);
    json_add_integer(builder, policy, "passwordMinUpperCase", 1);
    json_add_text(builder, policy, "passwordAllowedSpecialCharacters", PASSWORD_POLICY_SPECIALS);
    cJSON *reset = json_add_object(builder, policy, "passwordReset");
    json_add_text(builder, reset, "cooldown", "PT5M");
    cJSON *limit = json_add_object(builder, reset, "rateLimit");
    json_add_integer(builder, limit, "maxRequests", 10);
    json_add_text(builder, limit, "window", "PT1H");
}

static void render_setup(struct json_builder *builder, cJSON *root, const void *value) {
    json_add_bool(builder, root, "done", *(const bool *)value);
    json_add_text(builder, root, "repositoryType", "memory");
    json_add_text(builder, root, "queueType", "memory");
    json_add_text(builder, root, "storageType", "local");
    json_add_text(builder, root, "secretType", "none");
    json_add_bool(builder, root, "haveAuthNotBasic", false);
    add_password_configuration(builder, root);
}

static void render_configuration(struct json_builder *builder, cJSON *root, const void *value) {
    json_add_text(builder, root, "version", "2.0.0");
    json_add_text(builder, root, "edition", "EE");
    json_add_text(builder, root, "systemNamespace", "system");
    json_add_bool(builder, root, "isBasicAuthInitialized", *(const bool *)value);
    json_add_bool(builder, root, "mailServiceEnabled", false);
    json_add_bool(builder, root, "passwordlessEnabled", false);
    json_add_bool(builder, root, "inMaintenance", false);
    add_password_configuration(builder, root);
}

static void render_login(struct json_builder *builder, cJSON *root, const void *value) {
    json_add_bool(builder, root, "isBasicAuthInitialized", *(const bool *)value);
}

static int answer_by_setup(struct exchange *exchange, answer_render render) {
    bool is_set_up;
    int r = iam_is_set_up(exchange->iam, &is_set_up);
    return r == 0 ? answer_object(exchange, 200, render, &is_set_up) : r;
}

int handle_setup_configuration(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_by_setup(exchange, render_setup);
}

int handle_get_configuration(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_by_setup(exchange, render_configuration);
}

int handle_get_login_configuration(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_by_setup(exchange, render_login);
}

int handle_index(struct exchange *exchange, const void *input) {
    static const char auths[] = "{\"loginPassword\":true,\"mailsEnabled\":false,"
                                "\"passwordless\":false,\"oauths\":[]}";
    (void)input;
    response_set_static(&exchange->response, 200, "application/json", auths, sizeof(auths) - 1);
    return 0;
}

int handle_validate_password(struct exchange *exchange, const void *input) {
    const struct validate_password_input *in = input;
    bool weak;
    int r = answer_weak_password(exchange, NULL, in->body, &weak);
    if (r == 0 && !weak)
        response_set_empty(&exchange->response, 200);
    return r;
}
