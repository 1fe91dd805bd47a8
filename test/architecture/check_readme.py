#!/usr/bin/env python3
"""Holds the configuration table in README.md against what the program prints. usage: check_readme.py PROGRAM"""
import pathlib
import subprocess
import sys

readme = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
table = subprocess.run([sys.argv[1], "config", "table"], capture_output=True, text=True, check=True).stdout
begin, end = "<!-- restpoint config table -->\n", "<!-- end of table -->"
shown = readme.partition(begin)[2].partition(end)[0]
if not table or shown != table:
    sys.exit("the table in README.md differs from 'restpoint config table': put its output between the two markers")
print(f"README.md shows the {table.count(chr(10) + '| `')} keys there are")
