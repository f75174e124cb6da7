import static com.github.tomakehurst.wiremock.client.WireMock.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.http.Fault;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailTest {
    URI kestub = URI.create(System.getenv().getOrDefault("KESTUB_URL", "http://127.0.0.1:8080"));
    WireMock wireMock = WireMock.create()
            .host(kestub.getHost()).port(kestub.getPort()).urlPathPrefix("/sandbox/fail").build();

    @Test
    void triesAgain() throws Exception {
        var client = new Client(kestub + "/sandbox/fail");
        for (var failure : List.of(serviceUnavailable(), aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER))) {
            wireMock.register(put(urlPathMatching("/api/v1/main/users/.*/groups"))
                    .withMetadata(Map.of("kestub", Map.of("times", 1)))
                    .willReturn(failure));
            client.setGroups(Client.ALAN, List.of(Client.PLATFORM));
            assertEquals(List.of(Client.PLATFORM), client.groupsOf(Client.ALAN));
        }
    }
}
