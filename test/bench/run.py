#!/usr/bin/env python3
"""The figures of the README: one command, one machine, contestants in turns.

usage: run.py [--quick] [--readme] [BENCH...]     BENCH: pages reads logs slow memory stacks settings backup restore (all of them without a name)

Prints the machine and a Markdown table. Needs root (services run as user postgres), the release build, and what
`deploy/install-deps.sh run bench` installs. A figure is the median of several rounds, in brackets the lowest and the
highest; ratios are those of medians. Nothing is asserted of a time.
"""
import argparse
import contextlib
import dataclasses
import functools
import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import backup  # noqa: E402
import data  # noqa: E402
import logs  # noqa: E402
import machine  # noqa: E402
import memory  # noqa: E402
import pages  # noqa: E402
import reads  # noqa: E402
import restore  # noqa: E402
import services  # noqa: E402
import settings  # noqa: E402
import slow  # noqa: E402
import stacks  # noqa: E402
import table  # noqa: E402
from support import world  # noqa: E402

BENCHES = {"pages": pages.bench, "reads": reads.bench, "logs": logs.bench, "slow": slow.bench, "memory": memory.bench,
           "stacks": stacks.bench, "settings": settings.bench, "backup": backup.bench,
           "restore": restore.bench}


@dataclasses.dataclass
class Extent:
    """How long a bench goes on."""
    rounds: int = 5
    seconds: int = 4
    log_bytes: int = 100 << 20
    clients: tuple = (1, 100, 1000)
    starts: int = 20
    backups: int = 3
    data_bytes: int = 1500 << 20

    def rounds_for(self, clients):
        """A thousand clients take a hundred gigabytes, and a minute."""
        return self.rounds if clients <= 100 else min(self.rounds, 2)


FULL = Extent()
QUICK = Extent(rounds=3, seconds=1, log_bytes=20 << 20, starts=5, backups=2, data_bytes=300 << 20)


@dataclasses.dataclass
class Stage:
    """Where the benches play; what several of them need is made once."""
    folder: pathlib.Path
    how: Extent
    ending: contextlib.ExitStack

    @functools.cached_property
    def cluster(self):
        print("          filling a PostgreSQL", file=sys.stderr, flush=True)
        folder = self.folder / "cluster"
        folder.mkdir(mode=0o755)
        made = data.MixedCluster(folder, self.how.data_bytes)
        self.ending.callback(made.stop)
        return made


def put_into_readme(report):
    readme = world.ROOT / "README.md"
    text = readme.read_text()
    before, begin, rest = text.partition("<!-- figures -->\n")
    _, end, after = rest.partition("<!-- end of figures -->")
    assert begin and end, "README.md has no place for the figures"
    readme.write_text(f"{before}{begin}{report}\n{end}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few minutes: less data, fewer rounds")
    parser.add_argument("--readme", action="store_true", help="puts the table into README.md, too")
    parser.add_argument("bench", nargs="*", choices=[[], *BENCHES], help="only these")
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("run.py: run it as root: services and PostgreSQL run as user postgres")
    if not world.PROGRAM.exists():
        sys.exit(f"run.py: {world.PROGRAM} is not there: build it with cmake --preset release && cmake --build --preset release")
    services.raise_descriptor_limit()
    # Whoever ends it early gets no table, and no PostgreSQL that is left behind either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()
    rows = []
    with contextlib.ExitStack() as ending:
        folder = world.make_folder()
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        stage = Stage(folder, QUICK if given.quick else FULL, ending)
        for name in given.bench or BENCHES:
            print(f"{time.monotonic() - begun:6.0f} s  {name}", file=sys.stderr, flush=True)
            for row in BENCHES[name](stage):
                rows.append(row)
                print(f"{time.monotonic() - begun:6.0f} s    {table.line(row)}", file=sys.stderr, flush=True)
    report = f"{machine.describe()}\n\n{table.markdown(rows)}"
    print(report)
    if given.readme:
        put_into_readme(report)
    print(f"{time.monotonic() - begun:6.0f} s  done", file=sys.stderr)


if __name__ == "__main__":
    main()
