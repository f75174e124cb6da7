#!/usr/bin/env python3
"""Make the parts of kestub's HTML pages from both contracts: html_pages.py OPENAPI VERSIONS ADMIN OUTPUT, a
C source that src/embedded.h declares. The pages have no script and load nothing, so they work offline."""
import base64
import hashlib
import html
import pathlib
import re
import sys

import contract_files
import embed

STYLE = """
:root{color-scheme:light dark;--line:#8886;--soft:#8882}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.8rem}h2{border-bottom:1px solid var(--line);margin-top:2.5rem}
h3{font-size:1.1rem;margin:2rem 0 .3rem;border-top:1px solid var(--line);padding-top:1rem}
code{font-family:ui-monospace,monospace;background:var(--soft);padding:.1em .3em;border-radius:.2em}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}
dt{font-weight:bold}summary{cursor:pointer}
"""
POLICY = ("default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'")


def start(title):
    return (f"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            f"<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n")


END = "</body>\n</html>\n"


def code(text):
    return f"<code>{html.escape(str(text))}</code>"


def prose(text):
    """Escapes a text, and shows what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(str(text).strip()))


def paragraph(text):
    return f"<p>{prose(text)}</p>\n" if text else ""


def table(head, rows):
    if not rows:
        return ""
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table>\n<tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>\n{lines}</table>\n"


class Renderer:
    """Renders one contract. `name` keeps its anchors apart from those of the other one."""

    def __init__(self, name, document):
        self.name = name
        self.document = document

    def anchor(self, kind, name):
        return html.escape(f"{self.name}-{kind}-{name}")

    def resolve(self, node):
        while "$ref" in node:
            place = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                place = place[part]
            node = place
        return node

    def type_of(self, schema):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f"<a href=\"#{self.anchor('schema', name)}\">{html.escape(name)}</a>"
        for key, word in (("allOf", " and "), ("oneOf", " or "), ("anyOf", " or ")):
            if key in schema:
                return word.join(self.type_of(part) for part in schema[key])
        if "enum" in schema:
            return ", ".join(code(value) for value in schema["enum"])
        if "items" in schema:
            return f"list of {self.type_of(schema['items'])}"
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and more:
            return f"object of {self.type_of(more)}"
        limits = [f"{key} {schema[key]}" for key in
                  ("format", "minLength", "maxLength", "minimum", "maximum", "pattern", "default") if key in schema]
        return html.escape(", ".join([str(schema.get("type", "any")), *limits]))

    def fields(self, schema):
        rows = []
        for part in schema.get("allOf", []):
            if "$ref" not in part:
                rows += self.fields(part)
        for name, child in schema.get("properties", {}).items():
            needed = "required" if name in schema.get("required", []) else ""
            rows.append([code(name), self.type_of(child), needed, prose(child.get("description", ""))])
        return rows

    def content(self, node):
        """Renders what a body may be, by media type."""
        text = ""
        for media, part in node.get("content", {}).items():
            schema = part.get("schema", {})
            rows = self.fields(schema) if "$ref" not in schema else []
            text += f"{code(media)}: {self.type_of(schema)}\n"
            text += table(["member", "type", "", ""], rows)
        return text

    def operation(self, method, path, node, shared):
        name = node["operationId"]
        text = (f"<h3 id=\"{self.anchor('operation', name)}\">{code(f'{method.upper()} {path}')} "
                f"{html.escape(name)}</h3>\n")
        text += paragraph(node.get("summary")) + paragraph(node.get("description"))
        rows = []
        for parameter in map(self.resolve, [*shared, *node.get("parameters", [])]):
            needed = "required" if parameter.get("required") else ""
            rows.append([code(parameter["name"]), parameter["in"], self.type_of(parameter.get("schema", {})),
                         needed, prose(parameter.get("description", ""))])
        text += table(["parameter", "in", "type", "", ""], rows)
        if "requestBody" in node:
            text += f"<div>Body: {self.content(self.resolve(node['requestBody']))}</div>\n"
        rows = []
        for status, response in node["responses"].items():
            response = self.resolve(response)
            rows.append([code(status), prose(response.get("description", "")), self.content(response)])
        return text + table(["status", "meaning", "body"], rows)

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, node in item.items():
                if isinstance(node, dict) and "operationId" in node:
                    yield method, path, node, item.get("parameters", [])

    def schemas(self):
        text = ""
        for name, schema in self.document.get("components", {}).get("schemas", {}).items():
            rows = self.fields(schema)
            text += f"<h3 id=\"{self.anchor('schema', name)}\">{html.escape(name)}</h3>\n"
            text += paragraph(schema.get("description"))
            text += table(["member", "type", "", ""], rows) or f"<p>{self.type_of(schema)}</p>\n"
        return text

    def render(self, title, link):
        text = (f"<h2 id=\"{self.name}\">{html.escape(title)}</h2>\n"
                f"<p>This is what <a href=\"{link}\">{link}</a> says.</p>\n")
        text += paragraph(self.document["info"].get("description"))
        tags = {tag["name"]: [] for tag in self.document["tags"]}
        for operation in self.operations():
            tags[operation[2]["tags"][0]].append(operation)
        for tag, members in tags.items():
            text += f"<details><summary>{html.escape(tag)}</summary>\n<ul>\n" if members else ""
            for method, path, node, _ in members:
                text += (f"<li><a href=\"#{self.anchor('operation', node['operationId'])}\">"
                         f"{html.escape(node['operationId'])}</a> {code(f'{method.upper()} {path}')}</li>\n")
            text += "</ul>\n</details>\n" if members else ""
        for members in tags.values():
            text += "".join(self.operation(*operation) for operation in members)
        return f"{text}<h2>{html.escape(title)}: schemas</h2>\n{self.schemas()}"


def main(openapi, versions, admin, output):
    names = contract_files.read_versions(pathlib.Path(versions))
    documents = contract_files.documents_of(contract_files.load(pathlib.Path(openapi)), names)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    parts = {
        "policy": POLICY.format(digest),
        "home_start": start("kestub"),
        "docs_start": start("kestub: the contracts") + "<h1>The contracts</h1>\n",
        "admin": Renderer("admin", contract_files.load(pathlib.Path(admin))).render("Control plane", "__admin/openapi.yaml"),
        "end": END,
    }
    text = '/* Made by html_pages.py. */\n#include "embedded.h"\n'
    for name, part in parts.items():
        text += f"\nconst char embedded_page_{name}[] = {{\n{embed.numbers(part.encode())}}};\n"
    for number, (name, document) in enumerate(documents.items()):
        part = Renderer("api", document).render(f"Emulated API, version {name}", "openapi.yaml")
        text += f"\nstatic const char api_{number}[] = {{\n{embed.numbers(part.encode())}}};\n"
    text += "\nconst char *const embedded_page_api[] = {"
    text += ", ".join(f"api_{number}" for number in range(len(documents))) + "};\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
