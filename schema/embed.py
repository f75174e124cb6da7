#!/usr/bin/env python3
"""Turn files into C byte arrays: embed.py OUTPUT NAME=FILE ..., declared in src/embedded.h."""
import pathlib
import sys

output, *entries = sys.argv[1:]
text = '/* Made by embed.py. */\n#include "embedded.h"\n'
for entry in entries:
    name, path = entry.split("=", 1)
    # The terminating zero makes each array a C string; it is not part of the size.
    numbers = [str(byte - 256 if byte > 127 else byte) for byte in pathlib.Path(path).read_bytes() + b"\0"]
    lines = "".join(f"    {', '.join(numbers[i:i + 16])},\n" for i in range(0, len(numbers), 16))
    text += f"\nconst char {name}[] = {{\n{lines}}};\nconst size_t {name}_size = sizeof({name}) - 1;\n"
pathlib.Path(output).write_text(text, encoding="utf-8")
