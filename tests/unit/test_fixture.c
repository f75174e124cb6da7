#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "refusal.h"
#include "sandbox/fixture.h"
#include "sandbox/fixture_file.h"
#include "sandbox/sandbox.h"
#include "store/user.h"
#include "suite.h"
#include "util/cleanup.h"

static struct sandbox sandbox;

static void setup(void) {
    char error[STORE_ERROR_SIZE];
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(sandbox_init(&sandbox, NULL, version_find("2.0"), error), 0);
}

static void teardown(void) {
    sandbox_deinit(&sandbox);
}

static int load(const char *text, struct fixture_summary *ret_summary, char *error) {
    return fixture_load(&sandbox.iam, text, strlen(text), 0, ret_summary, error);
}

#define TENANT "\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"}]}]"
#define COSTLY(memory, passes)                                                                     \
    "$argon2id$v=19$m=" memory ",t=" passes                                                        \
    ",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define USER(members) "{" TENANT ",\"users\":[{\"email\":\"a@b.c\"," members "}]}"
#define ROLE(members)                                                                              \
    "{\"tenants\":[{\"id\":\"t\",\"roles\":[{\"id\":\"r\",\"name\":\"r\"," members "}]}]}"
#define FLOW "\"permissions\":{\"FLOW\":[\"CREATE\"]}"
#define BINDINGS(list)                                                                             \
    "{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"}],\"bindings\":[" list   \
    "]}],"                                                                                         \
    "\"users\":[{\"id\":\"u\",\"email\":\"a@b.c\"}],"                                              \
    "\"serviceAccounts\":[{\"id\":\"s\",\"name\":\"n\"}]}"
#define BINDING(subject) "{\"id\":\"b\",\"role\":\"admin_t\"" subject "}"
#define TENANTS(members)                                                                           \
    "{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"}],\"roles\":[{\"id\":"   \
    "\"r\",\"name\":\"r\"," FLOW "}]," members "}],"                                               \
    "\"users\":[{\"id\":\"u\",\"email\":\"a@b.c\"}],"                                              \
    "\"serviceAccounts\":[{\"id\":\"s\",\"name\":\"n\"}]}"
#define INVITATIONS(list) TENANTS("\"invitations\":[" list "]")
#define INVITATION(members) INVITATIONS("{\"id\":\"i\",\"email\":\"x@y.z\"" members "}")
#define INTEGRATIONS(list) TENANTS("\"securityIntegrations\":[" list "]")
#define INTEGRATION(members) INTEGRATIONS("{\"id\":\"i\",\"name\":\"n\"" members "}")
#define GROUP(members)                                                                             \
    "{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"," members "}]}]}"
#define TOKEN "\"name\":\"n\",\"token\":\"0123456789abcdef\""

#define SALT "AAAAAAAAAAAAAAAAAAAAAA=="
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define HASHED(prefix, salt, hash)                                                                 \
    "\"name\":\"n\",\"prefix\":\"" prefix "\",\"salt\":\"" salt "\",\"hash\":\"" hash "\""

static const struct {
    const char *text;
    const char *error;
} mistakes[] = {
    {"", "line 1, column 1: unexpected end"},
    {"{\n\"tenants\": [}", "line 2, column 13: unexpected character"},
    {"[]", "$: must be an object"},
    {"{\"tenant\":[]}", "$.tenant: unknown; did you mean tenants?"},
    {"{\"tenants\":{}}", "$.tenants: must be an array"},
    {"{\"tenants\":[{}]}", "$.tenants[0].id: is required"},
    {"{\"tenants\":[{\"id\":\" \"}]}", "$.tenants[0].id: must not be blank"},
    {"{\"tenants\":[{\"id\":\"t\",\"title\":\"T\"}]}", "$.tenants[0].title: is not known"},
    {"{\"tenants\":[{\"id\":\"t\"},{\"id\":\"t\"}]}",
     "$.tenants[1]: 't' is the id of another tenant"},
    {"{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"a\",\"name\":\"n\"},{\"id\":\"b\",\"name\":"
     "\"n\"}]}]}",
     "$.tenants[0].groups[1]: 'b' has an id or name that another group of the tenant has"},
    {"{\"users\":[{}]}", "$.users[0].email: is required"},
    {"{\"users\":[{\"email\":\"a\",\"superAdmin\":\"yes\"}]}",
     "$.users[0].superAdmin: must be true or false"},
    {"{\"users\":[{\"email\":\"a@b.c\"},{\"email\":\"A@B.C\"}]}",
     "$.users[1]: 'A@B.C' has an id, e-mail or username that another user has"},
    {USER("\"password\":\"\""), "$.users[0].password: must not be empty"},
    {USER("\"passwordHash\":\"plain\""),
     "$.users[0]: 'a@b.c' has a passwordHash that is not an Argon2id string"},
    {USER("\"passwordHash\":\"" COSTLY("65537", "1") "\""),
     "$.users[0]: 'a@b.c' has a passwordHash above 64 MiB or 16 passes"},
    {USER("\"passwordHash\":\"" COSTLY("8", "17") "\""),
     "$.users[0]: 'a@b.c' has a passwordHash above 64 MiB or 16 passes"},
    {USER("\"passwordHash\":\"" COSTLY("4194304", "1") "\""),
     "$.users[0]: 'a@b.c' has a passwordHash above 64 MiB or 16 passes"},
    {USER("\"password\":\"x\",\"passwordHash\":\"y\""),
     "$.users[0]: 'a@b.c' has both password and passwordHash"},
    {USER("\"tenants\":[\"t\",\"u\"]"),
     "$.users[0].tenants[1]: 'u' is not a tenant of this fixture"},
    {USER("\"groups\":[{\"tenant\":\"t\"}]"), "$.users[0].groups[0].id: is required"},
    {USER("\"groups\":[{\"tenant\":\"u\",\"id\":\"g\"}]"),
     "$.users[0].groups[0]: 'u' is not a tenant of this fixture"},
    {USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"h\"}]"),
     "$.users[0].groups[0]: 'h' is not a group of the tenant"},
    {USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"g\"},{\"tenant\":\"t\",\"id\":\"g\"}]"),
     "$.users[0].groups[1]: 'g' is listed twice"},
    {USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"g\",\"membership\":\"BOSS\"}]"),
     "$.users[0].groups[0].membership: must be one of: MEMBER, OWNER"},
    {USER("\"tokens\":[{\"name\":\"n\",\"token\":\"short\"}]"),
     "$.users[0].tokens[0].token: must have at least 16 characters"},
    {USER("\"tokens\":[{\"name\":\"n\",\"token\":\"0123456789 abcdef\"}]"),
     "$.users[0].tokens[0]: 'n' has a token that no Authorization header can carry"},
    {USER("\"tokens\":[{" TOKEN ",\"expiresAt\":\"tomorrow\"}]"),
     "$.users[0].tokens[0].expiresAt: must be an RFC 3339 date-time with offset"},
    {USER("\"tokens\":[{" TOKEN "},{" TOKEN "}]"),
     "$.users[0].tokens[1]: 'n' has the same token as another"},
    {USER("\"tokens\":[{\"name\":\"n\"}]"),
     "$.users[0].tokens[0]: 'n' needs either a token, or prefix, salt and hash"},
    {USER("\"tokens\":[{" TOKEN ",\"prefix\":\"012345\"}]"),
     "$.users[0].tokens[0]: 'n' needs either a token, or prefix, salt and hash"},
    {USER("\"tokens\":[{" HASHED("012345", SALT, "AAAA") "}]"),
     "$.users[0].tokens[0]: 'n' has a prefix, salt or hash of the wrong form"},
    {USER("\"tokens\":[{" HASHED("012345", "AAAA", HASH) "}]"),
     "$.users[0].tokens[0]: 'n' has a prefix, salt or hash of the wrong form"},
    {USER("\"tokens\":[{" HASHED("01234 ", SALT, HASH) "}]"),
     "$.users[0].tokens[0]: 'n' has a prefix, salt or hash of the wrong form"},
    {USER("\"tokens\":[{" HASHED("0123456", SALT, HASH) "}]"),
     "$.users[0].tokens[0]: 'n' has a prefix, salt or hash of the wrong form"},
    {USER("\"tokens\":[{" HASHED("012345", SALT, HASH) "},{" HASHED("012345", SALT, HASH) "}]"),
     "$.users[0].tokens[1]: 'n' has the same token as another"},
    {USER("\"otherTenants\":[\"u\"]"),
     "$.users[0].otherTenants[0]: 'u' is not a tenant of this fixture"},
    {"{\"tenants\":[{\"id\":\"t\",\"details\":[]}]}", "$.tenants[0].details: must be an object"},
    {USER("\"username\":\"a:b\",\"password\":\"x\""),
     "$.users[0]: 'a:b' has a colon, which Basic credentials cannot carry"},
    {USER("\"tokens\":[{\"id\":\"i\"," TOKEN
          "},{\"id\":\"i\",\"name\":\"n\",\"token\":\"fedcba9876543210\"}]"),
     "$.users[0].tokens[1]: 'i' is the id of another token"},
    {ROLE("\"x\":1," FLOW), "$.tenants[0].roles[0].x: is not known"},
    {ROLE("\"description\":\"d\""), "$.tenants[0].roles[0].permissions: is required"},
    {ROLE("\"permissions\":{}"),
     "$.tenants[0].roles[0].permissions: A role must have at least one permission"},
    {ROLE("\"permissions\":{\"NOPE\":[\"READ\"]}"),
     "$.tenants[0].roles[0].permissions.NOPE: The role contains unknown or non-assignable "
     "permission "
     "types."},
    {ROLE("\"permissions\":{\"FLOW\":[\"FLY\"]}"),
     "$.tenants[0].roles[0].permissions.FLOW[0]: is not an action"},
    /* No version knows both. */
    {ROLE("\"permissions\":{\"GROUP_MEMBERSHIP\":[\"READ\"],\"FLOW\":[\"LIST\"]}"),
     "$.tenants[0].roles[0].permissions.GROUP_MEMBERSHIP: The role contains unknown or "
     "non-assignable permission types."},
    {ROLE(FLOW "},{\"id\":\"r\",\"name\":\"s\"," FLOW),
     "$.tenants[0].roles[1]: 'r' is the id of another role of the tenant"},
    {ROLE(FLOW "},{\"id\":\"admin_t\",\"name\":\"s\"," FLOW),
     "$.tenants[0].roles[1]: 'admin_t' is the id of another role of the tenant"},
    {ROLE("\"isDefault\":true," FLOW "},{\"name\":\"s\",\"isDefault\":true," FLOW),
     "$.tenants[0].roles[1]: 's' is another default role of the tenant"},
    {BINDINGS("{\"id\":\"b\",\"role\":\"r\",\"user\":\"u\"}"),
     "$.tenants[0].bindings[0]: 'r' is not a role of the tenant"},
    {BINDINGS("{\"user\":\"u\"}"), "$.tenants[0].bindings[0].role: is required"},
    {BINDINGS(BINDING("")),
     "$.tenants[0].bindings[0]: 'b' needs one of user, group and serviceAccount"},
    {BINDINGS(BINDING(",\"user\":\"u\",\"group\":\"g\"")),
     "$.tenants[0].bindings[0]: 'b' needs one of user, group and serviceAccount"},
    {BINDINGS(BINDING(",\"user\":\"s\"")),
     "$.tenants[0].bindings[0]: 's' is not a user of this fixture"},
    {BINDINGS(BINDING(",\"serviceAccount\":\"u\"")),
     "$.tenants[0].bindings[0]: 'u' is not a service account of this fixture"},
    {BINDINGS(BINDING(",\"group\":\"u\"")),
     "$.tenants[0].bindings[0]: 'u' is not a group of the tenant"},
    {BINDINGS(BINDING(",\"user\":\"u\"") "," BINDING(",\"group\":\"g\"")),
     "$.tenants[0].bindings[1]: 'b' has the id of another binding, or is identical to it"},
    {BINDINGS("{\"role\":\"admin_t\",\"user\":\"u\"},"
              "{\"id\":\"c\",\"role\":\"admin_t\",\"user\":\"u\"}"),
     "$.tenants[0].bindings[1]: 'c' has the id of another binding, or is identical to it"},
    {INVITATIONS("{}"), "$.tenants[0].invitations[0].email: is required"},
    {INVITATION(",\"mail\":\"m\""),
     "$.tenants[0].invitations[0].mail: unknown; did you mean email?"},
    {INVITATION(",\"roles\":[\"r\"]"), "$.tenants[0].invitations[0].roles[0]: must be an object"},
    {INVITATION(",\"roles\":[{\"id\":\"r\",\"namespaces\":[7]}]"),
     "$.tenants[0].invitations[0].roles[0].namespaces[0]: must be a string"},
    {INVITATION(",\"roles\":[{\"id\":\"r\"},{\"id\":\"q\"}]"),
     "$.tenants[0].invitations[0].roles[1]: 'q' is not a role of the tenant"},
    {INVITATION(",\"groups\":[\"g\",\"h\"]"),
     "$.tenants[0].invitations[0].groups[1]: 'h' is not a group of the tenant"},
    {INVITATION(",\"expiredAt\":\"tomorrow\""),
     "$.tenants[0].invitations[0].expiredAt: must be an RFC 3339 date-time with offset"},
    {INVITATION("},{\"id\":\"i\",\"email\":\"x@y.z\""),
     "$.tenants[0].invitations[1]: 'i' is the id of another invitation"},
    {"{\"tenants\":[{\"id\":\"t\",\"invitations\":[{\"id\":\"i\",\"email\":\"e\"}]},"
     "{\"id\":\"u\",\"invitations\":[{\"id\":\"i\",\"email\":\"e\"}]}]}",
     "$.tenants[1].invitations[0]: 'i' is the id of another invitation"},
    {INTEGRATIONS("{}"), "$.tenants[0].securityIntegrations[0].name: is required"},
    {INTEGRATION(",\"type\":\"SAML\""),
     "$.tenants[0].securityIntegrations[0].type: must be one of: SCIM"},
    {INTEGRATION(",\"enabled\":\"no\""),
     "$.tenants[0].securityIntegrations[0].enabled: must be true or false"},
    {INTEGRATION(",\"role\":\"q\""),
     "$.tenants[0].securityIntegrations[0]: 'q' is not a role of the tenant"},
    {INTEGRATION(",\"role\":\"admin_t\""),
     "$.tenants[0].securityIntegrations[0]: 'admin_t' is a managed role, which an integration "
     "cannot own"},
    {INTEGRATION(",\"serviceAccount\":\"u\""),
     "$.tenants[0].securityIntegrations[0]: 'u' is not a service account of this fixture"},
    {INTEGRATION("},{\"id\":\"i\",\"name\":\"n\""),
     "$.tenants[0].securityIntegrations[1]: 'i' is the id of another integration of the tenant"},
    {USER("\"scim\":[{\"tenant\":\"t\"}]"), "$.users[0].scim[0].attributes: is required"},
    {USER("\"scim\":[{\"tenant\":\"u\",\"attributes\":{}}]"),
     "$.users[0].scim[0]: 'u' is not a tenant of this fixture"},
    {USER("\"scim\":[{\"tenant\":\"t\",\"attributes\":{}},{\"tenant\":\"t\",\"attributes\":{}}]"),
     "$.users[0].scim[1]: 't' is listed twice"},
    {USER("\"scim\":[{\"tenant\":\"t\",\"attributes\":{\"title\":7}}]"),
     "$.users[0].scim[0].attributes: title must be a string"},
    {GROUP("\"scim\":[]"), "$.tenants[0].groups[0].scim: must be an object"},
    {GROUP("\"scim\":{\"attributes\":{\"externalId\":7}}"),
     "$.tenants[0].groups[0].scim.attributes: externalId must be a string"},
    {"{\"serviceAccounts\":[{\"name\":\"n\",\"scim\":[]}]}",
     "$.serviceAccounts[0].scim: is not known"},
    {"{\"serviceAccounts\":[{}]}", "$.serviceAccounts[0].name: is required"},
    {"{\"serviceAccounts\":[{\"name\":\"n\",\"password\":\"p\"}]}",
     "$.serviceAccounts[0].password: is not known"},
    {"{\"users\":[{\"id\":\"i\",\"email\":\"e\"}],"
     "\"serviceAccounts\":[{\"id\":\"i\",\"name\":\"n\"}]}",
     "$.serviceAccounts[0]: 'i' has an id that a user or another service account has"},
    {"{\"serviceAccounts\":[{\"name\":\"n\",\"tenants\":[\"t\"]}]}",
     "$.serviceAccounts[0].tenants[0]: 't' is not a tenant of this fixture"},
    {"{\"users\":[{\"email\":\"e\",\"tokens\":[{" TOKEN "}]}],"
     "\"serviceAccounts\":[{\"name\":\"n\",\"tokens\":[{" TOKEN "}]}]}",
     "$.serviceAccounts[0].tokens[0]: 'n' has the same token as another"},
};

START_TEST(refuses_with_the_place) {
    struct fixture_summary summary;
    char error[FIXTURE_ERROR_SIZE] = "";
    ck_assert_int_gt(load(mistakes[_i].text, &summary, error), 0);
    ck_assert_str_eq(error, mistakes[_i].error);
    struct transaction transaction;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_find_any(sandbox.iam.store), STORE_NOT_FOUND);
    store_transaction_end(&transaction);
}
END_TEST

/* Every mistake in a fixture is reported, whether or not the schema finds it, but no mistake that
 * only follows from another. */
static const struct {
    const char *text;
    const char *mistakes; /* "path: message\n..." */
} many_mistakes[] = {
    {"{\"tenants\":[{\"id\":\"t\",\"nam\":1,\"groups\":[{\"nam\":\"g\"}]},{}]}",
     "$.tenants[0].nam: unknown; did you mean name?\n"
     "$.tenants[0].groups[0].name: is required\n"
     "$.tenants[0].groups[0].nam: unknown; did you mean name?\n"
     "$.tenants[1].id: is required\n"},
    {"{" TENANT ",\"users\":[{\"email\":\"a\",\"superAdmn\":true,\"tenants\":[\"u\",\"t\",\"v\"]},"
     "{\"email\":\"a\",\"groups\":[{\"tenant\":\"t\",\"id\":\"h\"},{\"tenant\":\"t\",\"id\":\"g\"}]"
     "}]}",
     "$.users[0].superAdmn: unknown; did you mean superAdmin?\n"
     "$.users[0].tenants[0]: 'u' is not a tenant of this fixture\n"
     "$.users[0].tenants[2]: 'v' is not a tenant of this fixture\n"
     "$.users[1]: 'a' has an id, e-mail or username that another user has\n"
     "$.users[1].groups[0]: 'h' is not a group of the tenant\n"},
    {USER("\"password\":\"x\",\"passwordHash\":\"y\",\"tokens\":[{\"name\":\"n\"},{" TOKEN
          "},{" TOKEN "}]"),
     "$.users[0]: 'a@b.c' has both password and passwordHash\n"
     "$.users[0].tokens[0]: 'n' needs either a token, or prefix, salt and hash\n"
     "$.users[0].tokens[2]: 'n' has the same token as another\n"},
    /* A wrong item does not change the index of the others. */
    {"{" TENANT
     ",\"users\":[7,{\"email\":1},{\"email\":\"a\",\"tenants\":[7,\"u\"]},{\"email\":\"a\"}]}",
     "$.users[0]: must be an object\n"
     "$.users[1].email: must be a string\n"
     "$.users[2].tenants[0]: must be a string\n"
     "$.users[2].tenants[1]: 'u' is not a tenant of this fixture\n"
     "$.users[3]: 'a' has an id, e-mail or username that another user has\n"},
    /* References to objects that a mistake has hidden are not reported. */
    {"{\"tenant\":[{\"id\":\"t\"}],\"users\":[{\"email\":\"a\",\"tenants\":[\"t\"]}]}",
     "$.tenant: unknown; did you mean tenants?\n"},
    {"{\"tenants\":7,\"users\":[{\"email\":\"a\",\"tenants\":[\"t\"]}]}",
     "$.tenants: must be an array\n"},
    {"{\"tenants\":[{\"ID\":\"t\"}],\"users\":[{\"email\":\"a\",\"tenants\":[\"t\"]}]}",
     "$.tenants[0].id: is required\n$.tenants[0].ID: unknown; did you mean id?\n"},
    {"{\"tenants\":[{\"id\":\"t\",\"name\":7}],\"users\":[{\"email\":\"a\",\"tenants\":[\"t\"],"
     "\"groups\":[{\"tenant\":\"t\",\"id\":\"g\"}]}]}",
     "$.tenants[0].name: must be a string\n"},
    {"{\"tenants\":[{\"id\":\"t\",\"group\":[]}],\"users\":[{\"email\":\"a\","
     "\"groups\":[{\"tenant\":\"t\",\"id\":\"g\"}]}]}",
     "$.tenants[0].group: unknown; did you mean groups?\n"},
    {"{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\"},{\"Id\":\"h\",\"name\":\"h\"},[]]}],"
     "\"users\":[{\"email\":\"a\",\"groups\":[{\"tenant\":\"t\",\"id\":\"g\"},"
     "{\"tenant\":\"t\",\"id\":\"h\"}]}]}",
     "$.tenants[0].groups[0].name: is required\n"
     "$.tenants[0].groups[1].Id: unknown; did you mean id?\n"
     "$.tenants[0].groups[2]: must be an object\n"},
    {"{\"tenants\":[{\"id\":\"t\"},{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"},"
     "{\"id\":\"h\",\"name\":\"g\"}]}],\"users\":[{\"email\":\"a\",\"groups\":["
     "{\"tenant\":\"t\",\"id\":\"g\"},{\"tenant\":\"t\",\"id\":\"h\"},{\"tenant\":\"t\",\"id\":"
     "\"i\"}]}]}",
     "$.tenants[1]: 't' is the id of another tenant\n"
     "$.tenants[1].groups[1]: 'h' has an id or name that another group of the tenant has\n"
     "$.users[0].groups[2]: 'i' is not a group of the tenant\n"},
    {"{\"tenants\":[{\"id\":\"t\",\"roles\":[{\"id\":\"r\",\"name\":7," FLOW "}],\"bindings\":["
     "{\"role\":\"r\",\"user\":\"u\"},{\"role\":\"q\",\"user\":\"v\"},{\"role\":\"r\",\"group\":"
     "\"g\"}]}],"
     "\"users\":[{\"id\":\"u\"}]}",
     "$.tenants[0].roles[0].name: must be a string\n"
     "$.users[0].email: is required\n"
     "$.tenants[0].bindings[1]: 'q' is not a role of the tenant\n"
     "$.tenants[0].bindings[1]: 'v' is not a user of this fixture\n"
     "$.tenants[0].bindings[2]: 'g' is not a group of the tenant\n"},
    {"{\"tenants\":[{\"id\":\"t\",\"bindings\":[{\"role\":\"admin_t\",\"serviceAccount\":\"s\"}]}],"
     "\"serviceAccount\":[{\"id\":\"s\",\"name\":\"s\"}]}",
     "$.serviceAccount: unknown; did you mean serviceAccounts?\n"},
    {INVITATION(",\"roles\":[{\"id\":\"q\"},{\"Id\":\"r\"}],\"groups\":[\"h\"]},"
                "{\"id\":\"i\",\"email\":\"x@y.z\",\"groups\":[\"k\"]"),
     "$.tenants[0].invitations[0].roles[1].id: is required\n"
     "$.tenants[0].invitations[0].roles[1].Id: unknown; did you mean id?\n"
     "$.tenants[0].invitations[0].roles[0]: 'q' is not a role of the tenant\n"
     "$.tenants[0].invitations[0].groups[0]: 'h' is not a group of the tenant\n"
     "$.tenants[0].invitations[1]: 'i' is the id of another invitation\n"
     "$.tenants[0].invitations[1].groups[0]: 'k' is not a group of the tenant\n"},
    {"{\"tenants\":[{\"id\":\"t\",\"roles\":[{\"id\":\"r\",\"name\":7," FLOW "}],\"invitations\":[{"
     "\"email\":\"e\",\"roles\":[{\"id\":\"r\"}]}],\"securityIntegrations\":[{\"name\":\"n\","
     "\"role\":"
     "\"r\",\"serviceAccount\":\"s\"}]}],\"serviceAccounts\":[{\"id\":\"s\"}]}",
     "$.tenants[0].roles[0].name: must be a string\n"
     "$.serviceAccounts[0].name: is required\n"},
    {USER("\"scim\":[7,{\"tenant\":\"t\",\"attributes\":{\"title\":7}}],\"tenants\":[\"u\"]"),
     "$.users[0].scim[0]: must be an object\n"
     "$.users[0].tenants[0]: 'u' is not a tenant of this fixture\n"
     "$.users[0].scim[1].attributes: title must be a string\n"},
    /* The bindings of each tenant are its own, also when two have the same id. */
    {"{\"tenants\":[{\"id\":\"t\"},{\"id\":\"t\",\"roles\":[{\"id\":\"r\",\"name\":\"r\"," FLOW
     "}],\"bindings\":[{\"role\":\"r\",\"user\":\"u\"}]}],\"users\":[{\"id\":\"u\",\"email\":\"a\"}"
     "]}",
     "$.tenants[1]: 't' is the id of another tenant\n"},
};

static void list_mistakes(const char *text, size_t max, char *out, size_t size, size_t *ret_count) {
    CLEANUP(cleanup_json) cJSON *tree = cJSON_Parse(text);
    CLEANUP(refusal_deinit) struct refusal refusal;
    struct fixture_summary summary;
    size_t length = 0;
    refusal_init(&refusal);
    ck_assert_ptr_nonnull(tree);
    ck_assert_int_gt(
        fixture_load_tree(&sandbox.iam, tree, 0, NULL, &json_root, &refusal.violations, &summary),
        0);
    for (size_t i = 0; i < refusal.violations.count && i < max; i++)
        length +=
            (size_t)snprintf(out + length, size - length, "%s: %s\n",
                             json_place_path(refusal.violations.items[i].place, &refusal.arena),
                             refusal.violations.items[i].message);
    *ret_count = refusal.violations.count;
}

START_TEST(reports_every_mistake) {
    char found[4096] = "";
    size_t count;
    list_mistakes(many_mistakes[_i].text, VIOLATIONS_KEPT, found, sizeof(found), &count);
    ck_assert_str_eq(found, many_mistakes[_i].mistakes);
    struct transaction transaction;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_find_any(sandbox.iam.store), STORE_NOT_FOUND);
    store_transaction_end(&transaction);
}
END_TEST

/* Makes a fixture with a thousand copies of a wrong user. */
static char *make_mistakes(const char *user) {
    enum { USERS = 1000 };
    char *text = malloc(USERS * (strlen(user) + 1) + 32);
    ck_assert_ptr_nonnull(text);
    char *end = stpcpy(text, "{\"users\":[");
    for (int i = 0; i < USERS; i++)
        end = stpcpy(stpcpy(end, i > 0 ? "," : ""), user);
    strcpy(end, "]}");
    return text;
}

static const char *const repeated[] = {"{\"email\":\"a\"}", "{}", "{\"nam\":1}"};

START_TEST(reports_no_more_mistakes_than_it_keeps) {
    CLEANUP(cleanup_free) char *text = make_mistakes(repeated[_i]);
    char found[16384] = "";
    size_t count;
    list_mistakes(text, VIOLATIONS_KEPT, found, sizeof(found), &count);
    ck_assert_uint_ge(count, VIOLATIONS_KEPT);
}
END_TEST

START_TEST(says_how_many_more_there_are) {
    struct fixture_summary summary;
    char error[FIXTURE_ERROR_SIZE] = "";
    ck_assert_int_gt(load("{\"users\":[{},{}]}", &summary, error), 0);
    ck_assert_str_eq(error, "$.users[0].email: is required (1 more mistake; see kestub check)");
    ck_assert_int_gt(load("{\"users\":[{},{},{}]}", &summary, error), 0);
    ck_assert_str_eq(error, "$.users[0].email: is required (2 more mistakes; see kestub check)");
}
END_TEST

static const struct {
    const char *name;
    const char *error;
} no_files[] = {
    {"/nowhere", "No such file or directory"},
    {"/", "Is a directory"},
    {"Default", "No such file or directory; did you mean default?"},
    {"Empty", "No such file or directory; did you mean empty?"},
};

START_TEST(says_why_it_cannot_read) {
    char error[FIXTURE_FILE_ERROR_SIZE] = "";
    char *text;
    size_t size;
    ck_assert_int_gt(fixture_file_read(no_files[_i].name, &text, &size, error), 0);
    ck_assert_str_eq(error, no_files[_i].error);
}
END_TEST

START_TEST(refuses_a_huge_file) {
    char path[] = "/tmp/kestub-fixture-XXXXXX";
    char error[FIXTURE_FILE_ERROR_SIZE] = "";
    char *text;
    size_t size;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, (INT64_C(1) << 30) + 1), 0);
    ck_assert_int_gt(fixture_file_read(path, &text, &size, error), 0);
    ck_assert_str_eq(error, "is larger than 1 GiB");
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(loads_what_users_share) {
    static const char *const names[] = {"default", "edge", "terraform"};
    for (size_t i = 0; i < 3; i++) {
        char path[512];
        char error[FIXTURE_ERROR_SIZE] = "";
        struct fixture_summary summary;
        CLEANUP(cleanup_free) char *text = NULL;
        size_t size;
        struct sandbox fresh;
        snprintf(path, sizeof(path), "%s/%s.json", getenv("KESTUB_FIXTURES"), names[i]);
        ck_assert_int_eq(sandbox_init(&fresh, NULL, version_find("2.0"), error), 0);
        ck_assert_int_eq(fixture_file_read(path, &text, &size, error), 0);
        ck_assert_msg(fixture_load(&fresh.iam, text, size, 0, &summary, error) == 0, "%s", error);
        ck_assert_str_eq(summary.administrator, "root@root.com");
        ck_assert_str_eq(summary.password, "Root!1234");
        sandbox_deinit(&fresh);
    }
}
END_TEST

START_TEST(fills_in_defaults) {
    struct fixture_summary summary;
    struct arena arena;
    struct transaction transaction;
    struct user user;
    char error[FIXTURE_ERROR_SIZE];
    ck_assert_int_eq(load("{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"name\":\"g\"}]}],\"users\":[{"
                          "\"email\":\"a@b.c\"}]}",
                          &summary, error),
                     0);
    ck_assert_str_eq(summary.administrator, "");
    arena_init(&arena);
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_user_find_by_username(sandbox.iam.store, "A@b.c", &arena, &user), 0);
    ck_assert_uint_ge(strlen(user.id), 18);
    ck_assert_str_eq(user.email, "a@b.c");
    ck_assert_ptr_null(user.password_hash);
    ck_assert_ptr_null(user.first_name);
    store_transaction_end(&transaction);
    arena_deinit(&arena);
}
END_TEST

/* Everything that a fixture can contain, and that a dump must reproduce. */
static const char *const worlds[] = {
    "{}",
    "{\"tenants\":[{\"id\":\"b\",\"details\":{\"x\":{\"y\":[null,1e300,-0.1]},\"id\":7,\"z\":null}}"
    ","
    "{\"id\":\"a\",\"groups\":[{\"name\":\" \",\"description\":\"\"}]}]}",
    USER("\"username\":\"a:b\",\"passwordHash\":\"$argon2id$v=19$m=7168,t=5,p=1$"
         "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""),
    USER("\"otherTenants\":[\"t\"],\"superAdmin\":true,\"restricted\":true"),
    USER("\"tenants\":[\"t\"],\"groups\":[{\"tenant\":\"t\",\"id\":\"g\",\"external\":true}]"),
    USER("\"tokens\":[{" HASHED("012345", SALT,
                                HASH) ",\"extended\":true,\"maxAge\":\"P1DT0.001S\","
                                      "\"issuedAt\":\"0000-01-01T00:00:00Z\",\"expiresAt\":\"9999-"
                                      "12-31T23:59:59.999Z\"},{" TOKEN
                                      ",\"lastUsed\":\"2024-01-01T00:00:00.5+01:00\",\"expiresAt\":"
                                      "\"1960-01-01T00:00:00Z\"}]"),
    USER("\"tokens\":[{" TOKEN ",\"extended\":true,"
         "\"issuedAt\":\"0000-01-01T00:00:00Z\",\"expiresAt\":\"9999-12-31T23:59:59.999Z\"}]"),
    ROLE("\"isDefault\":true,\"description\":\"\",\"permissions\":{\"TRIGGER\":[],\"FLOW\":["
         "\"READ\","
         "\"LIST\",\"VIEW\"]}},{\"name\":\"r\",\"permissions\":{\"GROUP_MEMBERSHIP\":[\"READ\"]}"),
    BINDINGS("{\"role\":\"admin_t\",\"user\":\"u\",\"namespace\":\"n\"},{\"role\":\"admin_t\","
             "\"user\":\"u\"},"
             "{\"id\":\"b\",\"role\":\"viewer_t\",\"group\":\"g\"},"
             "{\"role\":\"viewer_t\",\"serviceAccount\":\"s\",\"namespace\":\"\"}"),
    "{" TENANT ",\"serviceAccounts\":[{\"id\":\"s\",\"name\":\"n\",\"description\":\"\","
    "\"instanceOwner\":true,"
    "\"otherTenants\":[\"t\"],\"groups\":[{\"tenant\":\"t\",\"id\":\"g\",\"membership\":\"OWNER\"}]"
    ","
    "\"tokens\":[{" TOKEN "}]},{\"name\":\"n\",\"tenants\":[\"t\"]}]}",
    INVITATION(
        ",\"superAdmin\":true,\"roles\":[{\"id\":\"r\",\"namespaces\":[\"a\",\"\"]},{\"id\":\"r\"},"
        "{"
        "\"id\":\"r\",\"namespaces\":[]},{\"id\":\"admin_t\",\"namespaces\":[\"b\"]},{\"id\":"
        "\"admin_t\","
        "\"namespaces\":[\"c\"]}],\"groups\":[\"g\",\"g\"],\"sentAt\":\"0000-01-01T00:00:00Z\","
        "\"acceptedAt\":\"2024-01-01T00:00:00.5+01:00\"},{\"email\":\"X@y.z\",\"instanceOwner\":"
        "true,"
        "\"sentAt\":\"9999-12-31T23:59:59.999Z\"},{\"email\":\"x@y.z\",\"expiredAt\":"
        "\"1960-01-01T00:00:00Z\""),
    INTEGRATION(
        ",\"description\":\"d\",\"enabled\":false,\"role\":\"r\",\"serviceAccount\":\"s\"},{"
        "\"name\":\"n\",\"type\":\"SCIM\",\"description\":\"\",\"enabled\":true"),
    USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"g\",\"external\":true}],\"scim\":[{\"tenant\":"
         "\"t\","
         "\"attributes\":{\"EXTERNALID\":\"e\",\"title\":null,\"nope\":1e999,\"emails\":{\"value\":"
         "\"v\"},"
         "\"groups\":[],\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{"
         "\"department\":"
         "\"d\",\"manager\":{\"value\":\"m\"}}},\"created\":\"0000-01-01T00:00:00Z\"}]"),
    USER("\"scim\":[{\"tenant\":\"t\",\"attributes\":{\"userName\":\"other\"},\"lastModified\":"
         "\"2024-01-01T00:00:00.001Z\"}]"),
    GROUP("\"scim\":{\"attributes\":{\"externalId\":\"e\",\"displayName\":\"d\",\"members\":[{"
          "\"value\":"
          "\"u\"}]},\"created\":\"2024-01-01T00:00:00Z\"}"),
};

START_TEST(a_dump_loads_as_the_same_state) {
    CLEANUP(cleanup_free) char *first = NULL;
    CLEANUP(cleanup_free) char *second = NULL;
    struct fixture_summary summary;
    struct sandbox fresh;
    char error[FIXTURE_ERROR_SIZE] = "";
    size_t size;
    ck_assert_msg(load(worlds[_i], &summary, error) == 0, "%s", error);
    ck_assert_int_eq(fixture_dump(&sandbox.iam, NULL, &first, &size), 0);
    ck_assert_uint_eq(strlen(first), size);
    ck_assert_int_eq(sandbox_init(&fresh, NULL, version_find("2.0"), error), 0);
    ck_assert_msg(fixture_load(&fresh.iam, first, size, 1, &summary, error) == 0, "%s: %s", error,
                  first);
    ck_assert_int_eq(fixture_dump(&fresh.iam, NULL, &second, &size), 0);
    ck_assert_str_eq(first, second);
    sandbox_deinit(&fresh);
}
END_TEST

/* A fixture that is written as a dump is. */
static const char dumped[] =
    "{\"tenants\":[\n"
    "{\"id\":\"t\",\"name\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"}],\"roles\":[{\"id\":"
    "\"r\","
    "\"name\":\"n\",\"description\":\"d\",\"isDefault\":true,\"permissions\":{\"FLOW\":[\"VIEW\","
    "\"CREATE\"],\"GROUP\":[]}},{\"id\":\"q\",\"name\":\"n\",\"permissions\":{\"FLOW\":[\"READ\"]}}"
    "],"
    "\"bindings\":[{\"id\":\"a\",\"role\":\"r\",\"user\":\"u\",\"namespace\":\"x.y\"},{\"id\":"
    "\"b\","
    "\"role\":\"admin_t\",\"group\":\"g\"},{\"id\":\"c\",\"role\":\"q\",\"serviceAccount\":\"s\"}]}"
    "],\n"
    "\"users\":[\n{\"id\":\"u\",\"email\":\"a@b.c\"}],\n"
    "\"serviceAccounts\":[\n"
    "{\"id\":\"s\",\"name\":\"n\",\"description\":\"d\",\"superAdmin\":true,\"tenants\":[\"t\"],"
    "\"groups\":[{"
    "\"tenant\":\"t\",\"id\":\"g\"}]},\n{\"id\":\"z\",\"name\":\"n\"}]}\n";

START_TEST(a_dump_has_all_of_roles_bindings_and_accounts) {
    CLEANUP(cleanup_free) char *text = NULL;
    struct fixture_summary summary;
    char error[FIXTURE_ERROR_SIZE] = "";
    size_t size;
    ck_assert_msg(load(dumped, &summary, error) == 0, "%s", error);
    ck_assert_uint_eq(summary.roles, 2);
    ck_assert_uint_eq(summary.bindings, 3);
    ck_assert_uint_eq(summary.users, 1);
    ck_assert_uint_eq(summary.service_accounts, 2);
    ck_assert_int_eq(fixture_dump(&sandbox.iam, NULL, &text, &size), 0);
    ck_assert_str_eq(text, dumped);
}
END_TEST

/* The same for what providers and invitations have. */
static const char dumped_more[] =
    "{\"tenants\":[\n"
    "{\"id\":\"t\",\"name\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\",\"scim\":{"
    "\"attributes\":{"
    "\"externalId\":\"e\"},\"created\":\"2024-01-01T00:00:00Z\",\"lastModified\":"
    "\"2024-01-02T00:00:00Z\"}}],\"roles\":[{\"id\":\"r\",\"name\":\"n\",\"permissions\":{\"USER\":"
    "["
    "\"READ\"]}}],\"invitations\":[{\"id\":\"i\",\"email\":\"x@y.z\",\"superAdmin\":true,\"roles\":"
    "[{"
    "\"id\":\"admin_t\"},{\"id\":\"r\",\"namespaces\":[\"a\",\"b\"]},{\"id\":\"r\"}],\"groups\":["
    "\"g\"],"
    "\"sentAt\":\"2024-01-01T00:00:00Z\",\"expiredAt\":\"2024-01-08T00:00:00Z\",\"acceptedAt\":"
    "\"2024-01-02T00:00:00Z\"},{\"id\":\"j\",\"email\":\"x@y.z\",\"sentAt\":\"2024-01-01T00:00:"
    "00Z\","
    "\"expiredAt\":\"2024-01-01T00:00:01Z\"}],\"securityIntegrations\":[{\"id\":\"i\",\"name\":"
    "\"n\","
    "\"description\":\"d\",\"enabled\":false,\"serviceAccount\":\"s\",\"role\":\"r\"},{\"id\":"
    "\"j\","
    "\"name\":\"n\"}]}],\n"
    "\"users\":[\n{\"id\":\"u\",\"email\":\"a@b.c\",\"tenants\":[\"t\"],\"groups\":[{\"tenant\":"
    "\"t\","
    "\"id\":\"g\",\"external\":true}],\"scim\":[{\"tenant\":\"t\",\"attributes\":{\"userName\":"
    "\"a@b.c\",\"externalId\":\"e\"},\"created\":\"2024-01-01T00:00:00Z\"}]}],\n"
    "\"serviceAccounts\":[\n{\"id\":\"s\",\"name\":\"n\"}]}\n";

START_TEST(a_dump_has_all_of_invitations_and_integrations) {
    CLEANUP(cleanup_free) char *text = NULL;
    struct fixture_summary summary;
    char error[FIXTURE_ERROR_SIZE] = "";
    size_t size;
    ck_assert_msg(load(dumped_more, &summary, error) == 0, "%s", error);
    ck_assert_uint_eq(summary.invitations, 2);
    ck_assert_uint_eq(summary.integrations, 2);
    ck_assert_int_eq(fixture_dump(&sandbox.iam, NULL, &text, &size), 0);
    ck_assert_str_eq(text, dumped_more);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fixture");
    TCase *tcase = suite_add(suite, "fixture");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, refuses_with_the_place, mistakes);
    suite_add_rows(tcase, reports_every_mistake, many_mistakes);
    suite_add_rows(tcase, reports_no_more_mistakes_than_it_keeps, repeated);
    tcase_add_test(tcase, says_how_many_more_there_are);
    suite_add_rows(tcase, says_why_it_cannot_read, no_files);
    tcase_add_test(tcase, refuses_a_huge_file);
    tcase_add_test(tcase, loads_what_users_share);
    tcase_add_test(tcase, fills_in_defaults);
    tcase_add_test(tcase, a_dump_has_all_of_roles_bindings_and_accounts);
    tcase_add_test(tcase, a_dump_has_all_of_invitations_and_integrations);
    suite_add_rows(tcase, a_dump_loads_as_the_same_state, worlds);
    return suite_run(suite);
}
