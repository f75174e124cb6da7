/* Public information about the server, and the password policy. */
#include "api/answer.h"
#include "contract_input.h"
#include "iam/password_policy.h"
#include "iam/setup.h"

struct configuration {
    const struct version *version;
    bool is_set_up;
};

static void add_limits(struct json_builder *builder, struct json_parent policy, const char *name) {
    struct json_parent limits = json_add_object(builder, policy, name);
    json_add_text(builder, limits, "cooldown", "PT5M");
    struct json_parent rate = json_add_object(builder, limits, "rateLimit");
    json_add_integer(builder, rate, "maxRequests", 10);
    json_add_text(builder, rate, "window", "PT1H");
}

static void add_password_configuration(struct json_builder *builder, struct json_parent parent,
                                       const struct version *version) {
    struct json_parent policy = json_add_object(builder, parent, "passwordConfiguration");
    json_add_integer(builder, policy, "passwordMinLength", PASSWORD_POLICY_LENGTH);
    json_add_bool(builder, policy, "passwordRequireSpecial", true);
    json_add_integer(builder, policy, "passwordMinDigits", 1);
    json_add_integer(builder, policy, "passwordMinLowerCase", 1);
    json_add_integer(builder, policy, "passwordMinUpperCase", 1);
    json_add_text(builder, policy, "passwordAllowedSpecialCharacters", version->password_specials);
    add_limits(builder, policy, "passwordReset");
    if (version->limits_password_checks)
        add_limits(builder, policy, "passwordValidate");
}

static void render_setup(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct configuration *configuration = value;
    json_add_bool(builder, root, "done", configuration->is_set_up);
    json_add_text(builder, root, "repositoryType", "memory");
    json_add_text(builder, root, "queueType", "memory");
    json_add_text(builder, root, "storageType", "local");
    json_add_text(builder, root, "secretType", "none");
    json_add_bool(builder, root, "haveAuthNotBasic", false);
    add_password_configuration(builder, root, configuration->version);
}

static void render_configuration(struct json_builder *builder, struct json_parent root,
                                 const void *value) {
    const struct configuration *configuration = value;
    const struct version *version = configuration->version;
    json_add_text(builder, root, "version", version->announces);
    json_add_text(builder, root, "edition", "EE");
    json_add_text(builder, root, "systemNamespace", "system");
    json_add_bool(builder, root, "isBasicAuthInitialized", configuration->is_set_up);
    json_add_bool(builder, root, "mailServiceEnabled", false);
    json_add_bool(builder, root, "passwordlessEnabled", false);
    json_add_bool(builder, root, "inMaintenance", false);
    if (version->shows_plugin_install)
        json_add_bool(builder, root, "isPluginAutoInstallEnabled", false);
    if (version->shows_concurrency_view)
        json_add_bool(builder, root, "isConcurrencyViewEnabled", false);
    add_password_configuration(builder, root, version);
}

static void render_login(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct configuration *configuration = value;
    json_add_bool(builder, root, "isBasicAuthInitialized", configuration->is_set_up);
}

static int answer_by_setup(struct exchange *exchange, answer_render render) {
    struct configuration configuration = {.version = exchange_version(exchange)};
    int r = iam_is_set_up(exchange->iam, &configuration.is_set_up);
    return r == 0 ? answer_object(exchange, 200, render, &configuration) : r;
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
