/* SCIM: filters, paths, PATCH, and what is kept and shown of resources. */
#include <string.h>

#include "scim/scim_filter.h"
#include "scim/scim_patch.h"
#include "suite.h"

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define CORE "urn:ietf:params:scim:schemas:core:2.0:User"

static const char ada[] =
    "{\"id\":\"A1\",\"externalId\":\"Ext\",\"userName\":\"Ada@example.com\",\"active\":true,"
    "\"title\":\"\",\"nickName\":\"a\\\"b\",\"name\":{\"familyName\":\"Lovelace\"},"
    "\"emails\":[{\"value\":\"ada@work.org\",\"type\":\"work\"},"
    "{\"value\":\"ada@home.org\",\"type\":\"home\",\"primary\":true}],"
    "\"" ENTERPRISE "\":{\"department\":\"Engines\",\"manager\":{\"value\":\"M1\"}},"
    "\"meta\":{\"resourceType\":\"User\",\"lastModified\":\"2024-05-01T00:00:00Z\"}}";

static const struct {
    const char *filter;
    bool matches;
} filters[] = {
    {"userName eq \"ada@EXAMPLE.com\"", true},
    {"USERNAME EQ \"ada@example.com\"", true},
    {"userName eq \"ada\"", false},
    {"userName ne \"ada\"", true},
    {"userName ne \"ada@example.com\"", false},
    {"userName co \"EXAMPLE\"", true},
    {"userName co \"\"", true},
    {"userName sw \"ada@\"", true},
    {"userName sw \"da\"", false},
    {"userName ew \".COM\"", true},
    {"userName ew \"x.Ada@example.com\"", false},
    {"userName gt \"aca\"", true},
    {"userName ge \"ada@example.com\"", true},
    {"userName lt \"ada@example.com\"", false},
    {"userName le \"ada@example.com\"", true},
    {"id eq \"a1\"", false},
    {"id eq \"A1\"", true},
    {"id co \"a\"", false},
    {"id sw \"a\"", false},
    {"id ew \"1\"", true},
    {"externalId eq \"Ext\"", true},
    {"nickName eq \"a\\\"b\"", true},
    {"nickName eq \"a\\u0022b\"", true},
    {"active eq true", true},
    {"active eq \"True\"", true},
    {"active eq false", false},
    {"active ne false", true},
    {"title pr", false},
    {"displayName pr", false},
    {"name pr", true},
    {"emails pr", true},
    {"name.familyName pr", true},
    {"name.givenName pr", false},
    {"name.familyName eq \"lovelace\"", true},
    {"displayName eq null", true},
    {"userName eq null", false},
    {"userName ne null", true},
    {"userName eq 7", false},
    {"userName ne 7", true},
    {"displayName eq \"x\"", false},
    {"displayName ne \"x\"", true},
    {"emails eq \"ADA@home.org\"", true},
    {"emails.value ew \"home.org\"", true},
    {"emails.type eq \"other\"", false},
    {"emails.primary eq true", true},
    {"emails[type eq \"work\"]", true},
    {"emails[type eq \"work\" and value co \"home\"]", false},
    {"emails[type eq \"home\" and primary eq true]", true},
    {"emails[not (type eq \"work\") and value pr]", true},
    {"emails[(type eq \"x\" or type eq \"home\") and value pr]", true},
    {"meta.lastModified gt \"2024-04-30T23:59:59Z\"", true},
    {"meta.lastModified eq \"2024-05-01T01:00:00+01:00\"", true},
    {"meta.lastModified lt \"2024-05-01T00:00:00.000Z\"", false},
    {"meta.lastModified sw \"2024-05\"", true},
    {"meta.resourceType eq \"User\"", true},
    {CORE ":userName eq \"ada@example.com\"", true},
    {CORE ":name.familyName sw \"L\"", true},
    {ENTERPRISE ":department eq \"engines\"", true},
    {"URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user:manager.value eq \"M1\"", true},
    {ENTERPRISE ":manager eq \"M1\"", true},
    {ENTERPRISE ":division pr", false},
    {"active eq false or userName sw \"a\" and id eq \"A1\"", true},
    {"active eq true or userName sw \"x\" and id eq \"x\"", true},
    {"(active eq true or userName sw \"x\") and id eq \"x\"", false},
    {"not (active eq true)", false},
    {"not(active eq false)", true},
    {"NOT (id pr) OR id pr", true},
    {" ( ( id pr ) ) ", true},
};

static cJSON *parse(const char *text) {
    cJSON *tree = cJSON_Parse(text);
    ck_assert_msg(tree != NULL, "not JSON: %s", text);
    return tree;
}

START_TEST(a_filter_means_this) {
    struct arena arena;
    const struct scim_filter *filter = NULL;
    const char *problem = NULL;
    const char *text = filters[_i].filter;
    struct budget budget = {.left = 1000};
    cJSON *resource = parse(ada);
    arena_init(&arena);
    int r = scim_filter_parse(&scim_user_type, NULL, text, strlen(text), &arena, &filter, &problem);
    ck_assert_msg(r == 0, "%s: %s", text, problem);
    ck_assert_msg(scim_filter_matches(filter, resource, &budget) == filters[_i].matches, "%s",
                  text);
    ck_assert(!budget.exhausted);
    arena_deinit(&arena);
    cJSON_Delete(resource);
}
END_TEST

static const struct {
    const char *filter;
    const char *problem; /* a part of it */
} wrong_filters[] = {
    {"", "names an attribute"},
    {"nope eq \"x\"", "names an attribute"},
    {"name.nope eq \"x\"", "names an attribute"},
    {"userName.value eq \"x\"", "names an attribute"},
    {"urn:nope:userName pr", "names an attribute"},
    {ENTERPRISE " pr", "names an attribute"},
    {ENTERPRISE ":userName pr", "names an attribute"},
    {"userName", "operator"},
    {"userName is \"x\"", "operator"},
    {"userName eq", "JSON value"},
    {"userName eq x", "JSON value"},
    {"userName eq \"x", "JSON value"},
    {"userName eq \"\\x\"", "JSON value"},
    {"userName eq {}", "string, number, boolean or null"},
    {"userName gt null", "null"},
    {"userName gt 7", "no number"},
    {"active gt true", "no order"},
    {"active eq \"maybe\"", "is a boolean"},
    {"x509Certificates.value co \"A\"", "no order"},
    {"name eq \"x\"", "complex"},
    {"meta.created gt \"yesterday\"", "is a date"},
    {"id pr id pr", "follows"},
    {"id pr and", "names an attribute"},
    {"id pr)", "follows"},
    {"(id pr", "not closed"},
    {"not id pr", "parentheses"},
    {"emails[type eq \"work\"", "not closed"},
    {"emails[nope pr]", "names an attribute"},
    {"emails[value[type pr]]", "complex attribute"},
    {"userName[value pr]", "complex attribute"},
    {"emails.value[type pr]", "complex attribute"},
};

START_TEST(a_wrong_filter_is_refused) {
    struct arena arena;
    const struct scim_filter *filter = NULL;
    const char *problem = NULL;
    const char *text = wrong_filters[_i].filter;
    arena_init(&arena);
    ck_assert_int_gt(
        scim_filter_parse(&scim_user_type, NULL, text, strlen(text), &arena, &filter, &problem), 0);
    ck_assert_msg(strstr(problem, wrong_filters[_i].problem) != NULL, "%s: %s", text, problem);
    arena_deinit(&arena);
}
END_TEST

/* Parses `depth` opening brackets, a term, and as many closing ones. */
static int parse_nested(int depth, const char **reterr_problem) {
    char text[SCIM_FILTER_MAX_LENGTH + 2] = "";
    struct arena arena;
    const struct scim_filter *filter;
    for (int i = 0; i < depth; i++)
        strcat(text, "(");
    strcat(text, "id pr");
    for (int i = 0; i < depth; i++)
        strcat(text, ")");
    arena_init(&arena);
    int r = scim_filter_parse(&scim_user_type, NULL, text, strlen(text), &arena, &filter,
                              reterr_problem);
    arena_deinit(&arena);
    return r;
}

START_TEST(filters_are_bounded) {
    const char *problem = NULL;
    char text[SCIM_FILTER_MAX_LENGTH + 2];
    struct arena arena;
    const struct scim_filter *filter;
    ck_assert_int_eq(parse_nested(SCIM_FILTER_MAX_DEPTH, &problem), 0);
    ck_assert_int_gt(parse_nested(SCIM_FILTER_MAX_DEPTH + 1, &problem), 0);
    ck_assert_str_eq(problem, "the filter is nested too deeply");
    memset(text, ' ', sizeof(text));
    memcpy(text, "id pr", 5);
    arena_init(&arena);
    ck_assert_int_eq(scim_filter_parse(&scim_user_type, NULL, text, SCIM_FILTER_MAX_LENGTH, &arena,
                                       &filter, &problem),
                     0);
    ck_assert_int_gt(scim_filter_parse(&scim_user_type, NULL, text, SCIM_FILTER_MAX_LENGTH + 1,
                                       &arena, &filter, &problem),
                     0);
    cJSON *resource = parse(ada);
    struct budget budget = {.left = 0};
    scim_filter_matches(filter, resource, &budget);
    ck_assert(budget.exhausted);
    cJSON_Delete(resource);
    arena_deinit(&arena);
}
END_TEST

START_TEST(a_filter_tells_its_key_and_its_names) {
    static const struct {
        const char *filter;
        const char *key;
    } keys[] = {
        {"userName eq \"a\"", "a"},
        {"active eq true and userName eq \"a\"", "a"},
        {"userName eq \"a\" or active eq true", NULL},
        {"not (userName eq \"a\")", NULL},
        {"userName sw \"a\"", NULL},
        {"userName eq null", NULL},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct scim_filter *filter;
        const char *problem;
        const char *text = keys[i].filter;
        ck_assert_int_eq(
            scim_filter_parse(&scim_user_type, NULL, text, strlen(text), &arena, &filter, &problem),
            0);
        ck_assert_pstr_eq(scim_filter_key(filter, "userName"), keys[i].key);
        ck_assert(scim_filter_names(filter, "userName"));
        ck_assert(!scim_filter_names(filter, "emails"));
    }
    arena_deinit(&arena);
}
END_TEST

static const struct {
    const char *operations;
    const char *resource;
    const char *expected;
} patches[] = {
    {"[{\"op\":\"add\",\"path\":\"title\",\"value\":\"Dr\"}]", "{}", "{\"title\":\"Dr\"}"},
    {"[{\"op\":\"Replace\",\"path\":\"TITLE\",\"value\":\"Dr\"}]", "{\"title\":\"Mr\"}",
     "{\"title\":\"Dr\"}"},
    {"[{\"op\":\"remove\",\"path\":\"title\"}]", "{\"title\":\"Mr\",\"locale\":\"x\"}",
     "{\"locale\":\"x\"}"},
    {"[{\"op\":\"replace\",\"path\":\"title\",\"value\":null}]", "{\"title\":\"Mr\"}", "{}"},
    {"[{\"op\":\"replace\",\"value\":{\"active\":\"False\",\"id\":\"x\",\"nope\":1}}]",
     "{\"active\":true}", "{\"active\":false}"},
    {"[{\"op\":\"replace\",\"value\":{\"name.givenName\":\"G\","
     "\"emails[type eq \\\"work\\\"].value\":\"b\"}}]",
     "{\"emails\":[{\"type\":\"work\",\"value\":\"a\"}]}",
     "{\"emails\":[{\"type\":\"work\",\"value\":\"b\"}],\"name\":{\"givenName\":\"G\"}}"},
    {"[{\"op\":\"add\",\"path\":\"name\",\"value\":{\"givenName\":\"G\"}}]",
     "{\"name\":{\"familyName\":\"F\"}}", "{\"name\":{\"familyName\":\"F\",\"givenName\":\"G\"}}"},
    {"[{\"op\":\"replace\",\"path\":\"name.familyName\",\"value\":\"H\"}]",
     "{\"name\":{\"familyName\":\"F\"}}", "{\"name\":{\"familyName\":\"H\"}}"},
    {"[{\"op\":\"remove\",\"path\":\"name.familyName\"}]", "{\"name\":{\"familyName\":\"F\"}}",
     "{}"},
    {"[{\"op\":\"add\",\"path\":\"emails\",\"value\":[{\"value\":\"b\"},{\"value\":\"a\"}]}]",
     "{\"emails\":[{\"value\":\"a\"}]}", "{\"emails\":[{\"value\":\"a\"},{\"value\":\"b\"}]}"},
    {"[{\"op\":\"add\",\"path\":\"emails\",\"value\":{\"value\":\"b\",\"primary\":true}}]",
     "{\"emails\":[{\"value\":\"a\",\"primary\":true}]}",
     "{\"emails\":[{\"value\":\"a\",\"primary\":false},{\"value\":\"b\",\"primary\":true}]}"},
    {"[{\"op\":\"replace\",\"path\":\"emails\",\"value\":[{\"VALUE\":\"b\"}]}]",
     "{\"emails\":[{\"value\":\"a\"}]}", "{\"emails\":[{\"value\":\"b\"}]}"},
    {"[{\"op\":\"remove\",\"path\":\"emails[value eq \\\"a\\\"]\"}]",
     "{\"emails\":[{\"value\":\"a\"},{\"value\":\"b\"}]}", "{\"emails\":[{\"value\":\"b\"}]}"},
    {"[{\"op\":\"remove\",\"path\":\"emails[value eq \\\"a\\\"]\"}]",
     "{\"emails\":[{\"value\":\"a\"}]}", "{}"},
    {"[{\"op\":\"remove\",\"path\":\"emails[value eq \\\"x\\\"]\"}]",
     "{\"emails\":[{\"value\":\"a\"}]}", "{\"emails\":[{\"value\":\"a\"}]}"},
    {"[{\"op\":\"remove\",\"path\":\"emails[value eq \\\"a\\\"].type\"}]",
     "{\"emails\":[{\"value\":\"a\",\"type\":\"t\"}]}", "{\"emails\":[{\"value\":\"a\"}]}"},
    {"[{\"op\":\"replace\",\"path\":\"emails[type eq \\\"t\\\"]\",\"value\":{\"value\":\"b\"}}]",
     "{\"emails\":[{\"value\":\"a\",\"type\":\"t\"}]}", "{\"emails\":[{\"value\":\"b\"}]}"},
    {"[{\"op\":\"add\",\"path\":\"emails[type eq \\\"t\\\"]\",\"value\":{\"value\":\"b\"}}]",
     "{\"emails\":[{\"value\":\"a\",\"type\":\"t\"}]}",
     "{\"emails\":[{\"type\":\"t\",\"value\":\"b\"}]}"},
    {"[{\"op\":\"add\",\"path\":\"emails[type eq \\\"t\\\"].value\",\"value\":\"b\"}]", "{}",
     "{\"emails\":[{\"type\":\"t\",\"value\":\"b\"}]}"},
    {"[{\"op\":\"add\",\"path\":\"emails[type eq \\\"t\\\" and primary eq true].value\","
     "\"value\":\"b\"}]",
     "{\"emails\":[{\"value\":\"a\",\"primary\":true}]}",
     "{\"emails\":[{\"value\":\"a\",\"primary\":false},"
     "{\"type\":\"t\",\"primary\":true,\"value\":\"b\"}]}"},
    {"[{\"op\":\"replace\",\"path\":\"emails.type\",\"value\":\"t\"}]",
     "{\"emails\":[{\"value\":\"a\"},{\"value\":\"b\",\"type\":\"u\"}]}",
     "{\"emails\":[{\"value\":\"a\",\"type\":\"t\"},{\"value\":\"b\",\"type\":\"t\"}]}"},
    {"[{\"op\":\"remove\",\"path\":\"emails\"}]", "{\"emails\":[{\"value\":\"a\"}]}", "{}"},
    {"[{\"op\":\"remove\",\"path\":\"emails\",\"value\":[{\"value\":\"a\"}]}]",
     "{\"emails\":[{\"value\":\"a\",\"type\":\"t\"},{\"value\":\"b\"}]}",
     "{\"emails\":[{\"value\":\"b\"}]}"},
    {"[{\"op\":\"add\",\"path\":\"" ENTERPRISE ":department\",\"value\":\"D\"}]", "{}",
     "{\"" ENTERPRISE "\":{\"department\":\"D\"}}"},
    {"[{\"op\":\"remove\",\"path\":\"" ENTERPRISE ":department\"}]",
     "{\"" ENTERPRISE "\":{\"department\":\"D\"}}", "{}"},
    {"[{\"op\":\"remove\",\"path\":\"" ENTERPRISE "\"}]",
     "{\"" ENTERPRISE "\":{\"department\":\"D\"}}", "{}"},
    {"[{\"op\":\"add\",\"value\":{\"" ENTERPRISE
     "\":{\"DEPARTMENT\":\"D\",\"nope\":1,\"manager\":{\"value\":\"m\",\"displayName\":\"x\"}}}}]",
     "{\"" ENTERPRISE "\":{\"division\":\"V\"}}",
     "{\"" ENTERPRISE
     "\":{\"division\":\"V\",\"department\":\"D\",\"manager\":{\"value\":\"m\"}}}"},
    {"[{\"op\":\"add\",\"path\":\"" CORE ":title\",\"value\":\"a\"},"
     "{\"op\":\"replace\",\"path\":\"title\",\"value\":\"b\"}]",
     "{}", "{\"title\":\"b\"}"},
};

static int apply(const char *operations, cJSON *resource, struct arena *arena,
                 const char **reterr_problem) {
    cJSON *request = cJSON_CreateObject();
    cJSON_AddItemToObject(request, "Operations", parse(operations));
    int r = scim_patch_apply(&scim_user_type, request, resource, arena, reterr_problem);
    cJSON_Delete(request);
    return r;
}

START_TEST(a_patch_means_this) {
    struct arena arena;
    const char *problem = "";
    cJSON *resource = parse(patches[_i].resource);
    cJSON *expected = parse(patches[_i].expected);
    arena_init(&arena);
    int r = apply(patches[_i].operations, resource, &arena, &problem);
    char *text = cJSON_PrintUnformatted(resource);
    ck_assert_msg(r == 0 && cJSON_Compare(resource, expected, true), "%s: %d, %s: %s",
                  patches[_i].operations, r, problem, text);
    cJSON_free(text);
    arena_deinit(&arena);
    cJSON_Delete(resource);
    cJSON_Delete(expected);
}
END_TEST

static const struct {
    const char *operations;
    int outcome;
} wrong_patches[] = {
    {"[]", SCIM_INVALID_SYNTAX},
    {"{}", SCIM_INVALID_SYNTAX},
    {"[7]", SCIM_INVALID_SYNTAX},
    {"[{\"op\":\"move\",\"path\":\"title\"}]", SCIM_INVALID_SYNTAX},
    {"[{\"op\":\"add\",\"path\":\"title\"}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"path\":\"title\",\"value\":7}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"path\":\"active\",\"value\":\"maybe\"}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"path\":\"name\",\"value\":\"x\"}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"path\":\"emails\",\"value\":[7]}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"value\":7}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"path\":\"" ENTERPRISE "\",\"value\":7}]", SCIM_INVALID_VALUE},
    {"[{\"op\":\"replace\",\"path\":\"emails[type eq \\\"t\\\"]\",\"value\":[{\"value\":\"a\"},"
     "{\"value\":\"b\"}]}]",
     SCIM_INVALID_VALUE},
    {"[{\"op\":\"add\",\"path\":7,\"value\":\"x\"}]", SCIM_INVALID_PATH},
    {"[{\"op\":\"add\",\"path\":\"nope\",\"value\":\"x\"}]", SCIM_INVALID_PATH},
    {"[{\"op\":\"add\",\"path\":\"emails[type pr\",\"value\":\"x\"}]", SCIM_INVALID_PATH},
    {"[{\"op\":\"add\",\"path\":\"emails[type pr].nope\",\"value\":\"x\"}]", SCIM_INVALID_PATH},
    {"[{\"op\":\"add\",\"path\":\"emails[type pr]value\",\"value\":\"x\"}]", SCIM_INVALID_PATH},
    {"[{\"op\":\"add\",\"path\":\"name[givenName pr]\",\"value\":\"x\"}]", SCIM_INVALID_PATH},
    {"[{\"op\":\"add\",\"path\":\"emails[type]\",\"value\":\"x\"}]", SCIM_INVALID_FILTER},
    {"[{\"op\":\"replace\",\"path\":\"emails[type eq \\\"x\\\"].value\",\"value\":\"x\"}]",
     SCIM_NO_TARGET},
    {"[{\"op\":\"remove\"}]", SCIM_NO_TARGET},
    {"[{\"op\":\"replace\",\"path\":\"id\",\"value\":\"x\"}]", SCIM_MUTABILITY},
    {"[{\"op\":\"remove\",\"path\":\"userName\"}]", SCIM_MUTABILITY},
    {"[{\"op\":\"add\",\"path\":\"groups\",\"value\":[{\"value\":\"x\"}]}]", SCIM_MUTABILITY},
    {"[{\"op\":\"add\",\"path\":\"" ENTERPRISE ":manager.displayName\",\"value\":\"x\"}]",
     SCIM_MUTABILITY},
};

START_TEST(a_wrong_patch_is_refused) {
    struct arena arena;
    const char *problem = NULL;
    cJSON *resource = parse("{\"emails\":[{\"value\":\"a\",\"type\":\"t\"}]}");
    arena_init(&arena);
    int r = apply(wrong_patches[_i].operations, resource, &arena, &problem);
    ck_assert_msg(r == wrong_patches[_i].outcome && problem, "%s: %d", wrong_patches[_i].operations,
                  r);
    arena_deinit(&arena);
    cJSON_Delete(resource);
}
END_TEST

/* Each operation looks at each member. */
START_TEST(a_patch_is_bounded) {
    struct arena arena;
    const char *problem = NULL;
    cJSON *request = cJSON_CreateObject();
    cJSON *operations = cJSON_AddArrayToObject(request, "Operations");
    cJSON *resource = cJSON_CreateObject();
    cJSON *members = cJSON_AddArrayToObject(resource, "members");
    for (int i = 0; i < 5000; i++) {
        cJSON *member = cJSON_CreateObject();
        cJSON_AddStringToObject(member, "value", "m");
        cJSON_AddItemToArray(members, member);
        cJSON *operation = cJSON_CreateObject();
        cJSON_AddStringToObject(operation, "op", "remove");
        cJSON_AddStringToObject(operation, "path", "members[value eq \"x\"]");
        cJSON_AddItemToArray(operations, operation);
    }
    arena_init(&arena);
    ck_assert_int_eq(scim_patch_apply(&scim_group_type, request, resource, &arena, &problem),
                     SCIM_TOO_MANY);
    arena_deinit(&arena);
    cJSON_Delete(request);
    cJSON_Delete(resource);
}
END_TEST

static const struct {
    const char *resource;
    const char *expected; /* NULL: it is refused */
} resources[] = {
    {"{\"USERNAME\":\"a\",\"userName\":\"b\",\"nope\":1,\"id\":\"x\",\"meta\":{},\"groups\":[]}",
     "{\"userName\":\"b\"}"},
    {"{\"userName\":\"a\",\"title\":null,\"emails\":[],\"name\":{\"nope\":1}}",
     "{\"userName\":\"a\"}"},
    {"{\"userName\":\"a\",\"title\":\"x\",\"TITLE\":null}", "{\"userName\":\"a\"}"},
    {"{\"userName\":\"a\",\"emails\":{\"Value\":\"b\",\"primary\":\"TRUE\"}}",
     "{\"userName\":\"a\",\"emails\":[{\"value\":\"b\",\"primary\":true}]}"},
    {"{\"userName\":\"a\",\"urn:IETF:params:scim:schemas:extension:enterprise:2.0:User\":"
     "{\"costcenter\":\"c\"}}",
     "{\"userName\":\"a\",\"" ENTERPRISE "\":{\"costCenter\":\"c\"}}"},
    {"{}", NULL},
    {"[]", NULL},
    {"{\"userName\":\" \"}", NULL},
    {"{\"userName\":7}", NULL},
    {"{\"userName\":\"a\",\"active\":\"yes\"}", NULL},
    {"{\"userName\":\"a\",\"" ENTERPRISE "\":7}", NULL},
    {"{\"userName\":\"a\",\"emails\":[{\"primary\":true},{\"primary\":true}]}", NULL},
};

START_TEST(a_resource_becomes_tidy) {
    struct arena arena;
    const char *problem = "";
    cJSON *clean = NULL;
    cJSON *resource = parse(resources[_i].resource);
    arena_init(&arena);
    int r = scim_resource_clean(&scim_user_type, resource, &arena, &clean, &problem);
    if (resources[_i].expected) {
        cJSON *expected = parse(resources[_i].expected);
        ck_assert_msg(r == 0 && cJSON_Compare(clean, expected, true), "%s: %s",
                      resources[_i].resource, problem);
        cJSON_Delete(expected);
    } else {
        ck_assert_int_gt(r, 0);
        ck_assert_str_ne(problem, "");
    }
    arena_deinit(&arena);
    cJSON_Delete(clean);
    cJSON_Delete(resource);
}
END_TEST

static const struct {
    const char *attributes[3];
    const char *excluded[3];
    const char *has;   /* a part of the result */
    const char *lacks; /* not a part of it */
} projections[] = {
    {{"userName"}, {NULL}, "\"userName\"", "emails"},
    {{"USERNAME"}, {NULL}, "\"id\":\"A1\"", "meta"},
    {{CORE ":userName"}, {NULL}, "\"userName\"", "name\":{"},
    {{"emails.value"}, {NULL}, "\"emails\":[{\"value\":\"ada@work.org\"}", "type"},
    {{"emails.value", "emails"}, {NULL}, "\"type\":\"work\"", "userName"},
    {{"name.familyName", "nope"}, {NULL}, "{\"familyName\":", "userName"},
    {{"name.givenName"}, {NULL}, "\"id\"", "\"name\""},
    {{ENTERPRISE}, {NULL}, "\"department\"", "userName"},
    {{ENTERPRISE ":department"}, {NULL}, "\"department\"", "manager"},
    {{ENTERPRISE ":manager.value"}, {NULL}, "{\"manager\":{\"value\":\"M1\"}}", "department"},
    {{NULL}, {"emails", "id"}, "\"id\"", "emails"},
    {{NULL}, {"emails.type"}, "\"value\":\"ada@home.org\"", "\"type\""},
    {{NULL}, {ENTERPRISE}, "\"emails\"", "department"},
    {{NULL}, {ENTERPRISE ":department"}, "\"manager\"", "department"},
    {{"userName"}, {"userName"}, "\"userName\"", "emails"},
    {{NULL}, {NULL}, "\"department\"", "nothing"},
};

static struct string_list list_of(const char *const *texts) {
    struct string_list list = {.items = (const char **)(uintptr_t)texts};
    while (list.count < 3 && texts[list.count])
        list.count++;
    return list;
}

START_TEST(a_projection_leaves_this) {
    cJSON *resource = parse(ada);
    const struct string_list attributes = list_of(projections[_i].attributes);
    const struct string_list excluded = list_of(projections[_i].excluded);
    scim_resource_project(&scim_user_type, resource, &attributes, &excluded);
    char *text = cJSON_PrintUnformatted(resource);
    ck_assert_msg(strstr(text, projections[_i].has) != NULL, "no %s: %s", projections[_i].has,
                  text);
    ck_assert_msg(!strstr(text, projections[_i].lacks), "%s: %s", projections[_i].lacks, text);
    ck_assert(scim_resource_shows(&scim_user_type, "emails", &attributes, &excluded) ==
              (strstr(text, "\"emails\"") != NULL));
    cJSON_free(text);
    cJSON_Delete(resource);
}
END_TEST

START_TEST(sort_keys) {
    static const struct {
        const char *path;
        const char *key;
    } keys[] = {
        {"userName", "Ada@example.com"},
        {"emails", "ada@home.org"},
        {"emails.type", "home"},
        {"active", "true"},
        {"name", NULL},
        {"name.familyName", "Lovelace"},
        {"displayName", NULL},
        {ENTERPRISE ":department", "Engines"},
    };
    cJSON *resource = parse(ada);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct scim_path path;
        ck_assert(scim_path_parse(&scim_user_type, keys[i].path, strlen(keys[i].path), &path));
        ck_assert_pstr_eq(scim_resource_sort_key(resource, &path), keys[i].key);
    }
    cJSON_Delete(resource);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scim");
    TCase *tcase = suite_add(suite, "rows");
    suite_add_rows(tcase, a_filter_means_this, filters);
    suite_add_rows(tcase, a_wrong_filter_is_refused, wrong_filters);
    tcase_add_test(tcase, filters_are_bounded);
    tcase_add_test(tcase, a_filter_tells_its_key_and_its_names);
    suite_add_rows(tcase, a_patch_means_this, patches);
    suite_add_rows(tcase, a_wrong_patch_is_refused, wrong_patches);
    tcase_add_test(tcase, a_patch_is_bounded);
    suite_add_rows(tcase, a_resource_becomes_tidy, resources);
    suite_add_rows(tcase, a_projection_leaves_this, projections);
    tcase_add_test(tcase, sort_keys);
    return suite_run(suite);
}
