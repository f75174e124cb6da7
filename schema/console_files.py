#!/usr/bin/env python3
"""Make the files of the console: console_files.py OUTPUT FILE ..., a C source that src/embedded.h declares."""
import hashlib
import pathlib
import sys

import embed

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def main(output, *paths):
    text, rows = '/* Made by console_files.py. */\n#include "embedded.h"\n', ""
    for number, path in enumerate(map(pathlib.Path, paths)):
        data = path.read_bytes()
        tag = hashlib.sha256(data).hexdigest()[:16]
        text += f"\nstatic const char file_{number}[] = {{\n{embed.numbers(data)}}};\n"
        rows += (f'    {{"{path.name}", "{TYPES[path.suffix]}", "\\"{tag}\\"", file_{number}, '
                 f"sizeof(file_{number}) - 1}},\n")
    text += f"\nconst struct embedded_file embedded_console[] = {{\n{rows}    {{0}},\n}};\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
