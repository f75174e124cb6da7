/* Tests of response templates: what they render, and what is refused. The expected texts are those
 * of WireMock 3.13.1, unless docs/mocking.md says otherwise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "match_request.h"
#include "suite.h"
#include "templates/template.h"
#include "util/java_date.h"
#include "util/java_double.h"

#define BODY                                                                                       \
    "{\"a\":\"x\",\"f\":1.50,\"big\":12345678901234567890,\"z\":null,\"o\":{\"k\":[1,\"two\"]},"   \
    "\"list\":[\"p\",\"q\"]}"

static const char request[] =
    "POST /seg/two%20x/3?q=1&q=2&s=a+b\nHost: h.example:81\nX-One: first\n"
    "X-Multi: one\nx-multi: two\nCookie: c=v\n\n" BODY;
static const char parameters[] =
    "{\"p\":\"v\",\"list\":[1,2,{\"x\":\"y\"}],\"o\":{\"a\":{\"b\":1}}}";

static struct arena arena;
static struct match_subject subject;
static const struct url_template *path;
static cJSON *tree;

static void setup(void) {
    char url_error[URL_TEMPLATE_ERROR_SIZE];
    struct json_error error;
    arena_init(&arena);
    ck_assert(match_request_read(request, strlen(request), &arena, &subject));
    ck_assert_int_eq(match_subject_set_place(&subject, false, subject.target), 0);
    ck_assert_int_eq(url_template_parse("/seg/{name}/{n}", &arena, &path, url_error), 0);
    ck_assert_int_eq(json_parse(parameters, strlen(parameters), &tree, &error), 0);
}

static void teardown(void) {
    cJSON_Delete(tree);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
}

/* Renders into `out`, or writes the error there. Returns the result. */
static int render_with(const char *text, uint64_t seed, char *out, size_t size) {
    const struct template_scope scope = {
        .subject = &subject, .path = path, .parameters = tree, .seed = seed};
    const struct template *template = NULL;
    struct template_session session;
    struct syntax_error error;
    struct buffer buffer = {0};
    int r = template_parse(text, strlen(text), &arena, &template, &error);
    snprintf(out, size, "%s", text);
    if (r > 0)
        snprintf(out, size, "%zu:%zu: %s", error.line, error.column, error.message);
    if (r != 0 || !template)
        return r;
    ck_assert_int_eq(template_session_init(&session, &scope), 0);
    r = template_render(&session, template, &buffer);
    snprintf(out, size, "%s", r > 0 ? session.evaluation.error : buffer.bytes ? buffer.bytes : "");
    buffer_deinit(&buffer);
    template_session_deinit(&session);
    return r;
}

static const struct {
    const char *text;
    const char *rendered;
} rendered[] = {
    {"no template }} \\{ {", "no template }} \\{ {"},
    {"a {{request.method}} b", "a POST b"},
    {"{{{request.method}}}{{&request.method}}{{ request.method }}", "POSTPOSTPOST"},
    {"\\{{x}} {{!c}}{{!-- }} --}}{{request.port}}", "{{x}} 81"},
    {"a  {{~request.port~}}  b", "a81b"},
    {"x {{~! c ~}} y", "xy"},
    {"{{request.url}}", "/seg/two%20x/3?q=1&q=2&s=a+b"},
    {"{{request.path}} {{request.path.[1]}} {{request.path.name}}",
     "/seg/two%20x/3 two%20x two%20x"},
    {"{{request.pathSegments.[2]}} {{request.pathSegments.n}}|{{request.path.[9]}}", "3 3|"},
    {"{{request.query.q}}{{request.query.q.[1]}}{{request.query.q.last}}{{request.query.q.size}}",
     "1222"},
    {"{{request.query.s}}|{{request.query.none}}|{{request.query.q.[7]}}", "a b||"},
    {"{{request.headers.X-ONE}} {{request.headers.x-multi.[1]}} {{request.headers.[X-One]}}",
     "first two first"},
    {"{{request.cookies.c}} {{request.host}} {{request.scheme}} {{request.baseUrl}}",
     "v h.example http http://h.example:81"},
    {"{{request.bodyAsBase64}}",
     "eyJhIjoieCIsImYiOjEuNTAsImJpZyI6MTIzNDU2Nzg5MDEyMzQ1Njc4OTAsInoiOm51bGwsIm8iOnsiayI6WzEsInR3"
     "byJdfSwibGlzdCI6WyJwIiwicSJdfQ=="},
    {"{{parameters}}", "{p=v, list=[1, 2, {x=y}], o={a={b=1}}}"},
    {"{{parameters.list.[2].x}} {{parameters.list.size}} {{@root.parameters.p}}", "y 3 v"},
    {"{{foo}}{{foo.bar}}{{this.foo}}{{../x}}{{@foo}}|", "|"},
    {"{{#if foo}}a{{else if ''}}b{{else}}c{{/if}}{{^foo}}d{{/foo}}{{#unless 0}}e{{/unless}}",
     "cde"},
    {"{{#each parameters.list as |v i|}}{{i}}={{v}};{{/each}}", "0=1;1=2;2={x=y};"},
    {"{{#each parameters.list}}{{@index}}{{@first}}{{@last}}{{x}};{{/each}}", "0first;1;2lasty;"},
    {"{{#each parameters.o}}{{@key}}{{this.b}}{{../parameters.p}}{{/each}}", "a1v"},
    {"{{#each foo}}a{{else}}none{{/each}}{{#with parameters.o}}{{a.b}}{{/with}}", "none1"},
    {"{{#parameters.list}}<{{this}}>{{/parameters.list}}", "<1><2><{x=y}>"},
    {"{{jsonPath request.body '$.a'}} {{jsonPath request.body '$.f'}}", "x 1.50"},
    {"{{jsonPath request.body '$.big'}} {{jsonPath request.body '$.list'}}",
     "12345678901234567890 [\"p\",\"q\"]"},
    {"{{jsonPath request.body '$.o'}}", "{\n  \"k\" : [ 1, \"two\" ]\n}"},
    {"{{jsonPath request.body '$.no' default='d'}}{{jsonPath request.body '$.z'}}", "d"},
    {"{{jsonPath parameters '$.o.a.b'}}{{jsonPath 'no json' '$.a'}}", "1"},
    {"{{eq 1 1.0}} {{eq 'a' 'b'}} {{eq 1 '1'}} {{neq 1 2}}", "true false false true"},
    {"{{eq request.query.q '1'}} {{eq request.method 'POST'}}", "true true"},
    {"{{#eq 1 2}}a{{else}}b{{/eq}}{{eq 1 1 yes='Y' no='N'}}{{#if (gt 2 1.5)}}c{{/if}}", "bYc"},
    {"{{gt 'b' 'a'}} {{lte 2 1}} {{and 1 ''}} {{or '' 'x'}} {{not foo}}",
     "true false false true true"},
    {"{{contains 'abc' 'b'}} {{contains (array 'a' 'b') 'b'}} {{matches 'abc' '[a-c]+'}}",
     "true true true"},
    {"{{math 1 '+' 2}} {{math 5 '/' 2}} {{math 0.1 '+' 0.2}} {{math 5 '%' 3}} {{math 3 'x' 2}}",
     "3 3 0.3 2 6"},
    {"{{math 123456789.5 '*' 1000}} {{math '1.50' '+' '0.5'}} {{math -7 '/' 2}}",
     "1.234567895E11 2.0 -4"},
    {"{{base64 'hello'}} {{base64 'aGVsbG8=' decode=true}} {{base64 'a' padding=false}}",
     "aGVsbG8= hello YQ"},
    {"{{urlEncode 'a b&c'}} {{urlEncode 'a%20b+c' decode=true}}", "a+b%26c a b c"},
    {"{{trim ' a '}}|{{#trim}} b {{/trim}}|{{upper 'ab\u00fc'}} {{lower 'AB'}}", "a|b|AB\u00dc ab"},
    {"{{capitalize 'hello wORLD'}} {{capitalizeFirst 'hello'}} {{defaultIfEmpty '' 'd'}}",
     "Hello WORLD Hello d"},
    {"{{replace 'a.b.a' 'a' 'x'}} {{substring 'h\u00e9\u20acllo' 1 3}} {{cut 'a b' ' '}}",
     "x.b.x \u00e9\u20ac ab"},
    {"{{regexExtract 'ab-12' '([a-z]+)-([0-9]+)' 'm'}}{{m.1}} {{regexExtract 'a1' '[0-9]'}}",
     "12 1"},
    {"{{regexExtract 'a' '[0-9]'}} {{regexExtract 'a' '[0-9]' default='d'}}",
     "[ERROR: Nothing matched [0-9]] d"},
    {"{{join 'a' 'b' '-'}} {{join (array 1 2) ','}} {{arrayJoin '+' (range 1 3)}}",
     "a-b 1,2 1+2+3"},
    {"{{#arrayJoin ',' (array 1 2) as |x|}}<{{x}}>{{/arrayJoin}}", "<1>,<2>"},
    {"{{arrayJoin ',' (array) prefix='[' suffix=']'}}{{join (array) ',' prefix='['}}|", "|"},
    {"{{arrayAdd (array 1 2) 3 position=1}} {{arrayRemove (array 1 2 3) position='start'}}",
     "[1, 3, 2] [2, 3]"},
    {"{{size 'ab\U0001F600'}} {{size (array 1)}} {{size request.query}}", "4 1 2"},
    {"{{val 'v' assign='w'}}{{w}} {{val foo or='d'}} {{#assign 'n'}}{{size 'ab'}}{{/assign}}{{n}}",
     "v d 2"},
    {"{{toJson parameters.o}} {{toJson (array 1 'a')}}",
     "{\n  \"a\" : {\n    \"b\" : 1\n  }\n} [ 1, \"a\" ]"},
    {"{{parseJson '{\"a\":[1.50]}' 'j'}}{{j.a.[0]}} {{parseJson '{\"a\":null}'}}", "1.50 {a=null}"},
    {"{{formatJson '{\"a\": [1, {}]}' format='compact'}}", "{\"a\":[1,{}]}"},
    {"{{jsonArrayAdd '{\"a\":[1]}' '[2]' jsonPath='$.a' flatten=true}}", "{\"a\":[1,2]}"},
    {"{{jsonMerge '{\"a\":1,\"b\":{\"c\":1}}' '{\"a\":null,\"b\":{\"d\":2}}' removeNulls=true}}",
     "{\"b\":{\"c\":1,\"d\":2}}"},
    {"{{jsonMerge '{\"a\":1}' '{\"a\":2}'}} {{jsonRemove '{\"a\":1,\"b\":2}' '$.a'}}",
     "{\"a\":2} {\"b\":2}"},
    {"{{formData 'a=x+y&a=2' 'f' urlDecode=true}}{{f.a}}{{f.a.[1]}}", "x y2"},
    {"{{numberFormat 1234.567}} {{numberFormat 0.25 'percent'}} {{numberFormat 5 '000.0'}}",
     "1,234.567 25% 005.0"},
    {"{{now}} {{now format='unix'}} {{now offset='-1 days' format='d MMM yyyy'}}",
     "2024-01-02T03:04:05Z 1704164645 1 Jan 2024"},
    {"{{now timezone='+02:00' format='HH:mm:ss.SSS Z'}} {{now timezone='Europe/Paris'}}",
     "05:04:05.678 +0200 2024-01-02T04:04:05+01:00"},
    {"{{date (parseDate '2020-07-01T00:00:00Z') offset='6 months'}}", "2021-01-01T00:00:00Z"},
    {"{{date (parseDate '02/01/2020' format='dd/MM/yyyy') format='EEEE'}}", "Thursday"},
    {"{{truncateDate (parseDate '2020-02-17T03:04:05+02:00') 'last day of month'}}",
     "2020-02-29T00:00:00+02:00"},
    {"{{randomInt lower=5 upper=6}} {{randomValue length=0}}|{{pickRandom 'a'}}", "5 |a"},
    {"{{matches (randomValue type='UUID') '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab].*'}}",
     "true"},
    {"{{matches (randomValue length=9 type='HEXADECIMAL' uppercase=true) '[0-9A-F]{9}'}}", "true"},
};

START_TEST(renders) {
    char out[1024];
    int r = render_with(rendered[_i].text, 1, out, sizeof(out));
    ck_assert_msg(r == 0 && strcmp(out, rendered[_i].rendered) == 0, "%s: %s", rendered[_i].text,
                  out);
}
END_TEST

/* `place` starts the message. */
static const struct {
    const char *text;
    const char *place;
    const char *reason;
} refused[] = {
    {"{{foo 1}}", "1:3: ", "has no helper 'foo'"},
    {"a\n  {{uper 'x'}}", "2:5: ", "did you mean upper?"},
    {"{{#foo 1}}{{/foo}}", "1:4: ", "has no helper"},
    {"{{upper (nope 1)}}", "1:10: ", "has no helper"},
    {"{{#if a}}x", "1:1: ", "without its {{/if}}"},
    {"{{#if a}}x{{/each}}", "1:14: ", "the open block is {{#if}}"},
    {"{{else}}", "1:1: ", "outside of a block"},
    {"{{/if}}", "1:1: ", "outside of a block"},
    {"{{#if a}}{{else}}{{else}}{{/if}}", "1:18: ", "second {{else}}"},
    {"{{request.method", "1:1: ", "without its }}"},
    {"{{{request.method}}", "1:18: ", "expects }}}"},
    {"{{}}", "1:3: ", "expects a name"},
    {"{{5}}", "1:3: ", "expects a name"},
    {"{{upper 'x}}", "1:9: ", "a text without its end"},
    {"{{upper (lower 'x'}}", "1:19: ", "expects )"},
    {"{{a.[b}}", "1:5: ", "has a [ without its ]"},
    {"{{! c", "1:1: ", "comment"},
    {"{{> part}}", "1:1: ", "a partial"},
    {"{{{{raw}}}}", "1:1: ", "a raw block"},
    {"{{=<% %>=}}", "1:1: ", "other delimiters"},
    {"{{if a}}", "1:3: ", "needs a block"},
    {"{{#upper 'x'}}{{/upper}}", "1:4: ", "cannot be a block"},
    {"{{now fmt='x'}}", "1:7: ", "has no option 'fmt'; it has: format offset timezone"},
    {"{{now format='a' format='b'}}", "1:18: ", "twice"},
    {"{{now format='qqq'}}", "1:3: ", "the letter 'q'"},
    {"{{now format='X\\'}}", "1:14: ", "a text without its end"},
    {"{{now offset='3 parsecs'}}", "1:3: ", "the offset '3 parsecs'"},
    {"{{now timezone='Nowhere/Else'}}", "1:3: ", "unknown timezone"},
    {"{{now timezone='../../etc/passwd'}}", "1:3: ", "unknown timezone"},
    {"{{randomValue type='WORDS'}}", "1:3: ", "the type 'WORDS'"},
    {"{{jsonPath request.body '$['}}", "1:3: ", "invalid JSONPath"},
    {"{{matches 'a' '['}}", "1:3: ", "invalid regular expression"},
    {"{{math 1 '^' 2}}", "1:3: ", "the operator '^'"},
    {"{{truncateDate (now) 'foo'}}", "1:3: ", "truncation 'foo'"},
    {"{{formatJson '{}' format='x'}}", "1:3: ", "format 'x'"},
    {"{{xPath request.body '/a'}}", "1:3: ", "XML"},
    {"{{soapXPath request.body '/a'}}", "1:3: ", "XML"},
    {"{{formatXml '<a/>'}}", "1:3: ", "XML"},
    {"{{hostname}}", "1:3: ", "not supported"},
    {"{{systemValue key='HOME'}}", "1:3: ", "not supported"},
};

START_TEST(refuses) {
    char out[1024];
    const struct template *template;
    struct syntax_error error;
    const char *text = refused[_i].text;
    int r = template_parse(text, strlen(text), &arena, &template, &error);
    ck_assert_int_gt(r, 0);
    snprintf(out, sizeof(out), "%zu:%zu: %s", error.line, error.column, error.message);
    ck_assert_msg(strncmp(out, refused[_i].place, strlen(refused[_i].place)) == 0 &&
                      strstr(out, refused[_i].reason),
                  "%s: %s", text, out);
}
END_TEST

static const struct {
    const char *text;
    const char *reason;
} failing[] = {
    {"{{base64 foo}}", "1:3: 'base64' has no value for parameter 1"},
    {"{{base64 '!' decode=true}}", "is not base64"},
    {"{{substring 'abc' 9}}", "has no characters 9 to 3 of 3"},
    {"{{gt 'x' 1}}", "cannot compare 'x' with '1'"},
    {"{{math 1 '/' 0}}", "divides by zero"},
    {"{{randomInt lower=5 upper=5}}", "upper bound"},
    {"{{pickRandom (array)}}", "nothing to pick from"},
    {"{{parseJson 'x'}}", "needs an object or a list"},
    {"{{range 1 'x'}}", "needs a whole number as parameter 2"},
    {"{{range 1 1000000000}}", "takes too much"},
    {"{{#each (range 1 9999)}}{{#each (range 1 9999)}}x{{/each}}{{/each}}", "takes too much"},
    {"{{#each (range 1 99)}}{{randomValue length=1000000}}{{/each}}", "takes too much"},
    {"{{now offset=parameters.p}}", "the offset 'v'"},
    {"{{now offset='90000 years'}}", "beyond the years"},
    {"a\n{{#with parameters}}\n  {{base64 foo}}{{/with}}", "3:5: "},
};

START_TEST(fails_with_a_place) {
    char out[1024];
    int r = render_with(failing[_i].text, 1, out, sizeof(out));
    ck_assert_msg(r > 0 && strstr(out, failing[_i].reason), "%s: %d %s", failing[_i].text, r, out);
}
END_TEST

START_TEST(random_values_follow_the_seed) {
    static const char text[] =
        "{{randomValue}} {{randomInt}} {{randomDecimal}} {{pickRandom 1 2 3}}";
    char out[3][256];
    ck_assert_int_eq(render_with(text, 7, out[0], sizeof(out[0])), 0);
    ck_assert_int_eq(render_with(text, 7, out[1], sizeof(out[1])), 0);
    ck_assert_int_eq(render_with(text, 8, out[2], sizeof(out[2])), 0);
    ck_assert_str_eq(out[0], out[1]);
    ck_assert_str_ne(out[0], out[2]);
}
END_TEST

/* Writes `count` times the same text. */
static char *repeat(const char *text, size_t count, const char *end) {
    size_t length = strlen(text);
    char *all = malloc(length * count + strlen(end) + 1);
    ck_assert_ptr_nonnull(all);
    for (size_t i = 0; i < count; i++)
        memcpy(all + i * length, text, length);
    strcpy(all + length * count, end);
    return all;
}

START_TEST(decodes_a_path_without_names) {
    static const struct {
        const char *target;
        const char *text;
    } paths[] = {
        {"/a%20b/%C3%A4?q=%20", "/a b/\u00e4|a b|\u00e4|"},
        {"/a%2Fb%3Fc", "/a/b?c|a|b?c|"},
        {"/a+b/", "/a+b/|a+b||"},
        {"/%ff/%20", "/%ff/%20|%ff|%20|"},
        {"/%00", "/%00|%00||"},
        {"/a%2", "/a%2|a%2||"},
    };
    char out[1024];
    path = NULL;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        subject.target = paths[i].target;
        ck_assert_int_eq(render_with("{{request.path}}|{{request.path.[0]}}|"
                                     "{{request.pathSegments.[1]}}|{{request.path.[2]}}",
                                     1, out, sizeof(out)),
                         0);
        ck_assert_str_eq(out, paths[i].text);
    }
}
END_TEST

START_TEST(limits_the_size_of_templates) {
    static const struct {
        const char *text;
        size_t count;
        const char *end;
        const char *reason;
    } large[] = {
        {"{{a}}", SYNTAX_MAX_TAGS + 1, "", "more than 10000 tags"},
        {"{{#a}}", SYNTAX_MAX_DEPTH + 1, "", "nests blocks"},
        {"(array ", 1000, "", "nests more than"},
        {"1 ", 300, "", "more than 200 parameters"},
        {"{{else if b}}", SYNTAX_MAX_DEPTH + 1, "", "nests blocks"},
        {"a.", 100, "a}}", "a path with more than"},
    };
    static const char *const starts[] = {"", "", "{{upper ", "{{array ", "{{#if a}}", "{{"};
    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        const struct template *template;
        struct syntax_error error;
        char *tail = repeat(large[i].text, large[i].count, large[i].end);
        const char *text = arena_format(&arena, "%s%s", starts[i], tail);
        free(tail);
        ck_assert_int_gt(template_parse(text, strlen(text), &arena, &template, &error), 0);
        ck_assert_msg(strstr(error.message, large[i].reason), "%s", error.message);
    }
}
END_TEST

START_TEST(writes_doubles_as_java) {
    static const struct {
        double number;
        const char *text;
    } doubles[] = {
        {0, "0.0"},
        {1.5, "1.5"},
        {-100, "-100.0"},
        {1e7, "1.0E7"},
        {0.001, "0.001"},
        {1e-4, "1.0E-4"},
        {1234567.8, "1234567.8"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e300 * 1e10, "Infinity"},
        {-1e300 * 1e10, "-Infinity"},
    };
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
        char out[JAVA_DOUBLE_SIZE];
        java_double_format(doubles[i].number, out);
        ck_assert_str_eq(out, doubles[i].text);
    }
}
END_TEST

START_TEST(writes_dates_as_java) {
    static const struct {
        int64_t instant;
        const char *zone;
        const char *pattern;
        const char *text;
    } dates[] = {
        {1704164645678, NULL, "EEEE EEE MMMM MMM MM M d dd D yy yyyy a h hh K k H s S SSS",
         "Tuesday Tue January Jan 01 1 2 02 2 24 2024 AM 3 03 3 3 3 5 678 678"},
        {1704164645678, NULL, "yyyy''MM 'at' 'o''clock'", "2024'01 at o'clock"},
        {1609297445000, NULL, "YYYY w W F u G", "2021 1 5 5 3 AD"},
        {0, NULL, "k K h z Z X XXX", "24 0 12 UTC +0000 Z Z"},
        {1593561600000, "America/New_York", "yyyy-MM-dd HH z Z XXX",
         "2020-06-30 20 EDT -0400 -04:00"},
        {4102444800000, "America/New_York", "yyyy-MM-dd HH z", "2099-12-31 19 EST"},
        {4118083200000, "Europe/Paris", "yyyy-MM-dd HH z", "2100-07-01 02 CEST"},
        {4118083200000, "Australia/Sydney", "yyyy-MM-dd HH Z", "2100-07-01 10 +1000"},
        {-86400000, "GMT-3", "yyyy-MM-dd HH z X", "1969-12-30 21 GMT-03:00 -03"},
    };
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        const struct time_zone *zone = NULL;
        char out[JAVA_DATE_SIZE];
        if (dates[i].zone)
            ck_assert_int_eq(time_zone_find(dates[i].zone, &arena, &zone), 0);
        ck_assert_int_eq(java_date_format(dates[i].pattern, dates[i].instant, zone, out), 0);
        ck_assert_str_eq(out, dates[i].text);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("templates");
    TCase *tcase = suite_add(suite, "templates");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, renders, rendered);
    suite_add_rows(tcase, refuses, refused);
    suite_add_rows(tcase, fails_with_a_place, failing);
    tcase_add_test(tcase, random_values_follow_the_seed);
    tcase_add_test(tcase, decodes_a_path_without_names);
    tcase_add_test(tcase, limits_the_size_of_templates);
    tcase_add_test(tcase, writes_doubles_as_java);
    tcase_add_test(tcase, writes_dates_as_java);
    return suite_run(suite);
}
