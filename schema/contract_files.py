"""Reads the documents of the contract, and says what each version of the server has of them."""
import yaml

# The members of struct version in src/contract/contract.h that a version's traits fill, and their types.
TRAITS = {"problem_documents": bool, "marks_not_found": bool, "privilege": str, "owned_groups": bool,
          "password_specials": str, "limits_password_checks": bool, "shows_plugin_install": bool,
          "shows_concurrency_view": bool, "checks_csrf": bool, "needs_content_type": bool,
          "adding_grants_access": bool, "leaving_takes_access": bool, "granting_twice_conflicts": bool,
          "finds_members_by_name": bool, "absent_lists_are_cleared": bool, "permissions": str,
          "lists_resources": bool, "counts_permissions": bool,
          "searches_account_names": bool}


class Unsupported(Exception):
    """The document says something that this generator does not implement."""


def files_of(path):
    """Returns the files of a document, starting with common.yaml."""
    if path.is_file():
        return [path]
    return sorted(path.glob("*.yaml"), key=lambda file: (file.stem != "common", file.name))


def join(document, part, where, levels=3):
    """Adds `part` to `document`. Several files may add members to a path or a group of components, but
    not the same member."""
    for key, value in part.items():
        if key not in document:
            document[key] = value
        elif levels > 1 and isinstance(value, dict):
            join(document[key], value, where, levels - 1)
        else:
            raise Unsupported(f"{where}: another file has '{key}' too")


def load(path):
    """Reads an OpenAPI document from a file, or from a folder with a file for each resource."""
    document = {}
    for file in files_of(path):
        join(document, yaml.safe_load(file.read_text(encoding="utf-8")), file.name)
    return document


def read_versions(path):
    """Returns the versions that a file describes, after a check of their traits."""
    versions = yaml.safe_load(path.read_text(encoding="utf-8"))
    for version in versions:
        where = f"{path.name}: {version.get('name')}"
        if set(version) != {"name", "announces", "traits"} or not isinstance(version["name"], str):
            raise Unsupported(f"{where}: a version has a name, what it announces, and traits")
        traits = version["traits"]
        if wrong := {name for name in TRAITS.keys() | traits.keys() if type(traits.get(name)) is not TRAITS.get(name)}:
            raise Unsupported(f"{where}: missing, unknown or of another type: {', '.join(sorted(wrong))}")
    return versions


def project(node, names, version, where="document"):
    """Returns what a document says of one version. `names` are all versions, the oldest first.

    `x-from` and `x-until` beside something say in which versions it exists, `x-as-of` which of its keywords
    change with a version; null takes one away."""
    def number(name, key):
        if name not in names:
            raise Unsupported(f"{where}: '{key}: {name}' is not a version")
        return names.index(name)

    def exists(child):
        if not isinstance(child, dict):
            return True
        return (number(child.get("x-from", names[0]), "x-from") <= names.index(version)
                <= number(child.get("x-until", names[-1]), "x-until"))

    if isinstance(node, list):
        return [project(item, names, version, where) for item in node if exists(item)]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    for name, changes in node.pop("x-as-of", {}).items():
        if number(name, "x-as-of") <= names.index(version):
            node = {key: value for key, value in (node | changes).items() if value is not None}
    out = {key: project(child, names, version, f"{where}.{key}") for key, child in node.items()
           if key not in ("x-from", "x-until") and exists(child)}
    gone = node.get("properties", {}).keys() - out.get("properties", {}).keys()
    if gone and "required" in out:
        out["required"] = [name for name in out["required"] if name not in gone]
    if out.get("required") == []:
        del out["required"]  # OpenAPI 3.0 has no empty list here
    return out


def strip(node):
    """Returns a document that has what any version has."""
    if isinstance(node, list):
        return [strip(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: strip(child) for key, child in node.items() if key not in ("x-from", "x-until", "x-as-of")}


def documents_of(openapi, versions):
    """Returns {name of a version: its document}, without paths that have no operation."""
    names = [version["name"] for version in versions]
    documents = {name: project(openapi, names, name) for name in names}
    for document in documents.values():
        document["paths"] = {path: item for path, item in document["paths"].items() if item}
    return documents


class Published(yaml.SafeDumper):
    """Writes no anchors: repeated text is easier to read."""

    def ignore_aliases(self, data):
        return True


def publish(document):
    return yaml.dump(document, Dumper=Published, sort_keys=False, allow_unicode=True, width=100)
