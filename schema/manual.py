"""Write the manual page kestub(1) and the completions for bash, zsh and fish from the tables in src/."""
import argparse
import datetime
import os
import pathlib
import re
import textwrap
import time

import yaml

import command_line

EXIT = {"0": "kestub did what it was asked to.", "1": "A check failed, or the server is not healthy.",
        "2": "kestub cannot use an option, a file or an address. One line on stderr says which."}


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("*", "\\(**")
    return re.sub(r"(?<!\S)\.", r"\\&.", text)


def bold(text):
    return f"\\fB{roff(text)}\\fR"


def italic(text):
    return f"\\fI{roff(text)}\\fR"


def sentence(text):
    return f"{roff(text[0].upper() + text[1:])}."


def item(term, *lines):
    """A term and what explains it: text, or requests of roff."""
    wrapped = (line if line.startswith(".") else textwrap.fill(line, 78, break_long_words=False, break_on_hyphens=False)
               for line in lines)
    return "\n".join([".TP", term, *wrapped])


def option_item(option):
    term = ", ".join(bold(name) for name in names(option))
    if option.value:
        term += f" {italic(option.value) if not option.choices else bold(option.value)}"
    text = [sentence(option.help)]
    if option.variable:
        default = f"; by default {bold(option.fallback)}" if option.fallback else ""
        text += [".br", f"Variable {bold(option.variable)}{default}."]
    return item(term, *text)


def command_item(command):
    text = [sentence(command.summary)]
    if command.details:
        text.append(roff(command.details))
    items = [item(f"{bold('kestub')} {roff(command.usage)}", *text)]
    if command.options and command.name != "serve":
        items += [".RS", *map(option_item, command.options), ".RE"]
    return "\n".join(items)


def today():
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date()


def manual(line, version):
    profiles = [item(f"{bold(profile.name)}{roff(profile.argument)}", sentence(profile.help)) for profile in line.profiles]
    return "\n".join([
        f'.TH KESTUB 1 "{today()}" "kestub {version}" "User Commands"',
        ".SH NAME",
        f"kestub \\- {roff(line.summary.removeprefix('kestub ').rstrip('.'))}",
        ".SH SYNOPSIS",
        f"{bold('kestub')} [{italic('COMMAND')}] [{italic('ARGUMENT')} ...]",
        ".SH DESCRIPTION",
        roff(line.summary),
        "It is an HTTP server with real state, and a mock server.",
        "As soon as it is ready, it prints one line with its URL.",
        ".SH COMMANDS",
        "Without a command, kestub serves.",
        *map(command_item, line.commands),
        ".SH OPTIONS",
        "All commands take these:",
        *map(option_item, line.common),
        ".PP",
        f"{bold('kestub serve')} takes these too. Each is also an environment variable; the option takes precedence.",
        *map(option_item, line.serve.options),
        ".SH FAULT PROFILES",
        f"{bold('--fault')} and the control plane take these:",
        *profiles,
        ".SH EXIT STATUS",
        *(item(bold(status), roff(meaning)) for status, meaning in EXIT.items()),
        ".SH FILES",
        item("share/kestub", "The contracts of the emulated API and of the control plane, and the schema of fixtures."),
        ""])


def names(option):
    return [*([f"-{option.short}"] if option.short else []), f"--{option.name}"]


def words_of(option, profiles):
    """What completes the value of an option, beside files."""
    if option.value.startswith("NAME[=ARG]"):
        return [profile.name for profile in profiles]
    return option.choices or (["default", "empty"] if option.name == "fixture" else [])


def takes_files(value):
    return value in ("FILE", "PATH")


def all_options(line):
    """Options of all commands that have a value, once each."""
    options = [option for command in line.commands for option in command.options]
    return {option.name: option for option in reversed(options)}.values()


def flags(options):
    return " ".join(name for option in options for name in names(option))


BASH = """\
# Completion of kestub for bash.

# words WORD ...: offers those that begin like the value, or like the last item of a list
_kestub_words() {
    local lead=${value%"${value##*,}"}
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -P "$lead" -W "$*" -- "${value##*,}")
}

# files -f|-d: offers files or directories
_kestub_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$1" -- "$value")
}

_kestub() {
    local line=${COMP_LINE:0:COMP_POINT} option value command=serve typed
    # By itself bash splits words at equals signs and colons, too.
    read -ra typed <<<"$line"
    [[ $line != *[[:blank:]] ]] || typed+=('')
    value=${typed[-1]} option=${typed[-2]} COMPREPLY=()
    if [[ ${#typed[@]} -eq 2 && $value != -* ]]; then
        _kestub_words COMMANDS
        return
    fi
    [[ ${typed[1]} = -* ]] || command=${typed[1]}
    [[ $value != --*=* ]] || { option=${value%%=*} && value=${value#*=}; }
    case $option in
VALUES
    *)
        case $command in
OPERANDS
        esac
        ;;
    esac
    # readline replaces only what follows the last of these.
    [[ ! $value = *[=:]* ]] || COMPREPLY=("${COMPREPLY[@]#"${value%"${value##*[=:]}"}"}")
}
complete -F _kestub kestub
"""


def bash(line):
    def case(pattern, words, files):
        actions = [f"_kestub_words {words}"] if words else []
        actions += [f"_kestub_files {files}"] if files else []
        return f"{pattern}) {'; '.join(actions) or ':'} ;;"

    def offers(option):
        files = "-f" if takes_files(option.value) else "-d" if option.value == "DIR" else ""
        return case(f"--{option.name}", " ".join(words_of(option, line.profiles)), files)

    def operands(command):
        words = [flags([*command.options, *line.common])]
        words += [each.name for each in line.commands] if command.operand == "COMMAND" else []
        return case(command.name, " ".join(words), "-f" if takes_files(command.operand) else "")

    return (BASH.replace("COMMANDS", " ".join(command.name for command in line.commands))
            .replace("VALUES", "\n".join(f"    {offers(option)}" for option in all_options(line)))
            .replace("OPERANDS", "\n".join(f"        {operands(command)}" for command in line.commands)))


def zsh_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_escape(text):
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def zsh(line):
    def value(option):
        words = words_of(option, line.profiles)
        if option.value.startswith("NAME[=ARG]"):
            return f"_values -s , profile {' '.join(words)}"
        if takes_files(option.value):
            built_in = f" 'words\\:built-in\\:({' '.join(words)})'"
            return f"_alternative 'files\\:file\\:_files'{built_in}" if words else "_files"
        return "_files -/" if option.value == "DIR" else f"({' '.join(words)})" if words else " "

    def spec(option):
        if not option.value:
            return [zsh_quote(f"{name}[{zsh_escape(option.help)}]") for name in names(option)]
        text = f"--{option.name}=[{zsh_escape(option.help)}]:{zsh_escape(option.value)}:{value(option)}"
        return [zsh_quote(text)]

    def arguments(command):
        specs = [each for option in [*command.options, *line.common] for each in spec(option)]
        if takes_files(command.operand):
            specs.append("'*:file:_files'")
        elif command.operand == "COMMAND":
            specs.append(f"'1:command:({' '.join(each.name for each in line.commands)})'")
        return " \\\n            ".join(["_arguments", *specs])

    cases = "\n".join(f"    {command.name})\n        {arguments(command)}\n        ;;" for command in line.commands)
    described = "\n".join(f"        {zsh_quote(command.name + ':' + zsh_escape(command.summary))}" for command in line.commands)
    return f"""\
#compdef kestub
# Completion of kestub for zsh.
_kestub() {{
    local command=serve
    local -a commands=(
{described}
    )
    if [[ $CURRENT -eq 2 && $words[2] != -* ]]; then
        _describe command commands
        return
    fi
    if [[ $words[2] != -* ]]; then
        command=$words[2]
        shift words
        (( CURRENT-- ))
    fi
    case $command in
{cases}
    esac
}}
_kestub "$@"
"""


def fish_quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(line):
    others = " ".join(command.name for command in line.commands if command.name != "serve")
    lines = ["# Completion of kestub for fish.", "complete -c kestub -f"]
    for command in line.commands:
        lines.append(f"complete -c kestub -n __fish_use_subcommand -a {command.name} -d {fish_quote(command.summary)}")
    for option in line.common:
        lines.append(f"complete -c kestub -s {option.short} -l {option.name} -d {fish_quote(option.help)}")
    for command in line.commands:
        seen = f"not __fish_seen_subcommand_from {others}" if command.name == "serve" else (
            f"__fish_seen_subcommand_from {command.name}")
        start = f"complete -c kestub -n {fish_quote(seen)}"
        if takes_files(command.operand):
            lines.append(f"{start} -F")
        elif command.operand == "COMMAND":
            lines.append(f"{start} -a {fish_quote(' '.join(each.name for each in line.commands))}")
        for option in command.options:
            words = " ".join(words_of(option, line.profiles))
            if option.value.startswith("NAME[=ARG]"):
                words = f"(__fish_append , {words})"
            elif option.value == "DIR":
                words = "(__fish_complete_directories)"
            files = "-r -F" if takes_files(option.value) else "-x"
            offer = f" -a {fish_quote(words)}" if words else ""
            lines.append(f"{start} -l {option.name} {files}{offer} -d {fish_quote(option.help)}")
    return "\n".join([*lines, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=pathlib.Path, help="the folder src/")
    parser.add_argument("--version", required=True)
    parser.add_argument("--versions", type=pathlib.Path, required=True, help="the versions of the emulated server")
    parser.add_argument("--depfile", type=pathlib.Path, required=True, help="where to list what was read, for ninja")
    parser.add_argument("outputs", type=pathlib.Path, nargs=4, help="for the page, bash, zsh and fish")
    args = parser.parse_args()
    versions = [version["name"] for version in yaml.safe_load(args.versions.read_text(encoding="utf-8"))]
    line = command_line.read(args.source, versions)
    texts = manual(line, args.version), bash(line), zsh(line), fish(line)
    for path, text in zip(args.outputs, texts):
        path.write_text(text, encoding="utf-8")
    read = " ".join(map(str, [*command_line.files_of(args.source), command_line.__file__]))
    args.depfile.write_text(f"{args.outputs[0].name}: {read}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
