import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoverageTest {
    static final String URL =
            System.getenv().getOrDefault("KESTUB_URL", "http://127.0.0.1:8080") + "/sandbox/coverage";

    @Test
    void exercisesWhatItShould() throws Exception {
        new Client(URL).setGroups(Client.ALAN, List.of(Client.PLATFORM));

        var request = HttpRequest.newBuilder(URI.create(URL + "/__admin/kestub/coverage"))
                .header("Accept", "text/plain").build();
        var table = HttpClient.newHttpClient().send(request, ofString()).body();
        System.out.println(table);
        assertLinesMatch(List.of(">> >>", "updateUserGroups +204 x\\d+ .*", ">> >>"), table.lines().toList());
    }
}
