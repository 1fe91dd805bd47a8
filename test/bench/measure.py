"""Time, processor time and memory of other processes, and how contestants take turns."""
import contextlib
import os
import pathlib
import statistics
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
#: Servers have the first core and their clients the last, so that neither waits for the other.
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


@contextlib.contextmanager
def pinned(core):
    """What is started within runs on this core only."""
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, set(CORES))


def stat_of(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def family(pid):
    """`pid` and its children: a server with its workers."""
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [below for child in listed for below in family(int(child))]


def cpu_seconds(pids):
    """User and system time of the processes themselves, with all their threads and without their children."""
    return sum(int(n) for pid in pids for n in stat_of(pid)[11:13]) / TICKS


def cpu_of_ended_children(pid):
    """User and system time of the children that `pid` has waited for, and of theirs."""
    return sum(int(n) for n in stat_of(pid)[13:15]) / TICKS


def memory(pid):
    """VmRSS and RssAnon in bytes."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    pairs = dict(line.split(":", 1) for line in lines)
    return {name: int(pairs[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}


class MemoryPeak:
    """The highest memory of a process while the block runs, looked at fifty times a second."""

    def __init__(self, pid):
        self.pid = pid
        self.highest = memory(pid)
        self.over = threading.Event()
        self.watch = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(0.02):
            now = memory(self.pid)
            self.highest = {name: max(now[name], seen) for name, seen in self.highest.items()}

    def __enter__(self):
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.watch.join()


def in_turns(rounds, contestants, between=None):
    """Runs all contestants once a round, each round beginning with another; {name: [result of each round]}."""
    names = list(contestants)
    results = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            results[name].append(contestants[name]())
            if between:
                between()
    return results


def median(values):
    return statistics.median(values)


def settle():
    """Sockets of the run before are taken down after their owners are gone; they should not be in the next one's time."""
    time.sleep(0.2)
