"""Turns the text of a request's parameters into the values that their schemas describe."""
import re

DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
DEFAULT_STYLES = {"query": "form", "path": "simple", "header": "simple"}
# OpenAPI 3.0 ignores parameters of these names.
IGNORED_HEADERS = {"accept", "authorization", "content-type"}


def _nested(name, query):
    """Reads `name[a][b]=c` as {"a": {"b": ["c"]}}. Returns None without such a parameter."""
    tree = {}
    for key, value in query:
        if not key.startswith(f"{name}["):
            continue
        keys = re.findall(r"\[([^\[\]]+)\]", key)
        if key != name + "".join(f"[{k}]" for k in keys):
            raise ValueError(f"'{key}' has broken brackets")
        node = tree
        for k in keys[:-1]:
            node = node.setdefault(k, {})
            if not isinstance(node, dict):
                raise ValueError(f"'{key}' is both a value and an object")
        values = node.setdefault(keys[-1], [])
        if not isinstance(values, list):
            raise ValueError(f"'{key}' is both a value and an object")
        values.append(value)
    return tree or None


def _scalar(types, text):
    if "integer" in types and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if "number" in types and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        return float(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


class Reader:
    """`variants` yields a schema, resolved, and the schemas that it is composed of."""

    def __init__(self, variants):
        self.variants = variants

    def _types(self, schema):
        return {variant["type"] for variant in self.variants(schema) if "type" in variant}

    def _property(self, schema, name):
        variants = list(self.variants(schema))
        for variant in variants:
            if name in variant.get("properties", ()):
                return variant["properties"][name]
        others = (variant.get("additionalProperties") for variant in variants)
        return next((other for other in others if isinstance(other, dict)), {})

    def cast(self, schema, raw):
        """`raw` is a list of texts, or an object of such lists. A value that fits no type stays a text,
        which the validator refuses."""
        if isinstance(raw, dict):
            return {name: self.cast(self._property(schema, name), v) for name, v in raw.items()}
        types = self._types(schema)
        if "array" in types:
            items = next(v["items"] for v in self.variants(schema) if "items" in v)
            return [self.cast(items, [text]) for text in raw]
        return _scalar(types, raw[0]) if len(raw) == 1 else raw

    def read(self, parameter, variables, query, headers):
        """Returns the value, or None when it was not sent. Raises ValueError when it is not well-formed."""
        name, place, schema = parameter["name"], parameter["in"], parameter["schema"]
        style = parameter.get("style", DEFAULT_STYLES[place])
        if style == "deepObject":
            raw = _nested(name, query)
            return None if raw is None else self.cast(schema, raw)
        if place == "query":
            texts = [value for key, value in query if key == name]
        elif place == "header":
            texts = [headers[name.lower()]] if name.lower() in headers else []
        else:
            texts = [variables[name]]
        if not texts:
            return None
        explode = parameter.get("explode", style == "form")
        if "array" in self._types(schema) and (style == "simple" or not explode):
            texts = [item for text in texts for item in text.split(DELIMITERS[style])]
        return self.cast(schema, texts)
