import io.kestra.sdk.KestraClient;
import io.kestra.sdk.internal.ApiException;
import io.kestra.sdk.model.*;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the steps share: the clients, and things with new names. */
class Support {
    static final String ADMIN = "admin@example.com";
    static final String ADMIN_PASSWORD = "Admin!1234";
    static final String PASSWORD = "Password!234";
    static final String TENANT = "main";

    final String url;
    KestraClient admin;
    int numbers;

    Support(String url) {
        this.url = url;
        admin = KestraClient.builder().url(url).build();
    }

    /** Sets the server up and logs in as a browser does, to get the first API token. */
    String firstToken() throws Exception {
        HttpClient browser = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        String admin = "\"username\":\"%s\",\"password\":\"%s\"".formatted(ADMIN, ADMIN_PASSWORD);
        String tenant = "{\"id\":\"%s\",\"name\":\"%s\"}".formatted(TENANT, TENANT);
        browse(browser, "/api/v1/setup", "{%s,\"tenant\":%s}".formatted(admin, tenant));
        browse(browser, "/login", "{%s}".formatted(admin));
        String token = "{\"name\":\"ci-token\",\"maxAge\":\"P1D\"}";
        String answer = browse(browser, "/api/v1/me/api-tokens", token);
        return first("\"fullToken\"\\s*:\\s*\"([^\"]+)\"", answer);
    }

    String browse(HttpClient browser, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        var answer = browser.send(request, BodyHandlers.ofString());
        equal(path + " " + answer.statusCode() / 100, path + " 2");
        return answer.body();
    }

    static String first(String pattern, String text) {
        var matcher = Pattern.compile(pattern).matcher(text);
        equal(matcher.find(), true);
        return matcher.group(1);
    }

    KestraClient basic(String username, String password) {
        return KestraClient.builder().url(url).basicAuth(username, password).build();
    }

    KestraClient bearer(String token) {
        return KestraClient.builder().url(url).tokenAuth(token).build();
    }

    String newName(String kind) {
        return "%s-%03d".formatted(kind, ++numbers);
    }

    IAMUserControllerApiCreateOrUpdateUserRequest request() {
        return new IAMUserControllerApiCreateOrUpdateUserRequest()
                .email(newName("user") + "@example.com");
    }

    IAMUserControllerApiUser createUser(IAMUserControllerApiCreateOrUpdateUserRequest request) {
        return admin.users().createUser(request);
    }

    String createGroup() {
        return createGroup(newName("group"));
    }

    String createGroup(String name) {
        var request = new IAMGroupControllerApiCreateGroupRequest().name(name);
        return admin.groups().createGroup(TENANT, request).getId();
    }

    static void setGroups(KestraClient client, String user, String... groups) {
        client.users().updateUserGroups(user, TENANT,
                new IAMUserGroupControllerApiUpdateUserGroupsRequest()
                        .groupIds(Arrays.asList(groups)));
    }

    void grantAccess(String email) {
        admin.tenantAccess().createTenantAccess(TENANT,
                new IAMTenantAccessControllerApiCreateTenantAccessRequest().email(email));
    }

    Set<String> groupsOf(String user) {
        return set(admin.users().user(user).getGroups(), IAMUserControllerApiGroup::getId);
    }

    Set<String> members(String group, QueryFilter... filters) {
        var found = admin.groups().searchGroupMembers(
                group, TENANT, 1, 10, null, Arrays.asList(filters));
        equal(found.getTotal(), (long) found.getResults().size());
        return set(found.getResults(), IAMGroupControllerApiGroupMember::getUsername);
    }

    static List<String> tenants(IAMUserControllerApiUser user) {
        return user.getTenants().stream().map(ApiTenantSummary::getId).toList();
    }

    static QueryFilter equals(QueryFilterField field, String value) {
        return new QueryFilter().field(field).operation(QueryFilterOp.EQUALS).value(value);
    }

    static QueryFilter query(String text) {
        return equals(QueryFilterField.QUERY, text);
    }

    static <T, R> Set<R> set(Collection<T> items, Function<T, R> property) {
        return items.stream().map(property).collect(Collectors.toSet());
    }

    static void equal(Object actual, Object expected) {
        if (!Objects.equals(actual, expected)) {
            throw new AssertionError("expected " + expected + ", got " + actual);
        }
    }

    static void refused(int status, Runnable call) {
        try {
            call.run();
        } catch (ApiException problem) {
            equal(problem.getCode(), status);
            return;
        }
        throw new AssertionError("was not refused with " + status);
    }
}
