#!/usr/bin/env python3
"""Demands that the unit tests alone run every line of the pure files.

    check_coverage.py BUILD    after the unit tests of BUILD ran with LLVM_PROFILE_FILE=BUILD/profiles/%p.profraw

A file lib/*/*.cpp or app/client/*.cpp is pure when neither it nor the header of the same name

  - includes one of PERFORMING: event loops, HTTP and log libraries, databases, system calls, threads,
  - or is a coroutine.

What it may include on the way, through other headers, does not count: a rule that takes a job's state as an argument is
pure, whoever else knows the store. Pure code decides; what it decides can be tested without a socket, a clock or a
child, so there is no reason to leave a line of it untested.

A line that no test can reach is marked by a comment of its own right above it, with the excuse:

    // uncovered: the library throws nothing here

It excuses the lines below it that are not covered, down to the end of their block. A mark without an excuse, or above a
line that is covered, fails: it would hide the next one.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLVM = "-19"

PERFORMING = re.compile(
    r"^\s*#\s*include\s+(?:"
    r"<(?:boost/(?:asio|beast|log|process)\b|sqlite3\.h|libpq-fe\.h"
    r"|sys/(?!types\.h)|unistd\.h|fcntl\.h|poll\.h|dirent\.h|pthread\.h|spawn\.h|sched\.h|signal\.h"
    r"|(?:thread|mutex|future|condition_variable|fstream)>)"
    # our own doors to them
    r'|"(?:jobs/(?:sqlite|log_file)|client/(?:connection|exchange)|restore/(?:child|work)'
    r'|postgres/(?:session|postmaster|socket_exchange))\.hpp")',
    re.M)
COROUTINE = re.compile(r"\bco_(?:await|return|yield)\b|\basio::")
MARK = re.compile(r"//\s*uncovered\b:?\s*(.*)$")


def is_pure(source):
    texts = [p.read_text() for p in (source, source.with_suffix(".hpp")) if p.exists()]
    return not any(PERFORMING.search(text) or COROUTINE.search(text) for text in texts)


def pure_files():
    files = [*(ROOT / "lib").glob("*/*.cpp"), *(ROOT / "app/client").glob("*.cpp")]
    return [p for p in sorted(files) if is_pure(p)]


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def counts(build):
    """How often each line of each file ran: {path: {line: count}}."""
    profiles = sorted(str(p) for p in (build / "profiles").glob("*.profraw"))
    programs = sorted(str(p) for p in (build / "test").glob("unit_*") if p.is_file())
    if not profiles or not programs:
        sys.exit(f"coverage: no profiles or no unit tests in {build}")
    merged = str(build / "unit.profdata")
    subprocess.run(["llvm-profdata" + LLVM, "merge", "-sparse", "-o", merged, *profiles], check=True)
    objects = [word for program in programs[1:] for word in ("-object", program)]
    text = run("llvm-cov" + LLVM, "export", "-format=lcov", "-instr-profile", merged, programs[0], *objects)
    files, lines = {}, {}
    for line in text.splitlines():
        if line.startswith("SF:"):
            lines = files.setdefault(pathlib.Path(line[3:]), {})
        elif line.startswith("DA:"):
            number, count = line[3:].split(",")[:2]
            lines[int(number)] = max(lines.get(int(number), 0), int(count))
    return files


def indent(text):
    return len(text) - len(text.lstrip())


def excused(text, missing):
    """The line numbers that marks excuse, and what is wrong with the marks."""
    good, findings = set(), []
    for number, line in enumerate(text, start=1):
        mark = MARK.search(line)
        if not mark:
            continue
        if line.strip() != mark.group(0) or not mark.group(1).strip():
            findings.append((number, "a mark stands on a line of its own and states its excuse"))
            continue
        below = number + 1
        while below <= len(text) and text[below - 1].strip().startswith("//"):
            below += 1
        if below not in missing:
            findings.append((number, "nothing below this mark is uncovered"))
            continue
        depth = indent(text[below - 1])
        while below in missing and (not text[below - 1].strip() or indent(text[below - 1]) >= depth):
            good.add(below)
            below += 1
    return good, findings


def judge(text, ran):
    """Findings as (line, sentence), and how many lines are excused."""
    missing = {number for number, count in ran.items() if count == 0}
    good, findings = excused(text, missing)
    # A line without code may lie inside of a stretch that did not run, and the end of a block behind a `break`.
    for number in sorted(missing - good):
        if text[number - 1].strip(" });"):
            findings.append((number, f"no unit test runs: {text[number - 1].strip()}"))
    return sorted(findings), len(good)


def main():
    build = pathlib.Path(sys.argv[1])
    known = counts(build)
    findings = total = excuses = 0
    for path in pure_files():
        ran = known.get(path, {})
        name = path.relative_to(ROOT)
        if not ran:
            print(f"{name}: no unit test calls anything in it")
            findings += 1
            continue
        wrong, allowed = judge(path.read_text().splitlines(), ran)
        for number, sentence in wrong:
            print(f"{name}:{number}: {sentence}")
        total, excuses, findings = total + len(ran), excuses + allowed, findings + len(wrong)
    print(f"{len(pure_files())} pure files, {total} lines, {excuses} excused, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
