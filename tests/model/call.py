"""A call, and the table of operations."""
import dataclasses

# Who may call an operation. If its path has a tenant, callers also need access to the tenant.
SUPER_ADMINS = "super-admins"
GROUP_OWNERS = "super-admins, and owners of a group of the tenant"
EVERYONE = "everyone"
ANYBODY = "anybody, even without credentials"

# The value of the CSRF cookie when the credentials are a session.
CSRF_TOKEN = "csrf-token-of-the-model"

OPERATIONS = {}  # by operation id


@dataclasses.dataclass
class Operation:
    method: str
    route: str
    allowed: str
    body_refusal: int
    since: str
    rule: object


def operation(name, method, route, allowed, body_refusal=422, since="1.0"):
    """Declares the rule of an operation, a method that takes the call and the path parameters."""

    def declare(rule):
        OPERATIONS[name] = Operation(method, route, allowed, body_refusal, since, rule)
        return rule

    return declare


@dataclasses.dataclass
class Call:
    operation: str
    path: tuple = ()
    query: list = dataclasses.field(default_factory=list)  # of pairs
    body: object = None
    # (token,), (username, password), or for a session ("JWT", secret, the CSRF token that is sent)
    credentials: tuple = None
    caller: str = None  # the user, once it is known
    made: str = None  # the id that the server gave to what the call created
    secret: str = None  # the token or session that the server created
    # The flaw in the body's form: "media" or "untyped", or its place in the request, such as ".name"
    flaw: str = None
    raw: bytes = None  # bytes to send instead of the body

    def get(self, name):
        return self.body.get(name)

    def paths(self, *where):
        return [f"{self.operation}{place}" for place in where]
