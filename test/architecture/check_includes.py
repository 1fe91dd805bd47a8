#!/usr/bin/env python3
"""Holds every #include against allowed_edges.txt, and the house rules that a regular expression can see.

Prints one line per finding and exits 1 when there is any.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)

# Libraries whose headers stay in the .cpp files of the one module that speaks to them.
PRIVATE_LIBRARIES = {
    "boost/beast": "http",
    "boost/process": "process",
    "sqlite3.h": "jobs",
    "libpq-fe.h": "postgres",
    "openssl/": "http api auth app",
    "toml++": "config",
    "date/": "schedule",
    "boost/log/": "base",
}
# Files whose module is pure throughout: values in, values out.
PURE_MODULES = {"backrest", "config"}
PURE_FILES = {
    "lib/auth": {"role", "token", "lifetime", "token_table"},
    "lib/base": {"utf8", "escape_html"},
    "lib/jobs": {"job", "exclusion", "turns", "log_view"},
    "lib/schedule": {"calendar_match", "clocks", "cron", "cron_field", "definition", "occurrences", "planner", "weekly"},
    "lib/process": {"stop_ladder", "exit_report"},
    "lib/http": {"guard", "escape"},
}


def edges():
    allowed = {}
    for line in (ROOT / "test/architecture/allowed_edges.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            name, _, targets = line.partition(":")
            allowed[name.strip()] = set(targets.split())
    return allowed


def module_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "lib" else "app"


def is_pure(path):
    folder = str(path.parent.relative_to(ROOT))
    return module_of(path) in PURE_MODULES or path.stem in PURE_FILES.get(folder, set())


def check(path, allowed):
    text = path.read_text()
    module = module_of(path)
    if module not in allowed:
        yield f"{path.relative_to(ROOT)}: module '{module}' has no line in allowed_edges.txt"
        return
    for kind, target in INCLUDE.findall(text):
        where = f"{path.relative_to(ROOT)}: #include {target}"
        if kind == '"':
            first = target.split("/")[0]
            known = first in allowed
            if module != "app" and known and first != module and first not in allowed[module]:
                yield f"{where}: {module} may not include {first}"
        else:
            for library, homes in PRIVATE_LIBRARIES.items():
                if target.startswith(library):
                    if module not in homes.split():
                        yield f"{where}: only {homes} may use this library"
                    elif path.suffix == ".hpp" and not path.stem.endswith("_internal"):
                        yield f"{where}: this library stays in .cpp files"
            if target.startswith("boost/asio") and is_pure(path):
                yield f"{where}: this file is pure, it may not know Asio"
    if re.search(r"\bdetached\b", re.sub(r"//.*", "", text)):
        yield f"{path.relative_to(ROOT)}: 'detached': spawn into a task_group that somebody awaits"
    if path.suffix == ".hpp" and "#pragma once" not in text:
        yield f"{path.relative_to(ROOT)}: no #pragma once"
    if len(text.splitlines()) > 400:
        yield f"{path.relative_to(ROOT)}: over 400 lines"


def main():
    allowed = edges()
    files = sorted(p for top in ("lib", "app") for p in (ROOT / top).rglob("*.?pp"))
    findings = [f for path in files for f in check(path, allowed)]
    print("\n".join(findings))
    print(f"{len(files)} files read, {len(findings)} findings")
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main())
