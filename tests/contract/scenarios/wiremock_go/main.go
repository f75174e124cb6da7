// WireMock's client for Go: stubs, faults, scenarios and the journal.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/wiremock/go-wiremock"
)

const (
	me     = "/api/v1/me"
	groups = "/api/v1/main/users/ada/groups"
)

var (
	url    = os.Args[1]
	client = wiremock.NewClient(url)
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(what string, got, wanted any) {
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		panic(fmt.Sprintf("%s: %v instead of %v", what, got, wanted))
	}
}

func refused(what string, err error, status int) {
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint("status: ", status)) {
		panic(fmt.Sprintf("%s: %v instead of a %d", what, err, status))
	}
}

type answer struct {
	status int
	header http.Header
	text   string
}

// Each request gets its own connection: net/http repeats requests that fail on an idle one.
func try(method, path, body string, headers ...string) (answer, error) {
	request, err := http.NewRequest(method, url+path, strings.NewReader(body))
	check(err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

func send(method, path, body string, headers ...string) answer {
	answer, err := try(method, path, body, headers...)
	check(err)
	return answer
}

func getMe() *wiremock.StubRule {
	return wiremock.Get(wiremock.URLEqualTo(me))
}

func putGroups() *wiremock.StubRule {
	return wiremock.Put(wiremock.URLPathEqualTo(groups))
}

func stub(rule *wiremock.StubRule, response wiremock.Response) *wiremock.StubRule {
	check(client.StubFor(rule.WillReturnResponse(response)))
	return rule
}

func status(code int64) wiremock.Response {
	return wiremock.NewResponse().WithStatus(code)
}

func clear() {
	check(client.Clear())
	check(client.DeleteAllRequests())
}

func groupIDs(body string) []string {
	var payload struct{ GroupIDs []string }
	check(json.Unmarshal([]byte(body), &payload))
	return payload.GroupIDs
}

func createStub() {
	body := map[string]string{"id": "ada"}
	stub(getMe(), status(203).WithHeader("X-From", "stub").WithJSONBody(body))
	got := send("GET", me, "")
	expect("status", got.status, 203)
	expect("header", got.header.Get("X-From"), "stub")
	expect("body", got.text, `{"id":"ada"}`)
	expect("health", send("GET", "/health", "").text, `{"status":"UP"}`)

	stub(getMe(), status(200).WithBinaryBody([]byte{0, 1, 2}))
	expect("binary", send("GET", me, "").text, "\x00\x01\x02")
	refused("a status that is none", client.StubFor(getMe().WillReturnResponse(status(7000))), 422)
}

func priorities() {
	clear()
	body := func(text string) wiremock.Response { return status(200).WithBody(text) }
	stub(getMe().AtPriority(9), body("late"))
	stub(getMe().AtPriority(1), body("early"))
	stub(getMe(), body("usual"))
	expect("first", send("GET", me, "").text, "early")
	stub(getMe().AtPriority(1), body("newest"))
	expect("newest", send("GET", me, "").text, "newest")
}

func requestPatterns() {
	clear()
	wanted := wiremock.EqualToJson(`{"groupIds":["a","b"]}`, wiremock.IgnoreArrayOrder)
	stub(putGroups().
		WithHeader("X-Team", wiremock.StartsWith("plan").And(wiremock.NotMatching(".*x"))).
		WithQueryParam("page", wiremock.HasExactly(wiremock.EqualTo("2"))).
		WithCookie("JWT", wiremock.Contains("n")).
		WithBasicAuth("ada", "Ada!1234").
		WithBodyPattern(wanted).
		WithBodyPattern(wiremock.MatchingJsonPath("$.groupIds[1]")), status(299))
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:Ada!1234"))
	headers := []string{"X-Team", "planners", "Cookie", "JWT=any", "Authorization", basic}
	put := func(query, body string, headers ...string) bool {
		return send("PUT", groups+query, body, headers...).status == 299
	}
	expect("all", put("?page=2", `{"groupIds":["b","a"]}`, headers...), true)
	expect("other body", put("?page=2", `{"groupIds":["b"]}`, headers...), false)
	expect("no headers", put("?page=2", `{"groupIds":["b","a"]}`), false)
	expect("no query", put("", `{"groupIds":["b","a"]}`, headers...), false)

	template := wiremock.URLPathTemplate("/api/v1/{tenant}/groups/{id}")
	stub(wiremock.Get(template).
		WithPathParam("tenant", wiremock.EqualTo("main")).
		WithBearerToken(wiremock.EqualTo("secret")), status(298))
	bearer := []string{"Authorization", "Bearer secret"}
	expect("path", send("GET", "/api/v1/main/groups/a", "", bearer...).status, 298)
	expect("other path", send("GET", "/api/v1/other/groups/a", "", bearer...).status, 401)
}

func delays() {
	clear()
	for _, response := range []wiremock.Response{
		status(200).WithFixedDelay(200 * time.Millisecond),
		status(200).WithUniformRandomDelay(200*time.Millisecond, 250*time.Millisecond),
		status(200).WithBody("in drops").WithChunkedDribbleDelay(3, 300*time.Millisecond),
	} {
		stub(getMe(), response)
		start := time.Now()
		expect("status", send("GET", me, "").status, 200)
		expect("late enough", time.Since(start) >= 195*time.Millisecond, true)
	}
}

func faults() {
	clear()
	for _, fault := range []wiremock.Fault{
		wiremock.FaultEmptyResponse,
		wiremock.FaultMalformedResponseChunk,
		wiremock.FaultRandomDataThenClose,
		wiremock.FaultConnectionResetByPeer,
	} {
		stub(getMe(), wiremock.OK().WithFault(fault))
		_, err := try("GET", me, "")
		expect(string(fault), err != nil, true)
	}
	expect("health", send("GET", "/health", "").status, 200)
}

func scenario() {
	clear()
	in := func(state string) *wiremock.StubRule {
		return getMe().InScenario("retry").WhenScenarioStateIs(state)
	}
	stub(in(wiremock.ScenarioStateStarted).WillSetStateTo("well"), status(503))
	stub(in("well"), status(200))
	for turn := 0; turn < 2; turn++ {
		for _, wanted := range []int{503, 200, 200} {
			expect("status", send("GET", me, "").status, wanted)
		}
		check(client.ResetAllScenarios())
	}
}

func verify() {
	clear()
	rule := stub(putGroups(), status(204))
	for _, body := range []string{`{"groupIds":["a"]}`, `{"groupIds":["a","b"]}`} {
		send("PUT", groups+"?q=1", body, "X-Team", "planners", "Cookie", "JWT=any")
	}
	send("GET", "/health", "")

	verified, err := client.Verify(rule.Request(), 2)
	check(err)
	expect("verified", verified, true)
	found, err := client.FindRequestsByCriteria(rule.Request())
	check(err)
	bodies := []any{groupIDs(found.Requests[0].Body), groupIDs(found.Requests[1].Body)}
	expect("bodies", bodies, "[[a] [a b]]")
	first := found.Requests[0]
	expect("header", first.Headers["X-Team"], "planners")
	expect("query", first.QueryParams["q"].Values, "[1]")

	all, err := client.GetAllRequests()
	check(err)
	expect("total", []any{all.Meta.Total, len(all.Requests), all.RequestJournalDisabled}, "[3 3 false]")
	event, err := client.GetRequestByID(all.Requests[1].ID)
	check(err)
	expect("stub", []any{event.WasMatched, event.StubMapping.ID}, []any{true, rule.UUID()})
	expect("answer", []any{event.Response.Status, event.ResponseDefinition.Status}, "[204 204]")

	check(client.DeleteRequestByID(event.ID))
	check(client.DeleteRequestByID(event.ID))
	_, err = client.GetRequestByID(event.ID)
	refused("a request that is gone", err, 404)
	removed, err := client.DeleteRequestsByCriteria(rule.Request())
	check(err)
	expect("removed", len(removed.Requests), 1)
	count, err := client.GetCountRequests(rule.Request())
	check(err)
	expect("count", count, 0)
}

func unmatched() {
	clear()
	stub(putGroups(), status(204))
	send("PUT", groups, `{"groupIds":[]}`)
	send("PUT", groups+"s", `{"groupIds":[]}`)
	found, err := client.FindUnmatchedRequests()
	check(err)
	expect("unmatched", []any{len(found.Requests), found.Requests[0].URL}, []any{1, groups + "s"})
}

func deleteStub() {
	clear()
	stub(getMe(), status(250))
	removed := stub(getMe(), status(251))
	expect("newest", send("GET", me, "").status, 251)
	check(client.DeleteStub(removed))
	expect("older", send("GET", me, "").status, 250)
	refused("one that is gone", client.DeleteStub(removed), 404)
}

func templates() {
	clear()
	stub(wiremock.Post(wiremock.URLEqualTo(groups+"?n=7")), status(201).
		WithHeader("Location", "{{request.url}}/{{request.query.n}}").
		WithJSONBody(map[string]string{"id": "{{jsonPath request.body '$.id'}}", "by": "{{parameters.by}}"}).
		WithTransformers("response-template").
		WithTransformerParameter("by", "planners"))
	got := send("POST", groups+"?n=7", `{"id":"a"}`)
	expect("answer", []any{got.status, got.header.Get("Location")}, []any{201, groups + "?n=7/7"})
	expect("body", got.text, `{"by":"planners","id":"a"}`)
	broken := status(200).WithBody("{{uper 'a'}}").WithTransformers("response-template")
	err := client.StubFor(getMe().WillReturnResponse(broken))
	refused("a misspelt helper", err, 422)
	expect("hint", strings.Contains(err.Error(), "did you mean upper"), true)
}

// Sends a verification, which may wait.
func verification(body string) answer {
	return send("POST", "/__admin/kestub/verify", body, "Content-Type", "application/json")
}

func waiting() {
	clear()
	verified := make(chan answer)
	go func() {
		verified <- verification(`{"request":{"method":"GET","urlPath":"` + me + `"},"atLeast":1,"within":"PT30S"}`)
	}()
	send("GET", me, "")
	got := <-verified
	expect("verified", []any{got.status, strings.Contains(got.text, `"count":1`)}, "[200 true]")
	got = verification(`{"request":{"urlPath":"` + groups + `"},"exactly":1,"within":"PT0.01S"}`)
	expect("missing", []any{got.status, strings.Contains(got.text, `"count":0`)}, "[422 true]")
}

func findRequests() {
	clear()
	send("GET", me+"?page=1", "")
	send("GET", me+"?page=2", "")
	second := wiremock.Get(wiremock.URLPathEqualTo(me)).WithQueryParam("page", wiremock.EqualTo("2"))
	found, err := client.FindRequestsByCriteria(second.Request())
	check(err)
	expect("found", []any{len(found.Requests), found.Requests[0].URL}, []any{1, me + "?page=2"})
}

// The client has no call for near misses.
func nearMisses() {
	clear()
	rule := stub(putGroups(), status(204))
	send("PUT", groups+"s", "{}")
	var list struct {
		NearMisses []struct {
			Request     struct{ URL string }
			StubMapping struct{ ID string }
		}
	}
	check(json.Unmarshal([]byte(send("GET", "/__admin/requests/unmatched/near-misses", "").text), &list))
	expect("misses", len(list.NearMisses), 1)
	miss := list.NearMisses[0]
	expect("miss", []any{miss.Request.URL, miss.StubMapping.ID}, []any{groups + "s", rule.UUID()})
}

func multipart() {
	clear()
	form := func(name, value string) int {
		part := "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
		kind := []string{"Content-Type", "multipart/form-data; boundary=x"}
		return send("POST", groups, part+"--x--\r\n", kind...).status
	}
	pattern := wiremock.NewMultipartPattern().WithName("team").WithBodyPattern(wiremock.EqualTo("planners"))
	stub(wiremock.Post(wiremock.URLEqualTo(groups)).WithMultipartPattern(pattern.WithAllMatchingType()), status(299))
	expect("form", form("team", "planners"), 299)
	expect("other value", form("team", "others") == 299, false)
	expect("other name", form("group", "planners") == 299, false)
}

// A reset of the mappings empties the journal, but removing them does not. A reset of the journal keeps
// the mappings.
func resetJournal() {
	clear()
	rule := stub(getMe(), status(250))
	expect("stub", send("GET", me, "").status, 250)
	check(client.Reset())
	total := func() int64 {
		all, err := client.GetAllRequests()
		check(err)
		return all.Meta.Total
	}
	refused("a stub that is gone", client.DeleteStub(rule), 404)
	expect("journal after a reset", total(), 0)
	stub(getMe(), status(250))
	expect("stub", send("GET", me, "").status, 250)
	check(client.Clear())
	expect("journal without stubs", total(), 1)
	stub(getMe(), status(250))
	check(client.DeleteAllRequests())
	expect("empty journal", total(), 0)
	expect("stub that stays", send("GET", me, "").status, 250)
}

func reset() {
	clear()
	stub(getMe(), status(250))
	send("GET", me, "")
	check(client.Reset())
	check(client.DeleteAllRequests())
	expect("no stub", send("GET", me, "").status, 401)
	all, err := client.GetAllRequests()
	check(err)
	expect("journal", all.Meta.Total, 1)
}

// All steps run, even after one has failed.
func run(name string, step func()) {
	defer func() {
		if why := recover(); why != nil {
			fmt.Printf("not ok - %s\n# %v\n", name, why)
		}
	}()
	step()
	fmt.Println("ok -", name)
}

func main() {
	run("create_stub", createStub)
	run("priorities", priorities)
	run("request_patterns", requestPatterns)
	run("delays", delays)
	run("faults", faults)
	run("scenario", scenario)
	run("verify", verify)
	run("unmatched", unmatched)
	run("delete_stub", deleteStub)
	run("templates", templates)
	run("waiting", waiting)
	run("find_requests", findRequests)
	run("near_misses", nearMisses)
	run("multipart", multipart)
	run("reset_journal", resetJournal)
	run("reset", reset)
}
