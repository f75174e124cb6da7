
#include "json/json_schema.h"
#include "suite.h"

static const struct {
    const char *schema;
    const char *value;
    bool valid;
} rows[] = {
    {"{}", "1", true},
    {"true", "1", true},
    {"false", "1", false},
    {"{\"type\":\"object\"}", "{}", true},
    {"{\"type\":\"object\"}", "[]", false},
    {"{\"type\":\"integer\"}", "1.0", true},
    {"{\"type\":\"integer\"}", "1.5", false},
    {"{\"type\":\"integer\"}", "1e300", true},
    {"{\"type\":[\"string\",\"null\"]}", "null", true},
    {"{\"type\":[\"string\",\"null\"]}", "false", false},
    {"{\"type\":\"boolean\"}", "false", true},
    {"{\"type\":\"number\"}", "\"1\"", false},
    {"{\"enum\":[1,\"a\",[2]]}", "[2]", true},
    {"{\"enum\":[1,\"a\",[2]]}", "[3]", false},
    {"{\"const\":{\"a\":1}}", "{\"a\":1}", true},
    {"{\"const\":\"${json-unit.ignore}\"}", "2", false},
    {"{\"minimum\":1,\"maximum\":3}", "1", true},
    {"{\"minimum\":1,\"maximum\":3}", "3.5", false},
    {"{\"minimum\":1}", "\"0\"", true},
    {"{\"exclusiveMinimum\":1}", "1", false},
    {"{\"exclusiveMaximum\":1}", "0.5", true},
    {"{\"exclusiveMaximum\":1}", "1", false},
    {"{\"minimum\":1,\"exclusiveMinimum\":true}", "1", false},
    {"{\"minimum\":1,\"exclusiveMinimum\":false}", "1", true},
    {"{\"maximum\":1,\"exclusiveMaximum\":true}", "1", false},
    {"{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa9\xc3\xa9\xc3\xa9\"", true},
    {"{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa9\"", false},
    {"{\"maxLength\":3}", "\"abcd\"", false},
    {"{\"pattern\":\"^a\"}", "\"ab\"", true},
    {"{\"pattern\":\"b\"}", "\"ab\"", true},
    {"{\"pattern\":\"^b\"}", "\"ab\"", false},
    {"{\"pattern\":\"^b\"}", "7", true},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":\"x\",\"b\":1}", true},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", false},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{}", true},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1}", true},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}", false},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"b\":1}", true},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"b\":\"1\"}", false},
    {"{\"required\":[\"a\"]}", "{\"a\":null}", true},
    {"{\"required\":[\"a\"]}", "{\"A\":1}", false},
    {"{\"required\":[\"a\"]}", "[]", true},
    {"{\"minProperties\":1,\"maxProperties\":1}", "{}", false},
    {"{\"minProperties\":1,\"maxProperties\":1}", "{\"a\":1}", true},
    {"{\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":2}", "[\"a\"]", true},
    {"{\"items\":{\"type\":\"string\"}}", "[\"a\",1]", false},
    {"{\"minItems\":1}", "[]", false},
    {"{\"maxItems\":2}", "[1,2,3]", false},
    {"{\"uniqueItems\":true}", "[1,\"1\",[1]]", true},
    {"{\"uniqueItems\":true}", "[{\"a\":1},2,{\"a\":1.0}]", false},
    {"{\"uniqueItems\":false}", "[1,1]", true},
    {"{\"contains\":{\"const\":2}}", "[1,2]", true},
    {"{\"contains\":{\"const\":2}}", "[]", false},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":3}]}", "3", true},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":3}]}", "2", false},
    {"{\"allOf\":[{\"type\":\"number\"},{\"minimum\":3}]}", "3", true},
    {"{\"allOf\":[{\"type\":\"number\"},{\"minimum\":3}]}", "2", false},
    {"{\"oneOf\":[{\"type\":\"number\"},{\"minimum\":3}]}", "2", true},
    {"{\"oneOf\":[{\"type\":\"number\"},{\"minimum\":3}]}", "3", false},
    {"{\"not\":{\"type\":\"number\"}}", "\"x\"", true},
    {"{\"not\":{\"type\":\"number\"}}", "3", false},
    {"{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"type\":\"number\"}}}", "3", true},
    {"{\"$ref\":\"#/definitions/n\",\"definitions\":{\"n\":{\"type\":\"number\"}}}", "\"3\"",
     false},
    {"{\"properties\":{\"next\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
     "{\"next\":{\"next\":{}}}", true},
    {"{\"properties\":{\"next\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
     "{\"next\":{\"next\":{\"x\":1}}}", false},
    {"{\"$schema\":\"x\",\"$id\":\"y\",\"title\":\"t\",\"description\":\"d\",\"default\":1,"
     "\"examples\":[],\"format\":\"email\",\"$comment\":\"\",\"readOnly\":true}",
     "3", true},
};

/* Returns 0 when the value is valid, >0 when it is not, or -1 when the schema is refused. */
static int check(const char *schema_text, const char *value_text, struct budget *budget,
                 char error[JSON_SCHEMA_ERROR_SIZE]) {
    struct arena arena;
    const struct json_schema *schema = NULL;
    arena_init(&arena);
    cJSON *tree = cJSON_Parse(schema_text);
    cJSON *value = cJSON_Parse(value_text);
    ck_assert(tree && value);
    int r = json_schema_parse(tree, &arena, &schema, error);
    ck_assert_int_ge(r, 0);
    r = r > 0 ? -1 : json_schema_check(schema, value, &arena, budget);
    cJSON_Delete(tree);
    cJSON_Delete(value);
    arena_deinit(&arena);
    return r;
}

START_TEST(values_are_checked_against_a_schema) {
    struct budget budget = {.left = 1000};
    char error[JSON_SCHEMA_ERROR_SIZE] = "";
    int r = check(rows[_i].schema, rows[_i].value, &budget, error);
    ck_assert_msg(r == (rows[_i].valid ? 0 : 1), "%s %s: %d %s", rows[_i].schema, rows[_i].value, r,
                  error);
    ck_assert(!budget.exhausted);
}
END_TEST

static const struct {
    const char *schema;
    const char *error;
} refused[] = {
    {"1", "the schema's \"root\" must contain schemas: objects, true or false"},
    {"{\"patternProperties\":{}}", "the schema's \"patternProperties\" is not supported"},
    {"{\"if\":{}}", "the schema's \"if\" is not supported"},
    {"{\"properties\":{\"a\":{\"multipleOf\":2}}}", "the schema's \"multipleOf\" is not supported"},
    {"{\"type\":\"text\"}", "the schema's \"type\" is not a known type"},
    {"{\"type\":[\"string\",1]}", "the schema's \"type\" must be a list of names"},
    {"{\"type\":1}", "the schema's \"type\" must be a list"},
    {"{\"required\":\"a\"}", "the schema's \"required\" must be a list"},
    {"{\"required\":[1]}", "the schema's \"required\" must be a list of names"},
    {"{\"minLength\":-1}", "the schema's \"minLength\" must be a non-negative integer"},
    {"{\"minLength\":1.5}", "the schema's \"minLength\" must be a non-negative integer"},
    {"{\"minimum\":\"1\"}", "the schema's \"minimum\" must be a number"},
    {"{\"exclusiveMinimum\":\"1\"}", "the schema's \"exclusiveMinimum\" must be a number"},
    {"{\"uniqueItems\":1}", "the schema's \"uniqueItems\" must be true or false"},
    {"{\"enum\":1}", "the schema's \"enum\" must be a list"},
    {"{\"pattern\":1}", "the schema's \"pattern\" must be a string"},
    {"{\"pattern\":\"(\"}", "the schema's \"pattern\" missing closing parenthesis at byte 1"},
    {"{\"properties\":[]}", "the schema's \"properties\" must be an object of schemas"},
    {"{\"anyOf\":{}}", "the schema's \"anyOf\" must be a list of schemas"},
    {"{\"items\":[{}]}", "the schema's \"items\" must contain schemas: objects, true or false"},
    {"{\"$ref\":\"#/definitions/x\"}",
     "the schema's \"$ref\" does not refer to a definition in this schema"},
    {"{\"$ref\":\"http://x/y\"}",
     "the schema's \"$ref\" does not refer to a definition in this schema"},
    {"{\"$ref\":\"#/properties/a\",\"properties\":{\"a\":{}}}",
     "the schema's \"$ref\" does not refer to a definition in this schema"},
};

START_TEST(unsupported_schemas_are_refused) {
    struct budget budget = {.left = 1000};
    char error[JSON_SCHEMA_ERROR_SIZE] = "";
    ck_assert_int_eq(check(refused[_i].schema, "1", &budget, error), -1);
    ck_assert_str_eq(error, refused[_i].error);
}
END_TEST

static const char *const endless[] = {
    "{\"$ref\":\"#\"}",
    "{\"not\":{\"$ref\":\"#\"}}",
    "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
    "{\"oneOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#\"}]}}}",
};

START_TEST(endless_schemas_are_given_up) {
    struct budget budget = {.left = 1000000};
    char error[JSON_SCHEMA_ERROR_SIZE] = "";
    check(endless[_i], "1", &budget, error);
    ck_assert(budget.exhausted);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json_schema");
    TCase *tcase = suite_add(suite, "json_schema");
    suite_add_rows(tcase, values_are_checked_against_a_schema, rows);
    suite_add_rows(tcase, unsupported_schemas_are_refused, refused);
    suite_add_rows(tcase, endless_schemas_are_given_up, endless);
    return suite_run(suite);
}
