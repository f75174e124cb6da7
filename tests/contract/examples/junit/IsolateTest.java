import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IsolateTest {
    static final String KESTUB = System.getenv().getOrDefault("KESTUB_URL", "http://127.0.0.1:8080");

    // JUnit makes an instance, and so a sandbox, for each test.
    Client client = new Client(KESTUB + "/sandbox/" + UUID.randomUUID());

    @Test
    void setsOneGroup() throws Exception {
        setsGroup(Client.PLATFORM);
    }

    @Test
    void setsAnother() throws Exception {
        setsGroup(Client.DATA_ENG);
    }

    void setsGroup(String group) throws Exception {
        assertEquals(List.of(), client.groupsOf(Client.ALAN));
        client.setGroups(Client.ALAN, List.of(group));
        assertEquals(List.of(group), client.groupsOf(Client.ALAN));
    }
}
