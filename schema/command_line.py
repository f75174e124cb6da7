"""Reads the commands, options and fault profiles of kestub from the tables in its source.

The tables are C, and a build for another processor cannot run what it builds. So this program reads them,
in the form that clang-format gives them.
"""
import dataclasses
import pathlib
import re

STRING = r'"(?:[^"\\\n]|\\.)*"'
ESCAPE = {"n": "\n", '"': '"', "\\": "\\"}


class Mistake(Exception):
    """The source has no table of the form that is read here."""


@dataclasses.dataclass
class Option:
    name: str
    help: str
    short: str = ""
    value: str = ""  # what the help shows for it; "" when the option has none
    variable: str = ""
    fallback: str = ""
    choices: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Command:
    name: str
    usage: str
    summary: str
    details: str
    options: list

    @property
    def operand(self):
        """What the usage calls its operand, or "" when it has none."""
        words = re.findall(r"\b[A-Z]+\b", self.usage)
        return words[0] if words and words[0] != "OPTION" else ""


@dataclasses.dataclass
class Profile:
    name: str
    argument: str
    help: str


def unquote(literals):
    text = "".join(literal[1:-1] for literal in re.findall(STRING, literals))
    return re.sub(r"\\(.)", lambda escape: ESCAPE[escape[1]], text)


class Source:
    """The text of some C files, with the macros and lists that tables refer to."""

    def __init__(self, texts, lists, macros):
        self.text = "\n".join(texts)
        self.macros = {**macros, **dict(re.findall(rf"^#define (\w+) ({STRING})", self.text, re.M))}
        found = re.findall(r"^static const char \*const (\w+)\[\] = \{([^}]*), NULL\};", self.text, re.M)
        self.lists = {**lists, **{name: [unquote(item) for item in items.split(",")] for name, items in found}}

    def expand(self, value):
        words = re.findall(rf"{STRING}|\w+", value)
        return unquote(" ".join(word if word[0] == '"' else self.macros[word] for word in words))

    def tables(self, *members):
        """Yields {member: text of its value} of every initializer that has all these members."""
        for block in re.findall(rf"\{{((?:{STRING}|[^{{}}\"])*)\}}", self.text):
            row = dict(re.findall(rf"\.(\w+) =\s+((?:{STRING}|[^\",])+)", block))
            if set(members) <= set(row):
                yield row

    def text_of(self, row, member):
        return self.expand(row[member]) if member in row else ""

    def option(self, row):
        name = row.get("choices", "").strip()
        if name and name not in self.lists:
            raise Mistake(f"{row['name']}: there is no list {name}")
        choices = self.lists[name] if name else []
        texts = {member: self.text_of(row, member) for member in ("name", "variable", "fallback", "help")}
        return Option(**texts, value=self.text_of(row, "value") or "|".join(choices), choices=choices)


def printed_options(text, known):
    """The options that a command prints by itself. One with the name of an option in `known` takes its choices."""
    choices = {option.name: option.choices for option in known}
    for literal in re.findall(STRING, text):
        if found := re.match(r"  (?:-(\w), )?--([\w-]+)(?: ([A-Z]+))? {2,}(.+)", unquote(literal)):
            yield Option(found[2], found[4].partition(":")[0], found[1] or "", found[3] or "",
                         choices=choices.get(found[2], []))


@dataclasses.dataclass
class CommandLine:
    summary: str
    common: list  # options of all commands
    commands: list
    profiles: list

    @property
    def serve(self):
        return next(command for command in self.commands if command.name == "serve")


def files_of(folder):
    return sorted([*folder.glob("*.[ch]"), *(folder / "commands").glob("*.c"), *(folder / "faults").glob("*.c")])


def read(folder, versions):
    """Returns the CommandLine of the source in the folder. `versions` are those of the emulated server."""
    texts = {path: path.read_text(encoding="utf-8") for path in files_of(folder)}
    source = Source(texts.values(), {"contract_version_names": versions},
                    {"CONTRACT_DEFAULT_VERSION": f'"{versions[-1]}"'})
    options = [source.option(row) for row in source.tables("variable", "help")]
    profiles = [Profile(*(source.text_of(row, member) for member in ("name", "usage", "help")))
                for row in source.tables("usage", "help")]
    main = texts[folder / "main.c"]
    order = re.findall(r"&command_(\w+)", main[main.index("commands[]"):main.index("N_COMMANDS")])
    rows = {source.text_of(row, "name"): (path, row) for path, text in texts.items()
            for row in Source([text], {}, {}).tables("usage", "summary")}
    commands = []
    for name in order:
        path, row = rows[name]
        own = options if name == "serve" else list(printed_options(texts[path], options)) if "print_options" in row else []
        commands.append(Command(name, *(source.text_of(row, member) for member in ("usage", "summary", "details")), own))
    overview = re.search(rf"puts\(({STRING})", main[main.index("print_overview"):])
    if not (options and profiles and commands and overview):
        raise Mistake(f"{folder}: no tables of commands, options and fault profiles")
    return CommandLine(unquote(overview[1]).split("\n")[0], list(printed_options(main, [])), commands, profiles)
