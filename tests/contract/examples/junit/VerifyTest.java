import static com.github.tomakehurst.wiremock.client.WireMock.*;

import com.github.tomakehurst.wiremock.client.WireMock;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifyTest {
    URI kestub = URI.create(System.getenv().getOrDefault("KESTUB_URL", "http://127.0.0.1:8080"));
    WireMock wireMock = WireMock.create()
            .host(kestub.getHost()).port(kestub.getPort()).urlPathPrefix("/sandbox/verify").build();

    @Test
    void setsGroupsByOneRequest() throws Exception {
        new Client(kestub + "/sandbox/verify").setGroups(Client.ALAN, List.of(Client.PLATFORM));

        wireMock.verifyThat(1, putRequestedFor(urlPathEqualTo("/api/v1/main/users/" + Client.ALAN + "/groups"))
                .withRequestBody(equalToJson("{\"groupIds\":[\"" + Client.PLATFORM + "\"]}")));
    }
}
