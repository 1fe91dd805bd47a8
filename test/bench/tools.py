"""The clients: built here with the compiler of the release build, and asked."""
import json
import os
import re
import subprocess

import machine
import measure
from support import world

BUILT = world.ROOT / "build/bench"


def build(source):
    """The program made of one file, if it is not there or older."""
    program = BUILT / source.stem
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run([machine.compiler(), "-std=c++20", "-O2", "-o", program, source, "-pthread"], check=True)
    return program


def clients():
    return build(world.ROOT / "test/bench/clients.cpp")


def fake_pgbackrest():
    given = os.environ.get("TEST_FAKE")
    return given or build(world.ROOT / "test/support/fake_pgbackrest.cpp")


def ended_well(argv, stdin=None):
    with measure.pinned(measure.CLIENT_CORE):
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, stdin=stdin, check=False)
    assert done.returncode == 0, f"{argv}: {done.stderr}{done.stdout}"
    return done.stdout


def micros(found):
    """A time as wrk writes it."""
    return float(found.group(1)) * {"us": 1, "ms": 1e3, "s": 1e6}[found.group(2)]


def wrk(url, seconds, connections=64):
    """Connections that ask again as soon as they are answered."""
    text = ended_well(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url])
    assert "Socket errors" not in text and "Non-2xx" not in text, text
    return {"requests": int(re.search(r"(\d+) requests in", text).group(1)),
            "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            **{name: micros(re.search(rf"{name[1:]}%\s+([\d.]+)(us|ms|s)\b", text)) for name in ("p50", "p99")}}


def drain(port, path, count, least):
    return json.loads(ended_well([clients(), "drain", port, path, count, least]))


class Probe:
    """A client that asks for a tiny answer all the while, over one connection or over a new one each time (`knock`): however
    long the server's loop is away, it waits."""

    def __init__(self, port, path="/livez", how="probe"):
        self.argv = [str(clients()), how, str(port), path]
        self.seen = None

    def __enter__(self):
        with measure.pinned(measure.CLIENT_CORE):
            self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        out, _ = self.process.communicate(timeout=60)
        self.seen = json.loads(out)
