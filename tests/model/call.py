"""A call, and the table of operations."""
import dataclasses

# Who may call an operation. What has a tenant in its path is for those with access to it, too.
SUPER_ADMINS = "super-admins"
GROUP_OWNERS = "super-admins, and who owns a group of the tenant"
EVERYONE = "everyone"
ANYBODY = "anybody, without credentials too"

# The cookie for it, where a session is the credentials.
CSRF_TOKEN = "csrf-token-of-the-model"

OPERATIONS = {}  # by operation id


@dataclasses.dataclass
class Operation:
    method: str
    route: str
    allowed: str
    body_refusal: int
    rule: object


def operation(name, method, route, allowed, body_refusal=422):
    """Declares the rule of an operation: called with the call and the path's parameters."""

    def declare(rule):
        OPERATIONS[name] = Operation(method, route, allowed, body_refusal, rule)
        return rule

    return declare


@dataclasses.dataclass
class Call:
    operation: str
    path: tuple = ()
    query: list = dataclasses.field(default_factory=list)  # of pairs
    body: object = None
    # (token,), (username, password), or of a session ("JWT", secret, what is sent for CSRF_TOKEN)
    credentials: tuple = None
    caller: str = None  # the user, once they are known
    made: str = None  # the id that the server gave to what the call makes
    secret: str = None  # the token or session that the server made
    # What is wrong with the body's form: "media", or where in the request, such as ".name"
    flaw: str = None
    raw: bytes = None  # sent instead of the body

    def get(self, name):
        return self.body.get(name)

    def paths(self, *where):
        return [f"{self.operation}{place}" for place in where]
