"""Search, filters, sorting and paging of listings.

A row is a key and the texts of its columns, None for null.
"""
import dataclasses
import re

BAD_FILTERS = "invalid-query-filters"
MAX_SORTS, MAX_FILTERS, MAX_FILTER_DEPTH = 8, 100, 5
LISTS = ("IN", "NOT_IN")
COMPARISONS = {
    "GREATER_THAN": lambda a, b: a > b,
    "LESS_THAN": lambda a, b: a < b,
    "GREATER_THAN_OR_EQUAL_TO": lambda a, b: a >= b,
    "LESS_THAN_OR_EQUAL_TO": lambda a, b: a <= b,
}
PARTS = {
    "STARTS_WITH": bytes.startswith,
    "PREFIX": bytes.startswith,
    "ENDS_WITH": bytes.endswith,
    "CONTAINS": bytes.__contains__,
    "NOT_CONTAINS": lambda text, part: part not in text,
}
EXACT = ("EQUALS", "NOT_EQUALS", *LISTS)
NULLS = ("IS_NULL", "IS_NOT_NULL")
OPERATORS = [*EXACT, *COMPARISONS, *PARTS, "REGEX", *NULLS]
TRUE_OF_NULL = ("NOT_EQUALS", "NOT_IN", "NOT_CONTAINS", "IS_NULL")


# The usual type of a problem document with this status.
USUAL_TYPES = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    409: "entity-already-exists",
    415: "unsupported-media-type",
    422: "validation-failed",
}


class Refusal(Exception):
    """An error answer. Its message mentions all `names`, and its errors have these `paths`.

    A problem document has the `type`. Of values that cannot be read it has only the first place:
    `unreadable` is its path in the body, or "". The status is that of versions without problem
    documents."""

    def __init__(self, status, *names, paths=(), type=None, unreadable=None):
        super().__init__(status, names, paths, type, unreadable)
        self.status, self.names, self.paths = status, names, sorted(paths)
        self.type, self.unreadable = type or USUAL_TYPES[status], unreadable


def fold(text):
    """Folds ASCII case, so that texts which differ only in case are equal."""
    return text.encode().lower()


@dataclasses.dataclass
class Columns:
    sorted: tuple
    searched: tuple
    filtered: tuple  # besides the sorted ones
    any_case: tuple = ()
    values: dict = dataclasses.field(default_factory=dict)  # all possible values of a column


NAMES = ("username", "email", "firstName", "lastName")
TYPES = {"type": ("STANDARD", "SERVICE_ACCOUNT")}
GROUP_COLUMNS = Columns(("name", "description"), ("name",), ("id",))
ROLE_COLUMNS = Columns(("name", "description"), ("name",), ("id",))
BINDING_COLUMNS = Columns(
    ("type", "namespace", "id"), ("namespace",), ("role",), values={"type": ("USER", "GROUP")}
)
TENANT_COLUMNS = Columns(("id", "name"), ("id", "name"), ())


def user_columns(privilege):
    """Returns the columns of users; the version names the privilege."""
    cases, flags = ("username", "email", privilege), {privilege: ("true", "false")}
    return Columns(NAMES, NAMES, ("id", privilege), cases, flags)


def access_columns(privilege):
    users = user_columns(privilege)
    return dataclasses.replace(
        users, filtered=(*users.filtered, "type"), values=users.values | TYPES
    )


def matches(q, texts):
    """Whether each word of q occurs in one of the texts."""
    words = re.findall(rb"[0-9a-z\x80-\xff]+", fold(q))
    found = all(any(word in fold(text) for text in texts if text) for word in words)
    return q in ("", "*") or (bool(words) and found)


def is_found(q, row, columns):
    return matches(q, [row[name] for name in columns.searched])


class Filters:
    """A group of filters that must all hold: conditions, and numbered subgroups, of which one
    ("or") or all ("and") must hold."""

    def __init__(self):
        self.conditions = []
        self.lists = {}  # by column, the values of all its IN lists together
        self.groups = {"or": {}, "and": {}}

    def hold(self, row, columns):
        return (
            all(is_true(row, columns, *condition) for condition in self.conditions)
            and all(is_true(row, columns, n, "IN", v) for n, v in self.lists.items())
            and all(group.hold(row, columns) for group in self.groups["and"].values())
            and (
                not self.groups["or"]
                or any(group.hold(row, columns) for group in self.groups["or"].values())
            )
        )


def read_filters(pairs, columns):
    """Raises a Refusal that names the first invalid parameter."""
    filters = Filters()
    if len(pairs) > MAX_FILTERS:
        raise Refusal(422, pairs[MAX_FILTERS][0], type=BAD_FILTERS)
    for name, value in pairs:
        if not re.fullmatch(r"filters(\[[^][]+\])+", name):
            raise Refusal(422, name, type=BAD_FILTERS)
        place, segments = filters, re.findall(r"\[([^][]+)\]", name)
        for _ in range(MAX_FILTER_DEPTH):
            if segments[0] in ("or", "and") and len(segments) > 2 and segments[1].isdecimal():
                kind, number, *segments = segments
                place = place.groups[kind].setdefault(int(number), Filters())
        if len(segments) != 2 or not add_condition(place, columns, *segments, value):
            raise Refusal(422, name, type=BAD_FILTERS)
    return filters


def add_condition(filters, columns, field, operator, value):
    """Returns False when the condition is invalid."""
    plain = field.replace("_", "").lower()
    known = [n for n in columns.sorted + columns.filtered if n.lower() == plain]
    name = "q" if plain in ("q", "query") else known[0] if known else None
    if name is None or operator not in OPERATORS:
        return False
    if name == "q":
        filters.conditions.append((name, operator, value))
        return operator in ("EQUALS", "NOT_EQUALS")
    values = value.split(",") if operator in LISTS else value
    if operator in EXACT and name in columns.values:
        keys = [key_of(name, text, columns) for text in columns.values[name]]
        given = values if operator in LISTS else [value]
        if any(key_of(name, text, columns) not in keys for text in given):
            return False
    if operator in NULLS:
        if fold(value) not in (b"", b"true", b"false"):
            return False
        if fold(value) == b"false":
            operator = NULLS[1 - NULLS.index(operator)]
    if operator == "REGEX":
        try:
            re.compile(value)
        except re.error:
            return False
    if operator == "IN":
        filters.lists.setdefault(name, []).extend(values)
    else:
        filters.conditions.append((name, operator, values))
    return True


def key_of(name, text, columns):
    """Returns what to compare."""
    return fold(text) if name in columns.any_case else text.encode()


def is_true(row, columns, name, operator, value):
    if name == "q":
        return is_found(value, row, columns) == (operator == "EQUALS")
    text = row[name]
    if text is None:
        return operator in TRUE_OF_NULL
    if operator in NULLS:
        return operator == "IS_NOT_NULL"
    if operator == "REGEX":
        return re.search(value, text) is not None
    if operator in PARTS:
        return PARTS[operator](fold(text), fold(value))
    key = key_of(name, text, columns)
    if operator in LISTS:
        return (key in [key_of(name, item, columns) for item in value]) == (operator == "IN")
    other = key_of(name, value, columns)
    if operator in COMPARISONS:
        return COMPARISONS[operator](key, other)
    return (key == other) == (operator == "EQUALS")


def sorts_of(call, columns):
    sorts = [s for name, value in call.query if name == "sort" for s in value.split(",")]
    known = [sort for sort in sorts if ":" in sort and sort.partition(":")[0] in columns.sorted]
    if known != sorts or len(sorts) > MAX_SORTS:
        raise Refusal(422, type="invalid-argument")
    return [(sort.partition(":")[0], fold(sort.partition(":")[2]) != b"asc") for sort in sorts]


# The version from which on a listing does not ignore filters.
FILTERED_SINCE = {
    "listUsers": "1.3",
    "searchGroupMembers": "1.3",
    "listTenantAccess": "1.3",
    "searchGroups": "2.0-rc",
    "autocompleteGroups": "2.0-rc",
    "find": "2.0-rc",
    "searchRoles": "2.0-rc",
    "searchBindings": "2.0-rc",
}


def filter_pairs(version, call):
    """Returns all filters. The parameter `type` becomes the last one."""
    pairs = [pair for pair in call.query if re.match(r"filters(\[|$)", pair[0])]
    if not version.since(FILTERED_SINCE[call.operation]):
        pairs = []
    types = [value for name, value in call.query if name == "type"]
    return pairs + [("filters[type][EQUALS]", value) for value in types]


def choose(version, call, rows, columns, q=None):
    """Returns the rows that match q and the filters."""
    filters = read_filters(filter_pairs(version, call), columns)
    return [
        (key, row)
        for key, row in rows
        if is_found(q or "", row, columns) and filters.hold(row, columns)
    ]


def listing(version, call, rows, columns):
    """Returns the keys on the page, and the number of rows on all pages."""
    query, sorts = dict(call.query), sorts_of(call, columns)
    rows = choose(version, call, rows, columns, query.get("q"))
    for name, is_descending in reversed(sorts):

        def rank(row):
            text = row[1][name]
            return (text is not None, fold(text or ""), (text or "").encode())

        rows.sort(key=rank, reverse=is_descending)
    page, size = int(query.get("page", 1)), int(query.get("size", 10))
    return [key for key, _ in rows[(page - 1) * size : page * size]], len(rows)
