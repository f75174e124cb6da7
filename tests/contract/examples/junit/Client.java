import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.regex.Pattern;

/** Stands for the code under test: sets groups, and tries again when the server is not well. */
class Client {
    static final String ALAN = "2EPi5XC0oluKRCVF56gcC";
    static final String PLATFORM = "7C1klfgdQmLTCyrnlejrtg";
    static final String DATA_ENG = "4LeYKUcqzLlRGlnKAzeqvF";
    static final String TOKEN = "KESTUB-root-token-for-tests-only-0123456789";

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;

    Client(String url) {
        this.url = url;
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body));
        return http.send(request.build(), BodyHandlers.ofString());
    }

    void setGroups(String user, List<String> groups) throws Exception {
        var path = "/api/v1/main/users/" + user + "/groups";
        var body = "{\"groupIds\":[\"" + String.join("\",\"", groups) + "\"]}";
        for (int attempt = 0; attempt < 3; attempt++) {
            try {
                if (send("PUT", path, body).statusCode() == 204) return;
            } catch (IOException problem) {
                continue;
            }
        }
        throw new IllegalStateException("the groups could not be set");
    }

    List<String> groupsOf(String user) throws Exception {
        var groups = send("GET", "/api/v1/users/" + user, "").body().split("\"groups\":")[1];
        var ids = Pattern.compile("\"id\":\"(\\w+)\"").matcher(groups.substring(0, groups.indexOf(']')));
        return ids.results().map(found -> found.group(1)).toList();
    }
}
