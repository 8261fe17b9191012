#!/usr/bin/env python3
"""Turn text files into one C array each: embed.py OUTPUT.c NAME=FILE…"""
import sys

with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write('#include "verdict/verdict.h"\n\n')
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        with open(path, "rb") as text:
            data = text.read() + b"\0"
        out.write(f"const char {name}[] = {{\n")
        for at in range(0, len(data), 20):
            values = (b if b < 128 else b - 256 for b in data[at:at + 20])
            out.write("    " + ", ".join(map(str, values)) + ",\n")
        out.write("};\n")
