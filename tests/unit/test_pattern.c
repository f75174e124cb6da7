#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "match/pattern.h"
#include "pattern_check.h"
#include "suite.h"

#define FORM "POST /f\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\n"

static const struct {
    const char *pattern;
    const char *request;
    bool matches;
} requests[] = {
    {"{}", "GET /", true},
    {"{'method':'ANY'}", "GET /", true},
    {"{'method':'GET'}", "GET /", true},
    {"{'method':'get'}", "GET /", true},
    {"{'method':'GET_OR_HEAD'}", "GET /", true},
    {"{'method':'GET_OR_HEAD'}", "HEAD /", true},
    {"{'method':'GET_OR_HEAD'}", "POST /", false},
    {"{'method':{'oneOf':['PUT','ANY']}}", "GET /", true},
    {"{'method':{'noneOf':['GET_OR_HEAD']}}", "HEAD /", false},
    {"{'url':'*'}", "OPTIONS *", true},
    {"{'method':'PUT'}", "GET /", false},
    {"{'method':{'oneOf':['PUT','GET']}}", "GET /", true},
    {"{'method':{'oneOf':['PUT','POST']}}", "GET /", false},
    {"{'method':{'noneOf':['PUT','POST']}}", "GET /", true},
    {"{'method':{'noneOf':['PUT','GET']}}", "GET /", false},
    {"{'url':null,'headers':null}", "GET /", true},
    {"{'multipartPatterns':[],'headers':{'A':{'absent':'(absent)','x':null}}}", "GET /", true},
    {"{'url':'/a?b=c'}", "GET /a?b=c", true},
    {"{'url':'/a'}", "GET /a?b=c", false},
    {"{'url':'/a?b=c'}", "GET /a", false},
    {"{'urlPattern':'/a\\\\?b=.'}", "GET /a?b=c", true},
    {"{'urlPattern':'/a'}", "GET /a?b=c", false},
    {"{'urlPattern':'a'}", "GET /a", false},
    {"{'urlPath':'/a'}", "GET /a?b=c", true},
    {"{'urlPath':'/a'}", "GET /a/b", false},
    {"{'urlPathPattern':'/[a-z]+'}", "GET /abc?b=1", true},
    {"{'urlPathPattern':'/[a-z]+'}", "GET /abc/1", false},
    {"{'urlPathTemplate':'/users/{id}'}", "GET /users/7?x=1", true},
    {"{'urlPathTemplate':'/users/{id}'}", "GET /users/7/groups", false},
    {"{'urlPathTemplate':'/users/{id}','pathParameters':{'id':{'equalTo':'7'}}}", "GET /users/7",
     true},
    {"{'pathParameters':{'id':{'equalTo':'7'}},'urlPathTemplate':'/users/{id}'}", "GET /users/8",
     false},
    {"{'urlPathTemplate':'/users/{id}','pathParameters':{'id':{'equalTo':'7'}}}", "GET /groups",
     false},
    {"{'urlPathTemplate':'/{t}/{id}','pathParameters':{'id':{'equalTo':'a b'}}}", "GET /x/a%20b",
     false},
    {"{'urlPathTemplate':'/{t}/{id}','pathParameters':{'id':{'equalTo':'a%20b'}}}", "GET /x/a%20b",
     true},
    {"{'queryParameters':{'q':{'equalTo':'a b'}}}", "GET /?q=a+b", true},
    {"{'queryParameters':{'q':{'equalTo':'a b'}}}", "GET /?x=1&q=a%20b", true},
    {"{'queryParameters':{'q':{'equalTo':'a'}}}", "GET /?q=b&q=a", true},
    {"{'queryParameters':{'q':{'equalTo':'a'}}}", "GET /?Q=a", false},
    {"{'queryParameters':{'q':{'equalTo':'a'}}}", "GET /", false},
    {"{'queryParameters':{'q':{'equalTo':''}}}", "GET /?q", true},
    {"{'queryParameters':{'q':{'equalTo':'%zz'}}}", "GET /?q=%zz", true},
    {"{'queryParameters':{'q':{'absent':true}}}", "GET /?p=1", true},
    {"{'queryParameters':{'q':{'absent':true}}}", "GET /?q=1", false},
    {"{'queryParameters':{'a b':{'equalTo':'1=2'}}}", "GET /?&&a+b=1=2&", true},
    {"{'queryParameters':{'q':{'hasExactly':[{'equalTo':'1'},{'equalTo':'2'}]}}}", "GET /?q=2&q=1",
     true},
    {"{'queryParameters':{'q':{'hasExactly':[{'equalTo':'1'},{'equalTo':'2'}]}}}",
     "GET /?q=2&q=1&q=3", false},
    {"{'queryParameters':{'q':{'hasExactly':[{'equalTo':'1'},{'equalTo':'1'}]}}}", "GET /?q=2&q=1",
     true},
    {"{'queryParameters':{'q':{'hasExactly':[{'equalTo':'1'},{'doesNotContain':'2'}]}}}",
     "GET /?q=2&q=1", true},
    {"{'queryParameters':{'q':{'hasExactly':[{'equalTo':'1'},{'equalTo':'3'}]}}}", "GET /?q=2&q=1",
     false},
    {"{'queryParameters':{'q':{'hasExactly':[{'equalTo':'1'}]}}}", "GET /", false},
    {"{'queryParameters':{'q':{'includes':[{'equalTo':'1'},{'contains':'x'}]}}}",
     "GET /?q=3&q=axb&q=1", true},
    {"{'queryParameters':{'q':{'includes':[{'equalTo':'1'},{'contains':'x'}]}}}", "GET /?q=3&q=1",
     false},
    {"{'headers':{'accept':{'contains':'json'}}}", "GET /\nAccept: application/json", true},
    {"{'headers':{'Accept':{'contains':'json'}}}", "GET /\nAccept: text/html\nACCEPT: a/json",
     true},
    {"{'headers':{'Accept':{'contains':'json'}}}", "GET /", false},
    {"{'headers':{'X':{'absent':true}}}", "GET /", true},
    {"{'headers':{'X':{'or':[{'absent':true},{'equalTo':'1'}]}}}", "GET /", true},
    {"{'headers':{'X':{'or':[{'absent':true},{'equalTo':'1'}]}}}", "GET /\nX: 1", true},
    {"{'headers':{'X':{'or':[{'absent':true},{'equalTo':'1'}]}}}", "GET /\nX: 2", false},
    {"{'headers':{'X':{'doesNotContain':'a'}}}", "GET /", true},
    {"{'headers':{'X':{'doesNotMatch':'.*'}}}", "GET /", true},
    {"{'headers':{'X':{'not':{'equalTo':'a'}}}}", "GET /", true},
    {"{'headers':{'X':{'not':{'not':{'equalTo':'a'}}}}}", "GET /", false},
    {"{'headers':{'X':{'not':{'doesNotMatch':'a'}}}}", "GET /", false},
    {"{'headers':{'X':{'not':{'absent':true}}}}", "GET /", false},
    {"{'headers':{'X':{'not':{'before':'now'}}}}", "GET /", true},
    {"{'headers':{'X':{'and':[{'doesNotContain':'a'},{'doesNotMatch':'b'}]}}}", "GET /", true},
    {"{'headers':{'X':{'and':[{'contains':'a'},{'doesNotMatch':'b'}]}}}", "GET /", false},
    {"{'headers':{'X':{'or':[{'contains':'a'},{'doesNotMatch':'b'}]}}}", "GET /", true},
    {"{'headers':{'X':{'includes':[{'doesNotContain':'a'}]}}}", "GET /", false},
    {"{'headers':{'X':{'includes':[{'absent':true}]}}}", "GET /", false},
    {"{'headers':{'X':{'hasExactly':[{'doesNotContain':'a'}]}}}", "GET /", false},
    {"{'headers':{'X':{'anything':'anything'}}}", "GET /", true},
    {"{'queryParameters':{'q':{'doesNotMatch':'a'}}}", "GET /", true},
    {"{'queryParameters':{'q':{'doesNotMatch':'a'}}}", "GET /?q=a", false},
    {"{'queryParameters':{'q':{'not':{'contains':'a'}}}}", "GET /?p=a", true},
    {"{'formParameters':{'a':{'doesNotContain':'1'}}}", FORM "b=1", true},
    {"{'formParameters':{'a':{'not':{'equalTo':'1'}}}}", FORM, true},
    {"{'pathParameters':{'id':{'doesNotMatch':'a'}},'urlPathTemplate':'/{id}'}", "GET /", false},
    {"{'headers':{'X':{'anything':'anything'}}}", "GET /\nX:", true},
    {"{'cookies':{'s':{'equalTo':'1'}}}", "GET /\nCookie: a=b; s=1 ;c", true},
    {"{'cookies':{'s':{'equalTo':'x y'}}}", "GET /\nCookie: a=b\ncookie: s=\"x y\"", true},
    {"{'cookies':{'s':{'equalTo':'1'}}}", "GET /\nCookie: S=1; ; =1; s", false},
    {"{'cookies':{'s':{'absent':true}}}", "GET /", true},
    {"{'cookies':{'s':{'doesNotMatch':'a'}}}", "GET /", false},
    {"{'cookies':{'s':{'not':{'equalTo':'a'}}}}", "GET /", false},
    {"{'cookies':{'s':{'or':[{'absent':true},{'equalTo':'a'}]}}}", "GET /", false},
    {"{'cookies':{'s':{'anything':'anything'}}}", "GET /", false},
    {"{'formParameters':{'a':{'equalTo':'1 2'}}}", FORM "b=2&a=1+2", true},
    {"{'formParameters':{'a':{'equalTo':'1'}}}", FORM "b=2", false},
    {"{'formParameters':{'a':{'equalTo':'1'}}}", "POST /\n\na=1", false},
    {"{'basicAuth':{'username':'root@root.com','password':'Root!1234'}}",
     "GET /\nAuthorization: basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=", true},
    {"{'basicAuthCredentials':{'username':'root@root.com','password':'Root!1234'}}",
     "GET /\nAuthorization: Basic  cm9vdEByb290LmNvbTpSb290ITEyMzQ=", true},
    {"{'basicAuth':{'username':'root@root.com','password':'x'}}",
     "GET /\nAuthorization: Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=", false},
    {"{'basicAuth':{'username':'root@root.com','password':'x'}}", "GET /", false},
    {"{'scheme':'http','port':8080,'host':{'equalTo':'localhost'}}", "GET /", true},
    {"{'port':80}", "GET /", false},
    {"{'host':{'equalTo':'example.com'}}", "GET /", false},
    {"{'clientIp':{'matches':'127[.].*'}}", "GET /", true},
    {"{'clientIp':{'equalTo':'::1'}}", "GET /", false},
    {"{'bodyPatterns':[{'contains':'a'},{'contains':'b'}]}", "PUT /\n\nab", true},
    {"{'bodyPatterns':[{'contains':'a'},{'contains':'b'}]}", "PUT /\n\na", false},
    {"{'bodyPatterns':[{'absent':true}]}", "PUT /", true},
    {"{'bodyPatterns':[{'absent':true}]}", "PUT /\n\nx", false},
    {"{'bodyPatterns':[{'equalTo':''}]}", "PUT /", false},
    {"{'bodyPatterns':[{'binaryEqualTo':''}]}", "PUT /", true},
    {"{'bodyPatterns':[{'binaryEqualTo':''}]}", "PUT /\n\nx", false},
    {"{'bodyPatterns':[{'not':{'equalTo':''}}]}", "PUT /", true},
    {"{'bodyPatterns':[{'not':{'absent':true}}]}", "PUT /", false},
    {"{'bodyPatterns':[{'not':{'absent':true}}]}", "PUT /\n\nx", true},
    {"{'bodyPatterns':[{'or':[{'absent':true},{'equalTo':'x'}]}]}", "PUT /", true},
    {"{'bodyPatterns':[{'doesNotContain':'a'}]}", "PUT /", true},
    {"{'bodyPatterns':[{'matches':'.*'}]}", "PUT /", false},
    {"{'bodyPatterns':[{'doesNotMatch':'.*'}]}", "PUT /", true},
    {"{'bodyPatterns':[{'matchesJsonPath':'$.a'}]}", "PUT /", false},
    {"{'bodyPatterns':[{'matchesJsonPath':{'expression':'$.a','absent':true}}]}", "PUT /", true},
    {"{'bodyPatterns':[{'equalToJson':'{}'}]}", "PUT /", false},
    {"{'method':'PUT','urlPathTemplate':'/api/v1/{tenant}/users/{id}/groups',"
     "'pathParameters':{'tenant':{'equalTo':'main'}},"
     "'headers':{'Content-Type':{'equalTo':'application/json'}},"
     "'bodyPatterns':[{'matchesJsonPath':{'expression':'$.groupIds.length()',"
     "'equalToNumber':2}}]}",
     "PUT /api/v1/main/users/7/groups\nContent-Type: application/json\n\n"
     "{\"groupIds\":[\"a\",\"b\"]}",
     true},
    {"{'multipartPatterns':[{'name':'other'}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     true},
    {"{'multipartPatterns':[{'bodyPatterns':[{'equalToJson':{'k':1}}],'headers':{'x-y':{'equalTo':'"
     "2'}}}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     true},
    {"{'multipartPatterns':[{'bodyPatterns':[{'equalTo':'x'}],'headers':{'X-Y':{'equalTo':'2'}}}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     false},
    {"{'multipartPatterns':[{'matchingType':'ALL','bodyPatterns':[{'equalTo':'x'}]}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     false},
    {"{'multipartPatterns':[{'matchingType':'ALL','bodyPatterns':[{'matches':'x|..k.*'}]}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     true},
    {"{'multipartPatterns':[{'fileName':'t','bodyPatterns':[{'contains':'k'}]}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     true},
    {"{'multipartPatterns':[{'fileName':'u','headers':{}}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     false},
    {"{'multipartPatterns':[{'bodyPatterns':[{'equalTo':'y'}]},{}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=f; "
     "filename=\"t\"\r\nX-Y: 1\r\nX-Y: 2 \r\n\r\n{\"k\":1}\r\n--b--",
     false},
    {"{'multipartPatterns':[{}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n",
     false},
    {"{'multipartPatterns':[{'matchingType':'ALL'}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b--", false},
    {"{'multipartPatterns':[{'matchingType':'ALL','bodyPatterns':[{'equalTo':'x'}]}]}",
     "PUT /\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: "
     "form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; "
     "filename=q\r\n\r\ny\r\n--b--",
     true},
    {"{'multipartPatterns':[{}]}", "PUT /\n\nx", false},
};

START_TEST(requests_are_matched) {
    pattern_check(requests[_i].pattern, requests[_i].request, requests[_i].matches);
}
END_TEST

/* Operators applied to a body. */
static const struct {
    const char *matcher;
    const char *body; /* in the same notation as the matcher */
    bool matches;
} bodies[] = {
    {"{'equalTo':'abc'}", "abc", true},
    {"{'equalTo':'abc'}", "ABC", false},
    {"{'equalTo':'abc','caseInsensitive':true}", "ABC", true},
    {"{'equalTo':'abc','caseInsensitive':false}", "ABC", false},
    {"{'equalTo':'abc','caseInsensitive':'true'}", "ABC", true},
    {"{'equalTo':'abc','caseInsensitive':'false'}", "ABC", false},
    {"{'equalToJson':[1,2],'ignoreArrayOrder':'true'}", "[2,1]", true},
    {"{'equalToJson':[1,2],'ignoreArrayOrder':'false'}", "[2,1]", false},
    {"{'equalToJson':{},'ignoreExtraElements':'true'}", "{\"a\":1}", true},
    {"{'equalTo':'abc'}", "abcd", false},
    {"{'contains':''}", "x", true},
    {"{'contains':'bc'}", "abcd", true},
    {"{'contains':'bd'}", "abcd", false},
    {"{'doesNotContain':'bd'}", "abcd", true},
    {"{'doesNotContain':'abcd'}", "abcd", false},
    {"{'matches':'a.*'}", "abcd", true},
    {"{'matches':'b.'}", "abcd", false},
    {"{'matches':'a\\nb'}", "a\nb", true},
    {"{'matches':'a.b'}", "a\nb", true},
    {"{'equalToJson':{'a':123.0}}", "{\"a\":123}", true},
    {"{'equalToJson':{'a':123}}", "{\"a\":1.23e2}", true},
    {"{'equalToJson':{'a':9007199254740992}}", "{\"a\":9007199254740993}", false},
    {"{'equalToJson':{'a':9007199254740993}}", "{\"a\":9007199254740993}", true},
    {"{'equalToJson':{'a':0.1}}", "{\"a\":0.10000000000000000001}", false},
    {"{'equalToNumber':9007199254740993}", "9007199254740992", false},
    {"{'equalToNumber':9007199254740993}", "9007199254740993.0", true},
    {"{'greaterThanNumber':9007199254740992}", "9007199254740993", true},
    {"{'lessThanEqualNumber':1e400}", "1e399", true},
    {"{'matchesJsonPath':'$[?(@.a == 9007199254740993)]'}", "{\"a\":9007199254740992}", false},
    {"{'matchesJsonPath':'$[?(@.a > 9007199254740992)]'}", "{\"a\":9007199254740993}", true},
    {"{'matchesJsonPath':'$[?(@.a == 1.0)]'}", "{\"a\":1}", true},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'1.0'}}", "{\"a\":1.0}", true},
    {"{'matchesJsonSchema':{'properties':{'a':{'maximum':9007199254740992}}}}",
     "{\"a\":9007199254740993}", false},
    {"{'matchesJsonSchema':{'properties':{'a':{'type':'integer'}}}}", "{\"a\":9007199254740993.5}",
     false},
    {"{'matchesJsonSchema':{'properties':{'a':{'const':1.0}}}}", "{\"a\":1}", true},
    {"{'matches':'(?-s)a.b'}", "a\nb", false},
    {"{'doesNotMatch':'a.*'}", "a\nb", false},
    {"{'matches':'(?s)a.b'}", "a\nb", true},
    {"{'doesNotMatch':'a.*'}", "abcd", false},
    {"{'doesNotMatch':'b'}", "abcd", true},
    {"{'not':{'equalTo':'a'}}", "b", true},
    {"{'not':{'equalTo':'a'}}", "a", false},
    {"{'and':[{'contains':'a'},{'contains':'b'}]}", "ab", true},
    {"{'and':[{'contains':'a'},{'contains':'b'}]}", "a", false},
    {"{'or':[{'contains':'a'},{'contains':'b'}]}", "a", true},
    {"{'or':[{'contains':'a'},{'contains':'b'}]}", "c", false},
    {"{'anything':true}", "c", true},
    {"{'binaryEqualTo':'YWI='}", "ab", true},
    {"{'binaryEqualTo':'YWI='}", "ac", false},
    {"{'equalToNumber':10}", "10.0", true},
    {"{'equalToNumber':10}", "1e1", true},
    {"{'equalToNumber':10}", "11", false},
    {"{'equalToNumber':10}", "0xa", false},
    {"{'equalToNumber':10}", "10 ", false},
    {"{'greaterThanNumber':10}", "10.5", true},
    {"{'greaterThanNumber':10}", "10", false},
    {"{'greaterThanNumber':10}", "ten", false},
    {"{'greaterThanEqualNumber':10}", "10", true},
    {"{'greaterThanEqualNumber':10}", "9.9", false},
    {"{'lessThanNumber':10}", "-3", true},
    {"{'lessThanNumber':10}", "10", false},
    {"{'lessThanNumber':10}", "", false},
    {"{'lessThanEqualNumber':10}", "10", true},
    {"{'lessThanEqualNumber':10}", "nan", false},
    {"{'before':'2024-01-02T00:00:00Z'}", "2024-01-01T23:59:59Z", true},
    {"{'before':'2024-01-02T00:00:00Z'}", "2024-01-02T00:00:00Z", false},
    {"{'before':'2024-01-02T00:00:00Z'}", "2024-01-02T00:59:59+01:00", true},
    {"{'after':'2024-01-02'}", "2024-01-02T00:00:00.001", true},
    {"{'after':'2024-01-02T10:00'}", "2024-01-02T10:01", true},
    {"{'after':'2024-01-02'}", "2024-01-02", false},
    {"{'after':'2024-01-02'}", "tomorrow", false},
    {"{'equalToDateTime':'2024-01-02T00:00:00Z'}", "2024-01-02T01:00:00+01:00", true},
    {"{'equalToDateTime':'2024-01-02T00:00:00Z'}", "2024-01-02T01:00:00Z", false},
    {"{'equalToDateTime':'2008-06-03T11:05:30Z'}", "Tue, 03 Jun 2008 11:05:30 GMT", true},
    {"{'before':'now'}", "2024-01-02T03:04:05.677Z", true},
    {"{'before':'now'}", "2024-01-02T03:04:05.678Z", false},
    {"{'equalToDateTime':'now +3 days'}", "2024-01-05T03:04:05.678Z", true},
    {"{'equalToDateTime':'-5 minutes'}", "2024-01-02T02:59:05.678Z", true},
    {"{'equalToDateTime':'now +2 months'}", "2024-03-02T03:04:05.678Z", true},
    {"{'equalToDateTime':'now -1 years'}", "2023-01-02T03:04:05.678Z", true},
    {"{'equalToJson':{'a':[1,2]}}", "{\"a\":[1,2.0]}", true},
    {"{'equalToJson':'{\\'a\\':1}'}", " { \"a\" : 1 } ", true},
    {"{'equalToJson':'{\\'a\\':1}'}", "{\"a\":1,\"b\":2}", false},
    {"{'equalToJson':{'a':1},'ignoreExtraElements':true}", "{\"a\":1,\"b\":2}", true},
    {"{'equalToJson':[1,2],'ignoreArrayOrder':true}", "[2,1]", true},
    {"{'equalToJson':[1,2],'ignoreArrayOrder':false}", "[2,1]", false},
    {"{'equalToJson':{'a':'${json-unit.any-string}'}}", "{\"a\":\"x\"}", true},
    {"{'equalToJson':null}", "null", true},
    {"{'equalToJson':{}}", "not json", false},
    {"{'matchesJsonPath':'$.a'}", "{\"a\":false}", true},
    {"{'matchesJsonPath':'$.a'}", "{\"a\":null}", false},
    {"{'matchesJsonPath':'$.a'}", "{\"a\":[]}", false},
    {"{'matchesJsonPath':'$.a'}", "{}", false},
    {"{'matchesJsonPath':'$.a'}", "a", false},
    {"{'matchesJsonPath':'$..a'}", "{\"b\":{\"a\":null}}", true},
    {"{'matchesJsonPath':'$.g[?(@.n == `x`)]'}", "{\"g\":[{\"n\":\"y\"},{\"n\":\"x\"}]}", true},
    {"{'matchesJsonPath':'$.g[?(@.n == `x`)]'}", "{\"g\":[{\"n\":\"y\"}]}", false},
    {"{'matchesJsonPath':{'expression':'$.a'}}", "{\"a\":1}", true},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'x'}}", "{\"a\":\"x\"}", true},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'y'}}", "{\"a\":\"x\"}", false},
    {"{'matchesJsonPath':{'equalTo':'1','expression':'$.a'}}", "{\"a\":1}", true},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'true'}}", "{\"a\":true}", true},
    {"{'matchesJsonPath':{'expression':'$.a','absent':true}}", "{\"a\":null}", true},
    {"{'matchesJsonPath':{'expression':'$.a','absent':true}}", "{}", true},
    {"{'matchesJsonPath':{'expression':'$.a','absent':true}}", "{\"a\":1}", false},
    {"{'matchesJsonPath':{'expression':'$.a','absent':true}}", "no json", true},
    {"{'matchesJsonPath':{'expression':'$.a','absent':true}}", "{\"a\":[]}", true},
    {"{'matchesJsonPath':{'expression':'$.a','doesNotMatch':'x'}}", "{}", false},
    {"{'matchesJsonPath':{'expression':'$.a','doesNotMatch':'x'}}", "{\"a\":null}", false},
    {"{'matchesJsonPath':{'expression':'$.a','doesNotMatch':'x'}}", "{\"a\":\"y\"}", true},
    {"{'matchesJsonPath':{'expression':'$.a','not':{'equalTo':'x'}}}", "{}", false},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'[1,2]'}}", "{\"a\":[1,2]}", false},
    {"{'matchesJsonPath':{'expression':'$..a','equalToJson':'[1,2]'}}", "[{\"a\":1},{\"a\":2}]",
     true},
    {"{'matchesJsonPath':{'expression':'$..a','equalToJson':'1'}}", "{\"a\":1}", false},
    {"{'matchesJsonPath':{'expression':'$..a','greaterThanNumber':2}}", "[{\"a\":1},{\"a\":3}]",
     true},
    {"{'matchesJsonPath':{'expression':'$..a','greaterThanNumber':3}}", "[{\"a\":1},{\"a\":3}]",
     false},
    {"{'matchesJsonPath':{'expression':'$.a','equalToJson':[1,2]}}", "{\"a\":[1,2]}", true},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'2'}}", "{\"a\":[1,2]}", true},
    {"{'matchesJsonPath':{'expression':'$.a','equalTo':'3'}}", "{\"a\":[1,2]}", false},
    {"{'matchesJsonPath':{'expression':'$.a','equalToJson':{'b':1}}}", "{\"a\":\"{\\\"b\\\":1}\"}",
     true},
    {"{'matchesJsonPath':{'expression':'$.a','matchesJsonPath':'$.b'}}", "{\"a\":{\"b\":1}}", true},
    {"{'matchesJsonPath':{'expression':'$.a','and':[{'contains':'x'},{'contains':'y'}]}}",
     "{\"a\":\"xy\"}", true},
    {"{'matchesJsonPath':{'expression':'$.a.sum()','equalTo':'3.0'}}", "{\"a\":[1,2]}", true},
    {"{'matchesJsonPath':{'expression':'$.a.sum()','equalToJson':'3'}}", "{\"a\":[1,2]}", true},
    {"{'matchesJsonPath':{'expression':'$.a.sum()','absent':true}}", "{\"a\":[]}", false},
    {"{'not':{'matchesJsonPath':'$.a.sum()'}}", "{\"a\":[]}", true},
    {"{'matchesJsonPath':{'expression':'$.a.sum()','absent':true}}", "{}", true},
    {"{'matchesJsonPath':'$.a.length()'}", "{\"a\":\"text\"}", false},
    {"{'matchesJsonPath':{'expression':'$.a.keys()','equalTo':'b'}}", "{\"a\":{\"b\":1}}", true},
    {"{'matchesJsonPath':{'expression':'$.a[?(@ > 1)]','equalToJson':'[]'}}", "{\"a\":[1]}", true},
    {"{'matchesJsonPath':{'expression':'$.a[?(@ > 1)]','absent':true}}", "{\"a\":[1]}", true},
    {"{'matchesJsonPath':{'expression':'$.a[*]','equalToJson':'[]'}}", "{}", false},
    {"{'matchesJsonSchema':{'type':'object','required':['a']}}", "{\"a\":1}", true},
    {"{'matchesJsonSchema':{'type':'object','required':['a']}}", "{}", false},
    {"{'matchesJsonSchema':'{\\'type\\':\\'object\\'}','schemaVersion':'V7'}", "{}", true},
    {"{'matchesJsonSchema':{}}", "no json", true},
    {"{'matchesJsonSchema':{}}", "", false},
    {"{'matchesJsonSchema':{'type':'string','minLength':3}}", "no json", true},
    {"{'matchesJsonSchema':{'type':'string','minLength':3}}", "no", false},
    {"{'matchesJsonSchema':{'type':'string'}}", "12", true},
    {"{'matchesJsonSchema':{'not':{'type':'string'}}}", "12", true},
    {"{'matchesJsonSchema':{'not':{'type':'string'}}}", "no json", false},
    {"{'matchesJsonSchema':{'type':'string'}}", "{}", false},
    {"{'matchesJsonSchema':{'type':'string'}}", "[]", false},
    {"{'matchesJsonSchema':{'minLength':3}}", "\"ab\"", false},
    {"{'matchesJsonPath':{'expression':'$[?(@.z)]','equalToJson':[]}}", "[{}]", true},
    {"{'matchesJsonPath':{'expression':'$..z','equalToJson':[]}}", "{}", true},
    {"{'matchesJsonPath':{'expression':'$..z','equalToJson':[1]}}", "{}", false},
    {"{'matchesJsonPath':{'expression':'$.z','equalToJson':[]}}", "{}", false},
};

START_TEST(operators_match_a_body) {
    pattern_check_body(bodies[_i].matcher, bodies[_i].body, bodies[_i].matches);
}
END_TEST

static const struct {
    const char *pattern;
    const char *pointer;
    const char *detail;
} refused[] = {
    {"[]", "", "must be an object"},
    {"{'verb':'GET'}", "/verb", "is not known"},
    {"{'url':'/a','url':'/b'}", "/url", "must not appear twice"},
    {"{'method':1}", "/method", "must be a string, or {\"oneOf\": […]} or {\"noneOf\": […]}"},
    {"{'method':{'oneOf':[]}}", "/method",
     "must be a string, or {\"oneOf\": […]} or {\"noneOf\": […]}"},
    {"{'method':{'oneOf':[1]}}", "/method", "must be a method or a list of them"},
    {"{'url':1}", "/url", "must be a string"},
    {"{'url':'/a','urlPath':'/b'}", "/urlPath",
     "must not describe the URL again: only one member may"},
    {"{'urlPattern':'('}", "/urlPattern",
     "is not a regular expression: missing closing parenthesis at byte 1"},
    {"{'urlPathTemplate':'/{'}", "/urlPathTemplate",
     "is not a path template: a variable needs a name between braces"},
    {"{'urlPathTemplate':'/{a}','pathParameters':{'b':{'equalTo':''}}}", "/pathParameters/b",
     "is not a variable of \"urlPathTemplate\""},
    {"{'urlPath':'/a','pathParameters':{'b':{'equalTo':''}}}", "/pathParameters/b",
     "is not a variable of \"urlPathTemplate\""},
    {"{'headers':[]}", "/headers", "must be an object of matchers"},
    {"{'headers':{'A~B':'x'}}", "/headers/A~0B", "must be an object with an operator"},
    {"{'headers':{'A':{}}}", "/headers/A", "has no operator"},
    {"{'headers':{'A':{'equals':'x'}}}", "/headers/A",
     "has an unknown operator: \"equals\"; did you mean equalTo?"},
    {"{'headers':{'A':{'equalTo':'x','contains':'x'}}}", "/headers/A",
     "has two operators, \"equalTo\" and \"contains\""},
    {"{'headers':{'A':{'equalTo':'x','ignoreCase':true}}}", "/headers/A/ignoreCase",
     "is not an option of \"equalTo\""},
    {"{'headers':{'A':{'equalTo':1}}}", "/headers/A/equalTo", "must be a string"},
    {"{'headers':{'A':{'equalTo':'x','caseInsensitive':1}}}", "/headers/A/caseInsensitive",
     "must be true or false"},
    {"{'headers':{'A':{'absent':false}}}", "/headers/A/absent", "must be true"},
    {"{'headers':{'A':{'hasExactly':[]}}}", "/headers/A/hasExactly",
     "must be a non-empty list of matchers"},
    {"{'headers':{'A':{'includes':[{'equalTo':'1'},2]}}}", "/headers/A/includes/1",
     "must be an object with an operator"},
    {"{'headers':{'A':{'includes':[{'equalTo':'1'}],'equalTo':'1'}}}", "/headers/A",
     "must have no other members besides \"includes\""},
    {"{'basicAuth':{'username':'a'}}", "/basicAuth/password", "is required"},
    {"{'basicAuth':'a'}", "/basicAuth", "must be an object"},
    {"{'port':0}", "/port", "must be an integer from 1 to 65535"},
    {"{'port':80.5}", "/port", "must be an integer from 1 to 65535"},
    {"{'bodyPatterns':[{'equalToJson':{'a':['${json-unit.any-int}']}}]}",
     "/bodyPatterns/0/equalToJson", "has an unknown placeholder: ${json-unit.any-int}"},
    {"{'bodyPatterns':[{'equalToJson':{'a':'${json-unit.matches:x}'}}]}",
     "/bodyPatterns/0/equalToJson", "has an unknown placeholder: ${json-unit.matches:x}"},
    {"{'bodyPatterns':[{'equalToJson':{'a':'${json-unit.regex}('}}]}",
     "/bodyPatterns/0/equalToJson",
     "has a placeholder that is not a regular expression: missing closing parenthesis at byte 1"},
    {"{'scheme':{}}", "/scheme", "must be http or https: kestub serves no other"},
    {"{'scheme':'ftp'}", "/scheme", "must be http or https: kestub serves no other"},
    {"{'method':''}", "/method", "must be a method or a list of them"},
    {"{'method':'GET /'}", "/method", "must be a method or a list of them"},
    {"{'method':{'noneOf':['ANY']}}", "/method", "excludes all methods"},
    {"{'url':'a'}", "/url", "must start with a slash, or no request can match"},
    {"{'url':''}", "/url", "must start with a slash, or no request can match"},
    {"{'url':'/a#b'}", "/url", "must not have a fragment, which no client sends"},
    {"{'url':'/a b'}", "/url", "must have blanks encoded, as requests have them"},
    {"{'urlPath':'http://a/b'}", "/urlPath", "must start with a slash, or no request can match"},
    {"{'urlPath':'/a?b=1'}", "/urlPath", "must be a path alone; \"url\" has a query too"},
    {"{'headers':{'A B':{'absent':true}}}", "/headers/A B", "is not a valid header name"},
    {"{'host':'localhost'}", "/host", "must be an object with an operator"},
    {"{'multipartPatterns':{}}", "/multipartPatterns", "must be a list of multipart patterns"},
    {"{'multipartPatterns':[{'matchingType':'any'}]}", "/multipartPatterns/0/matchingType",
     "must be ANY or ALL"},
    {"{'multipartPatterns':[{},{'bodyPatterns':[{'equalTo':1}]}]}",
     "/multipartPatterns/1/bodyPatterns/0/equalTo", "must be a string"},
    {"{'multipartPatterns':[{'headers':[]}]}", "/multipartPatterns/0/headers",
     "must be an object of matchers"},
    {"{'customMatcher':{}}", "/customMatcher", "is not supported"},
    {"{'bodyPatterns':{'equalTo':''}}", "/bodyPatterns", "must be a list of matchers"},
    {"{'bodyPatterns':[{'anything':1},{'equalToXml':'<a/>'}]}", "/bodyPatterns/1/equalToXml",
     "is not supported: kestub does not parse XML"},
    {"{'bodyPatterns':[{'matchesXPath':'/a'}]}", "/bodyPatterns/0/matchesXPath",
     "is not supported: kestub does not parse XML"},
    {"{'bodyPatterns':[{'equalToJson':'{'}]}", "/bodyPatterns/0/equalToJson",
     "is not valid JSON: string expected"},
    {"{'bodyPatterns':[{'equalToJson':{},'ignoreArrayOrder':'yes'}]}",
     "/bodyPatterns/0/ignoreArrayOrder", "must be true or false"},
    {"{'bodyPatterns':[{'equalTo':'','caseInsensitive':'TRUE'}]}",
     "/bodyPatterns/0/caseInsensitive", "must be true or false"},
    {"{'bodyPatterns':[{'matches':'['}]}", "/bodyPatterns/0/matches",
     "is not a regular expression: a '[' has no ']'"},
    {"{'bodyPatterns':[{'binaryEqualTo':'?'}]}", "/bodyPatterns/0/binaryEqualTo",
     "must be valid base64"},
    {"{'bodyPatterns':[{'equalToNumber':'1'}]}", "/bodyPatterns/0/equalToNumber",
     "must be a number"},
    {"{'bodyPatterns':[{'before':'soon'}]}", "/bodyPatterns/0/before",
     "must be a date of ISO 8601 or RFC 1123, or relative such as \"now +3 days\""},
    {"{'bodyPatterns':[{'before':'now +3 weeks'}]}", "/bodyPatterns/0/before",
     "must be a date of ISO 8601 or RFC 1123, or relative such as \"now +3 days\""},
    {"{'bodyPatterns':[{'before':'now +2147483648 days'}]}", "/bodyPatterns/0/before",
     "must be a date of ISO 8601 or RFC 1123, or relative such as \"now +3 days\""},
    {"{'bodyPatterns':[{'matchesJsonPath':'$['}]}", "/bodyPatterns/0/matchesJsonPath",
     "number expected at byte 2 of the JSONPath"},
    {"{'bodyPatterns':[{'matchesJsonPath':{'equalTo':'x'}}]}", "/bodyPatterns/0/matchesJsonPath",
     "must be a JSONPath, or an object with a JSONPath as \"expression\""},
    {"{'bodyPatterns':[{'matchesJsonPath':{'expression':'$.a','equalTo':1}}]}",
     "/bodyPatterns/0/matchesJsonPath/equalTo", "must be a string"},
    {"{'bodyPatterns':[{'matchesJsonSchema':{},'schemaVersion':'V5'}]}",
     "/bodyPatterns/0/schemaVersion", "must be V4, V6, V7, V201909 or V202012"},
    {"{'bodyPatterns':[{'matchesJsonSchema':{},'schemaVersion':7}]}",
     "/bodyPatterns/0/schemaVersion", "must be V4, V6, V7, V201909 or V202012"},
    {"{'bodyPatterns':[{'matchesJsonSchema':{'if':{}}}]}", "/bodyPatterns/0/matchesJsonSchema",
     "the schema's \"if\" is not supported"},
    {"{'bodyPatterns':[{'and':[{'or':[{'not':{'equalTo':1}}]}]}]}",
     "/bodyPatterns/0/and/0/or/0/not/equalTo", "must be a string"},
};

START_TEST(invalid_patterns_are_refused) {
    pattern_check_refused(refused[_i].pattern, refused[_i].pointer, refused[_i].detail);
}
END_TEST

START_TEST(nesting_is_bounded) {
    char text[2000] = "{'bodyPatterns':[";
    struct pattern *pattern = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    for (int i = 0; i < 70; i++)
        strcat(text, "{'not':");
    strcat(text, "{'anything':1}");
    memset(text + strlen(text), '}', 70);
    strcat(text, "]}");
    ck_assert_int_gt(pattern_parse_quoted(text, &pattern, &refusal), 0);
    ck_assert_str_eq(refusal_message(&refusal), "is nested too deeply");
}
END_TEST

START_TEST(memory_is_bounded) {
    cJSON *tree = cJSON_CreateObject();
    cJSON *body = cJSON_AddArrayToObject(tree, "bodyPatterns");
    struct pattern *pattern = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    for (int i = 0; i < 1000; i++) {
        cJSON *matcher = cJSON_CreateObject();
        cJSON_AddStringToObject(matcher, "matches", "((abcdefghij){40}){40}");
        cJSON_AddItemToArray(body, matcher);
    }
    ck_assert_int_gt(pattern_parse(tree, &json_root, &refusal.violations, &pattern), 0);
    ck_assert_str_eq(refusal_message(&refusal), "is too large");
    cJSON_Delete(tree);
}
END_TEST

static const struct {
    const char *pattern;
    const char *request;
    double distance; /* multiplied by the sum of all weights */
    const char *differences;
} reports[] = {
    {"{'method':'PUT','url':'/abcd'}", "GET /abcX", 3 + 10.0 / 5,
     "method [PUT] [GET]; url [/abcd] [/abcX]; "},
    {"{'method':{'noneOf':['GET']}}", "GET /", 3, "method [{\"noneOf\":[\"GET\"]}] [GET]; "},
    {"{'urlPattern':'/b'}", "GET /abcd", 10, "url [/b] [/abcd]; "},
    {"{'headers':{'A':{'equalTo':'xy'},'B':{'equalTo':'1'}}}", "GET /\nA: xz\nB: 1", 0.25,
     "header A [{\"equalTo\":\"xy\"}] [xz]; "},
    {"{'headers':{'A':{'equalTo':'xy'}}}", "GET /\nA: ab\nA: xz", 0.5,
     "header A [{\"equalTo\":\"xy\"}] [xz]; "},
    {"{'headers':{'A':{'equalTo':'xy'}}}", "GET /", 1, "header A [{\"equalTo\":\"xy\"}] -; "},
    {"{'queryParameters':{'q':{'includes':[{'equalTo':'1'}]}}}", "GET /?q=2", 1,
     "query parameter q [{\"includes\":[{\"equalTo\":\"1\"}]}] [2]; "},
    {"{'cookies':{'c':{'absent':true}}}", "GET /\nCookie: c=2", 1,
     "cookie c [{\"absent\":true}] [2]; "},
    {"{'formParameters':{'c':{'contains':'ab'}}}", FORM "c=ac", 0.5,
     "form parameter c [{\"contains\":\"ab\"}] [ac]; "},
    {"{'basicAuth':{'username':'a','password':'b'}}", "GET /\nAuthorization: Bearer x", 1,
     "header Authorization [Basic YTpi] [Bearer x]; "},
    {"{'urlPathTemplate':'/{a}','pathParameters':{'a':{'equalTo':'xx'}}}", "GET /xy", 0.5,
     "path parameter a [{\"equalTo\":\"xx\"}] [xy]; "},
    {"{'port':80,'host':{'equalTo':'ab'},'clientIp':{'matches':'x'}}", "GET /", 3,
     "host [{\"equalTo\":\"ab\"}] -; port [80] [0]; "
     "client IP [{\"matches\":\"x\"}] -; "},
    {"{'bodyPatterns':[{'equalToJson':{'a':1}},{'contains':'a'}]}", "PUT /\n\n{\"a\":2}", 0.5 / 7,
     "body [{\"equalToJson\":{\"a\":1}}] [{\"a\":2}]; "},
    {"{'multipartPatterns':[{'name':'a','bodyPatterns':[{'equalTo':'x'}]}]}", "PUT /\n\ny", 1,
     "multipart a [{\"name\":\"a\",\"bodyPatterns\":[{\"equalTo\":\"x\"}]}] -; "},
};

static void print_difference(char *out, const struct match_difference *difference) {
    out += sprintf(out, "%s%s%s [%s] ", difference->part, difference->name ? " " : "",
                   difference->name ? difference->name : "", difference->expected);
    if (difference->actual)
        sprintf(out, "[%.*s]; ", (int)difference->actual_size, difference->actual);
    else
        strcpy(out, "-; ");
}

START_TEST(differences_are_reported) {
    struct pattern *pattern = pattern_parse_valid(reports[_i].pattern);
    struct arena arena;
    struct match_subject subject;
    struct match_report report = {0};
    char text[1000] = "";
    arena_init(&arena);
    ck_assert(
        match_request_read(reports[_i].request, strlen(reports[_i].request), &arena, &subject));
    ck_assert_int_eq(pattern_compare(pattern, &subject, &report), 0);
    for (size_t i = 0; i < report.count; i++)
        print_difference(text + strlen(text), &report.differences[i]);
    ck_assert_str_eq(text, reports[_i].differences);
    ck_assert_double_eq_tol(report.distance * 24, reports[_i].distance, 1e-9);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    pattern_free(pattern);
}
END_TEST

static const char *const exhausting[] = {
    "{'matches':'(x+)+[yz]'}",
    "{'not':{'matches':'(x+)+[yz]'}}",
    "{'doesNotMatch':'(x+)+[yz]'}",
};

START_TEST(what_exhausts_the_budget_does_not_match) {
    char *text = NULL;
    struct match_report report = {0};
    struct arena arena;
    struct match_subject subject;
    const char request[] = "PUT /\n\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    ck_assert_int_gt(asprintf(&text, "{'bodyPatterns':[%s]}", exhausting[_i]), 0);
    struct pattern *pattern = pattern_parse_valid(text);
    arena_init(&arena);
    ck_assert(match_request_read(request, strlen(request), &arena, &subject));
    ck_assert_int_eq(pattern_match(pattern, &subject), PATTERN_DIFFERS);
    ck_assert_int_eq(pattern_compare(pattern, &subject, &report), 0);
    ck_assert(report.distance > 0 && report.count > 0);
    ck_assert_str_eq(report.differences[report.count - 1].part, "work");
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    pattern_free(pattern);
    free(text);
}
END_TEST

START_TEST(a_binary_body_is_matched) {
    struct pattern *contains = pattern_parse_valid("{'bodyPatterns':[{'contains':'b'}]}");
    struct pattern *binary = pattern_parse_valid("{'bodyPatterns':[{'binaryEqualTo':'AP9i'}]}");
    struct pattern *number = pattern_parse_valid("{'bodyPatterns':[{'lessThanNumber':9}]}");
    struct arena arena;
    arena_init(&arena);
    struct match_subject subject = {.method = "PUT",
                                    .target = "/",
                                    .body = "\0\xff"
                                            "b",
                                    .body_size = 3,
                                    .arena = &arena};
    ck_assert_int_eq(pattern_match(contains, &subject), 0);
    ck_assert_int_eq(pattern_match(binary, &subject), 0);
    ck_assert_int_gt(pattern_match(number, &subject), 0);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    pattern_free(contains);
    pattern_free(binary);
    pattern_free(number);
    pattern_free(NULL);
}
END_TEST

START_TEST(unknown_parts_do_not_match) {
    struct pattern *pattern = pattern_parse_valid("{'method':'GET'}");
    struct pattern *url = pattern_parse_valid("{'urlPath':'/'}");
    struct pattern *any = pattern_parse_valid("{}");
    struct arena arena;
    arena_init(&arena);
    struct match_subject subject = {.arena = &arena};
    ck_assert_int_gt(pattern_match(pattern, &subject), 0);
    ck_assert_int_gt(pattern_match(url, &subject), 0);
    ck_assert_int_eq(pattern_match(any, &subject), 0);
    arena_deinit(&arena);
    pattern_free(pattern);
    pattern_free(url);
    pattern_free(any);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pattern");
    TCase *tcase = suite_add(suite, "pattern");
    suite_add_rows(tcase, requests_are_matched, requests);
    suite_add_rows(tcase, operators_match_a_body, bodies);
    suite_add_rows(tcase, invalid_patterns_are_refused, refused);
    tcase_add_test(tcase, nesting_is_bounded);
    tcase_add_test(tcase, memory_is_bounded);
    suite_add_rows(tcase, differences_are_reported, reports);
    suite_add_rows(tcase, what_exhausts_the_budget_does_not_match, exhausting);
    tcase_add_test(tcase, a_binary_body_is_matched);
    tcase_add_test(tcase, unknown_parts_do_not_match);
    return suite_run(suite);
}
