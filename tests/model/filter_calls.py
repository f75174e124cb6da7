"""Random filters of listings. Some of them are invalid."""
from listing import LISTS, NULLS, OPERATORS

PATTERNS = ["^U", "^u", "1", "[0-9]+@", "com$", "a|e", "(?i)ADA", "", ".", "é", "^$", r"\.org\b"]
BROKEN = [
    "filters",
    "filters[",
    "filters[]",
    "filters[email]",
    "filters[email][EQUALS",
    "filters[email][equals]",
    "filters[email][LIKE]",
    "filters[email][EQUALS][x]",
    "filters[unknown][EQUALS]",
    "filters[q][CONTAINS]",
    "filters[or][x][id][EQUALS]",
    "filters[and][0]",
    "filters[or]" * 6,
    "filters" + "[or][0]" * 6 + "[id][EQUALS]",
]
PREFIXES = ["", "", "[or][0]", "[or][1]", "[and][0]", "[and][7][or][0]", "[and][7][or][1]"]
DEEPEST = "[and][0][or][1][and][2][or][3][or][4]"


def make(rng, columns, values):
    """Makes filters on these columns and the id. `values` has texts that occur, by column."""
    columns = ["id", *columns]
    pairs = [
        pair for _ in range(rng.choice([1, 1, 2, 4])) for pair in several(rng, columns, values)
    ]
    if rng.random() < 0.06:
        pairs.insert(rng.randrange(len(pairs) + 1), (rng.choice(BROKEN), "x"))
    if rng.random() < 0.01:
        pairs = [("filters[id][IS_NOT_NULL]", "")] * rng.choice([100, 101])
    return pairs


def several(rng, columns, values):
    """Makes one filter, or two with the same name."""
    name, operator = rng.choice(columns), rng.choice(OPERATORS)
    if rng.random() < 0.1:
        name, operator = rng.choice(["q", "query"]), rng.choice(["EQUALS", "NOT_EQUALS", "IN"])
    texts = [text for text in values.get(name, values["email"]) if text is not None]
    written = rng.choice([name, name, name.upper(), f"_{name[:3]}_{name[3:]}"])
    prefix = rng.choice([*PREFIXES, DEEPEST]) if rng.random() < 0.4 else ""
    count = rng.choice([1, 1, 1, 2])
    pair = f"filters{prefix}[{written}][{operator}]"
    return [(pair, value(rng, operator, texts)) for _ in range(count)]


def value(rng, operator, texts):
    if operator in NULLS:
        return rng.choice(["", "true", "false", "TRUE", "x" if rng.random() < 0.2 else ""])
    if operator == "REGEX":
        return rng.choice(PATTERNS if rng.random() < 0.95 else ["(", "[a", "*"])
    if operator in LISTS:
        return ",".join(rng.choice(texts) for _ in range(rng.choice([1, 2, 5])))
    text = rng.choice(texts)
    if rng.random() < 0.5:
        start = rng.randrange(len(text) + 1)
        text = rng.choice([text[: start + 1], text[start:], text[start : start + 2]])
    return rng.choice([text, text, text.upper(), text.lower()])
