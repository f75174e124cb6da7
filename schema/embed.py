#!/usr/bin/env python3
"""Turn files into C byte arrays: embed.py OUTPUT NAME=FILE ..., declared in src/embedded.h."""
import pathlib
import sys


def numbers(data):
    """Returns the bytes as lines of an initializer, with a terminating zero that makes them a C string."""
    signed = [str(byte - 256 if byte > 127 else byte) for byte in data + b"\0"]
    return "".join(f"    {', '.join(signed[i:i + 16])},\n" for i in range(0, len(signed), 16))


def main(output, *entries):
    text = '/* Made by embed.py. */\n#include "embedded.h"\n'
    for entry in entries:
        name, path = entry.split("=", 1)
        data = pathlib.Path(path).read_bytes()
        text += f"\nconst char {name}[] = {{\n{numbers(data)}}};\nconst size_t {name}_size = sizeof({name}) - 1;\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
