import static com.github.tomakehurst.wiremock.client.WireMock.*;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.VerificationException;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.common.ClientError;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.stubbing.StubImport;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** WireMock's own client. In most answers it refuses members that it does not know. */
class WireMockScenario {
    static final String ME = "/api/v1/me";
    static final String GROUPS = "/api/v1/main/users/ada/groups";
    static final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static URI url;
    static WireMock client;

    interface Step {
        void run() throws Exception;
    }

    static void same(Object wanted, Object got) {
        if (!Objects.equals(wanted, got)) throw new AssertionError(got + " instead of " + wanted);
    }

    static void raises(Class<? extends Throwable> exception, Step step) throws Exception {
        try {
            step.run();
        } catch (Exception | AssertionError caught) {
            if (exception.isInstance(caught)) return;
            throw caught;
        }
        throw new AssertionError(exception + " was not raised");
    }

    static HttpResponse<String> send(String method, String path, String body, String... headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + path))
                .method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        return http.send(request.build(), BodyHandlers.ofString());
    }

    static int status(String method, String path, String body, String... headers) throws Exception {
        return send(method, path, body, headers).statusCode();
    }

    static int statusOfMe() throws Exception {
        return status("GET", ME, "");
    }

    static StubMapping stub(ResponseDefinitionBuilder response) {
        return client.register(get(ME).willReturn(response));
    }

    static MappingBuilder putGroups() {
        return put(urlPathEqualTo(GROUPS));
    }

    static void clear() {
        client.removeMappings();
        client.resetRequests();
    }

    static List<String> urls(List<LoggedRequest> requests) {
        return requests.stream().map(LoggedRequest::getUrl).toList();
    }

    static void createStub() throws Exception {
        var made = stub(okJson("{\"id\":\"ada\"}").withStatus(203).withHeader("X-From", "stub"));
        var answer = send("GET", ME, "");
        same(203, answer.statusCode());
        same("stub", answer.headers().firstValue("X-From").get());
        same("{\"id\":\"ada\"}", answer.body());
        same("{\"status\":\"UP\"}", send("GET", "/health", "").body());
        same(made, client.getStubMapping(made.getId()).getItem());
        same(List.of(made), client.allStubMappings().getMappings());

        client.editStubMapping(get(ME).withId(made.getId()).willReturn(ok("gone")));
        same("gone", send("GET", ME, "").body());
        client.importStubMappings(StubImport.stubImport().stub(get(ME).willReturn(aResponse().withStatus(299)))
                .deleteAllExistingStubsNotInImport());
        same(299, statusOfMe());
        same(1, client.allStubMappings().getMappings().size());
    }

    static void priorities() throws Exception {
        clear();
        client.register(get(ME).atPriority(9).willReturn(ok("late")));
        client.register(get(ME).atPriority(1).willReturn(ok("early")));
        client.register(get(ME).willReturn(ok("usual")));
        same("early", send("GET", ME, "").body());
        client.register(get(ME).atPriority(1).willReturn(ok("newest")));
        same("newest", send("GET", ME, "").body());
    }

    static void requestPatterns() throws Exception {
        clear();
        client.register(putGroups()
                .withHeader("X-Team", matching("plan.*").and(not(containing("x"))))
                .withQueryParam("page", havingExactly("2"))
                .withCookie("JWT", equalToIgnoreCase("ANY"))
                .withBasicAuth("ada", "Ada!1234")
                .withRequestBody(equalToJson("{\"groupIds\":[\"a\",\"b\"]}", true, false))
                .withRequestBody(matchingJsonPath("$.groupIds[1]", equalTo("a")))
                .willReturn(aResponse().withStatus(299)));
        String[] headers = {"X-Team", "planners", "Cookie", "JWT=any", "Authorization", "Basic YWRhOkFkYSExMjM0"};
        same(299, status("PUT", GROUPS + "?page=2", "{\"groupIds\":[\"b\",\"a\"]}", headers));
        same(401, status("PUT", GROUPS + "?page=2", "{\"groupIds\":[\"b\",\"a\"]}"));
        if (status("PUT", GROUPS, "{\"groupIds\":[\"b\",\"a\"]}", headers) == 299)
            throw new AssertionError("matched without its query");

        client.register(get(urlPathTemplate("/api/v1/{tenant}/groups/{id}"))
                .withPathParam("tenant", equalTo("main")).willReturn(aResponse().withStatus(298)));
        same(298, status("GET", "/api/v1/main/groups/a", ""));
        same(401, status("GET", "/api/v1/other/groups/a", ""));
    }

    static void delays() throws Exception {
        clear();
        for (var response : List.of(
                ok().withFixedDelay(200),
                ok().withUniformRandomDelay(200, 250),
                ok().withLogNormalRandomDelay(300, 0),
                ok("in drops").withChunkedDribbleDelay(3, 300))) {
            stub(response);
            var start = System.nanoTime();
            same(200, statusOfMe());
            if (System.nanoTime() - start < 195_000_000) throw new AssertionError("too early");
        }
    }

    static void faults() throws Exception {
        clear();
        for (var fault : Fault.values()) {
            stub(aResponse().withFault(fault));
            raises(IOException.class, () -> send("GET", ME, ""));
        }
        same(200, status("GET", "/health", ""));
        var seen = client.getServeEvents().stream().map(event -> event.getResponse().getFault());
        same(Set.of(Fault.values()), seen.filter(Objects::nonNull).collect(Collectors.toSet()));
    }

    static void scenario() throws Exception {
        clear();
        client.register(get(ME).inScenario("retry").whenScenarioStateIs(Scenario.STARTED)
                .willSetStateTo("well").willReturn(serviceUnavailable()));
        client.register(get(ME).inScenario("retry").whenScenarioStateIs("well").willReturn(ok()));
        for (int turn = 0; turn < 2; turn++) {
            for (var wanted : List.of(503, 200, 200)) same(wanted, statusOfMe());
            var scenario = client.getScenarios().get(0);
            same(List.of("retry", "well"), List.of(scenario.getName(), scenario.getState()));
            client.resetScenarios();
        }
        client.setSingleScenarioState("retry", "well");
        same(200, statusOfMe());
        client.resetScenarioState("retry");
        same(503, statusOfMe());
    }

    static void verify() throws Exception {
        clear();
        var stub = client.register(putGroups().willReturn(noContent()));
        for (var body : List.of("{\"groupIds\":[\"a\"]}", "{\"groupIds\":[\"a\",\"b\"]}"))
            same(204, status("PUT", GROUPS, body, "X-Team", "planners"));
        same(200, status("GET", "/health", ""));

        var puts = putRequestedFor(urlPathEqualTo(GROUPS)).withHeader("X-Team", equalTo("planners"));
        client.verifyThat(2, puts);
        client.verifyThat(moreThan(1), puts);
        client.verifyThat(0, deleteRequestedFor(anyUrl()));
        raises(VerificationException.class, () -> client.verifyThat(3, puts));
        raises(VerificationException.class, () -> client.verifyThat(getRequestedFor(urlEqualTo("/healthy"))));
        same(List.of("{\"groupIds\":[\"a\"]}", "{\"groupIds\":[\"a\",\"b\"]}"),
                client.find(puts).stream().map(LoggedRequest::getBodyAsString).toList());

        List<ServeEvent> events = client.getServeEvents();
        same(List.of("/health", GROUPS, GROUPS), events.stream().map(e -> e.getRequest().getUrl()).toList());
        var last = events.get(1);
        same(List.of(true, stub, 204),
                List.of(last.getWasMatched(), last.getStubMapping(), last.getResponse().getStatus()));
        client.removeEvent(last.getId());
        same(1, client.removeEvents(puts).size());
        client.verifyThat(0, puts);
    }

    static void unmatched() throws Exception {
        clear();
        client.register(putGroups().willReturn(noContent()));
        for (var path : List.of(GROUPS, GROUPS + "s")) status("PUT", path, "{}");
        same(List.of(GROUPS + "s"), urls(client.findAllUnmatchedRequests()));

        var misses = client.findNearMissesForAllUnmatchedRequests();
        same(GROUPS + "s", misses.get(0).getRequest().getUrl());
        same(1, client.findTopNearMissesFor(client.findAllUnmatchedRequests().get(0)).size());
        same(2, client.findAllNearMissesFor(putRequestedFor(urlEqualTo(GROUPS + "t"))).size());
    }

    static void deleteStub() throws Exception {
        clear();
        var kept = stub(aResponse().withStatus(250));
        var removed = stub(aResponse().withStatus(251));
        same(251, statusOfMe());
        client.removeStubMapping(removed.getId());
        same(250, statusOfMe());

        var owned = client.register(
                get(ME).withMetadata(Map.of("owner", "planners")).willReturn(aResponse().withStatus(252)));
        var owner = matchingJsonPath("$.owner", equalTo("planners"));
        same(List.of(owned), client.findAllStubsByMetadata(owner));
        client.removeStubsByMetadataPattern(owner);
        same(List.of(kept), client.allStubMappings().getMappings());
        client.removeStubMapping(kept);
        same(List.of(), client.allStubMappings().getMappings());
    }

    static void templates() throws Exception {
        clear();
        client.register(post(urlEqualTo(GROUPS + "?n=7")).willReturn(created()
                .withHeader("Location", "{{request.url}}/{{request.query.n}}")
                .withBody("{{request.method}} {{jsonPath request.body '$.id'}} {{parameters.by}}")
                .withTransformers("response-template")
                .withTransformerParameter("by", "planners")));
        var answer = send("POST", GROUPS + "?n=7", "{\"id\":\"a\"}");
        same(201, answer.statusCode());
        same(GROUPS + "?n=7/7", answer.headers().firstValue("Location").get());
        same("POST a planners", answer.body());
        var listed = client.allStubMappings().getMappings().get(0).getResponse();
        same(List.of("response-template"), listed.getTransformers());
        same("planners", listed.getTransformerParameters().getString("by"));
        raises(ClientError.class,
                () -> stub(ok("{{uper 'a'}}").withTransformers("response-template")));
    }

    static HttpRequest verification(String body) {
        return HttpRequest.newBuilder(URI.create(url + "/__admin/kestub/verify"))
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build();
    }

    static void waiting() throws Exception {
        clear();
        var wanted = "{\"request\":{\"method\":\"GET\",\"urlPath\":\"" + ME + "\"},\"atLeast\":1,\"within\":\"PT30S\"}";
        var verified = http.sendAsync(verification(wanted), BodyHandlers.ofString());
        statusOfMe();
        same(200, verified.get().statusCode());
        same(true, verified.get().body().contains("\"count\":1"));
        wanted = "{\"request\":{\"urlPath\":\"" + GROUPS + "\"},\"exactly\":1,\"within\":\"PT0.01S\"}";
        var missing = http.send(verification(wanted), BodyHandlers.ofString());
        same(422, missing.statusCode());
        same(true, missing.body().contains("\"count\":0"));
    }

    static void findRequests() throws Exception {
        clear();
        for (var page : List.of("1", "2")) status("GET", ME + "?page=" + page, "");
        var second = getRequestedFor(urlPathEqualTo(ME)).withQueryParam("page", equalTo("2"));
        same(List.of(ME + "?page=2"), urls(client.find(second)));
        same(2, client.find(anyRequestedFor(anyUrl())).size());
    }

    static void nearMisses() throws Exception {
        clear();
        var stub = client.register(putGroups().willReturn(noContent()));
        status("PUT", GROUPS + "s", "{}");
        var missed = client.findAllUnmatchedRequests().get(0);
        same(stub, client.findTopNearMissesFor(missed).get(0).getStubMapping());
        var misses = client.findAllNearMissesFor(putRequestedFor(urlEqualTo(GROUPS)));
        same(GROUPS + "s", misses.get(0).getRequest().getUrl());
        same(stub, client.findNearMissesForAllUnmatchedRequests().get(0).getStubMapping());
    }

    static int statusOfForm(String name, String value) throws Exception {
        var part = "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
        return status("POST", GROUPS, part + "--x--\r\n", "Content-Type", "multipart/form-data; boundary=x");
    }

    static void multipart() throws Exception {
        clear();
        var part = aMultipart().withHeader("Content-Disposition", containing("name=\"team\""))
                .withBody(equalTo("planners"));
        client.register(post(urlEqualTo(GROUPS)).withMultipartRequestBody(part)
                .willReturn(aResponse().withStatus(299)));
        same(299, statusOfForm("team", "planners"));
        same(false, statusOfForm("team", "others") == 299);
        same(false, statusOfForm("group", "planners") == 299);
    }

    /** A reset of the mappings empties the journal, but removing them does not. That of the journal keeps them. */
    static void resetJournal() throws Exception {
        clear();
        stub(aResponse().withStatus(250));
        same(250, statusOfMe());
        client.resetToDefaultMappings();
        same(List.of(), client.allStubMappings().getMappings());
        same(List.of(), client.getServeEvents());
        stub(aResponse().withStatus(250));
        same(250, statusOfMe());
        client.removeMappings();
        same(1, client.getServeEvents().size());
        stub(aResponse().withStatus(250));
        client.resetRequests();
        same(List.of(), client.getServeEvents());
        same(1, client.allStubMappings().getMappings().size());
    }

    static void reset() throws Exception {
        clear();
        stub(aResponse().withStatus(250));
        client.saveMappings();
        stub(aResponse().withStatus(251));
        client.resetToDefaultMappings();
        same(250, statusOfMe());
        clear();
        same(List.of(), client.getServeEvents());
        same(401, statusOfMe());

        client.setGlobalFixedDelayVariable(200);
        same(200, client.getGlobalSettings().getFixedDelay());
        var start = System.nanoTime();
        same(200, status("GET", "/health", ""));
        if (System.nanoTime() - start < 195_000_000) throw new AssertionError("too early");
        client.setGlobalFixedDelayVariable(0);
    }

    /** Runs a step. The other steps run even if it fails. */
    static void run(String name, Step step) {
        try {
            step.run();
            System.out.println("ok - " + name);
        } catch (Throwable why) {
            System.out.println("not ok - " + name);
            System.out.println(("" + why).replaceAll("(?m)^", "# "));
            for (var line : why.getStackTrace()) System.out.println("#   at " + line);
        }
    }

    public static void main(String[] arguments) {
        url = URI.create(arguments[0]);
        client = WireMock.create().scheme(url.getScheme()).host(url.getHost()).port(url.getPort()).build();
        run("create_stub", WireMockScenario::createStub);
        run("priorities", WireMockScenario::priorities);
        run("request_patterns", WireMockScenario::requestPatterns);
        run("delays", WireMockScenario::delays);
        run("faults", WireMockScenario::faults);
        run("scenario", WireMockScenario::scenario);
        run("verify", WireMockScenario::verify);
        run("unmatched", WireMockScenario::unmatched);
        run("delete_stub", WireMockScenario::deleteStub);
        run("templates", WireMockScenario::templates);
        run("waiting", WireMockScenario::waiting);
        run("find_requests", WireMockScenario::findRequests);
        run("near_misses", WireMockScenario::nearMisses);
        run("multipart", WireMockScenario::multipart);
        run("reset_journal", WireMockScenario::resetJournal);
        run("reset", WireMockScenario::reset);
    }
}
