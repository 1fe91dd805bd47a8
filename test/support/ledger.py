"""What a server must still know after a restore: numbered rows, and a ledger of every commit that was acknowledged.

A row is one of four: `begun` (COMMIT may or may not have been sent), `acknowledged` (the server said so: it must never be
lost), `unknown` (the connection was lost while COMMIT was under way: either is right), `refused` (there was no COMMIT: it must
not be there). What a commit stands before or behind is told by its timeline and by the positions in the WAL right before and
right behind it, and by the commit's own time as the server keeps it (track_commit_timestamp), which is the one that recovery
compares with its target.
"""
import dataclasses
import os
import pathlib
import random
import threading
import time

from support import libpq

TABLE = "create table if not exists ledger (number bigint primary key, proof text not null)"
PROOF = "md5({0}::text) || repeat(md5(({0} * 7)::text), {1})"

MUST, NEVER, EITHER = "must be there", "must not be there", "may be there"


def lsn(text):
    """"0/3000148" as a number."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_text(position):
    return f"{position >> 32:X}/{position & 0xffffffff:X}"


@dataclasses.dataclass(frozen=True)
class Entry:
    """Positions are numbers, times microseconds since 1970, as the server has them."""
    number: int
    timeline: int
    before: int  #: no record of its transaction stands before this position
    begun: int
    xid: int
    state: str = "begun"
    after: int | None = None  #: its commit record ends here or before; not known of all that were acknowledged
    committed: int | None = None


class Ledger:
    """The entries, in memory and in a file that says on disk what was acknowledged before anybody relies on it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.lock = threading.Lock()
        self.entries = {}
        self.file = open(self.path, "ab", buffering=0)
        for line in self.path.read_text().splitlines():
            self.take(line.split())

    def take(self, words):
        verb, number, values = words[0], int(words[1]), [int(w) for w in words[2:]]
        if verb == "begun":
            self.entries[number] = Entry(number, *values)
        elif verb == "placed":
            self.entries[number] = dataclasses.replace(self.entries[number], after=values[0], committed=values[1])
        else:
            self.entries[number] = dataclasses.replace(self.entries[number], state=verb)

    def write(self, verb, number, *values):
        words = [verb, str(number), *[str(v) for v in values]]
        with self.lock:
            self.file.write((" ".join(words) + "\n").encode())
            if verb != "begun":
                os.fdatasync(self.file.fileno())
            self.take(words)

    def next_number(self):
        with self.lock:
            return max(self.entries, default=0) + 1

    def snapshot(self):
        with self.lock:
            return dict(self.entries)

    def count(self, state):
        return sum(e.state == state for e in self.snapshot().values())

    def acknowledged(self):
        """Those with all their facts, in the order of their commits."""
        whole = [e for e in self.snapshot().values() if e.state == "acknowledged" and e.committed is not None]
        return sorted(whole, key=lambda e: (e.committed, e.number))

    def close(self):
        self.file.close()


class Writer:
    """Threads that write row after row, connect again with a bounded back-off for as long as it takes, and note in the
    ledger what they were told."""

    def __init__(self, ledger, folder, port=5432, threads=2, pause=0.002, padding=4):
        self.ledger, self.where = ledger, (folder, port)
        self.pause, self.padding = pause, padding
        self.over = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.lock = threading.Lock()
        self.number = ledger.next_number()
        self.outages = []  #: (seconds of the monotonic clock) of the first failure and of the first success behind it
        self.failed = []  #: what went wrong in the writer itself
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(threads)]
        self.idle = [threading.Event() for _ in range(threads)]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.over.set()
        self.go.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a thread of the writer hangs in its connection"
        assert not self.failed, self.failed

    def hold(self):
        """Nobody writes any more when this returns, and until release()."""
        self.go.clear()
        for event in self.idle:
            assert event.wait(60), "a thread of the writer hangs in its connection"

    def release(self):
        for event in self.idle:
            event.clear()
        self.go.set()

    def write_more(self, rows=20, seconds=60):
        """Returns when so many more rows were acknowledged."""
        wanted = self.ledger.count("acknowledged") + rows
        end = time.monotonic() + seconds
        while self.ledger.count("acknowledged") < wanted:
            assert not self.failed, self.failed
            assert time.monotonic() < end, f"the writer did not write {rows} rows within {seconds} s"
            time.sleep(0.01)

    def take_number(self):
        with self.lock:
            self.number += 1
            return self.number - 1

    def run(self):
        connection, wait, since = None, 0.01, None
        idle = self.idle[self.threads.index(threading.current_thread())]
        try:
            while not self.over.is_set():
                if not self.go.is_set():
                    idle.set()
                    self.go.wait()
                    continue
                try:
                    if connection is None:
                        connection = libpq.Connection(*self.where)
                    self.write_row(connection)
                except (libpq.Lost, libpq.Refused):
                    since = since or time.monotonic()
                    if connection:
                        connection.close()
                        connection = None
                    self.over.wait(wait * random.uniform(0.5, 1))
                    wait = min(wait * 1.5, 0.2)
                    continue
                if since:
                    self.outages.append((since, time.monotonic()))
                wait, since = 0.01, None
                self.over.wait(self.pause)
        except BaseException as error:  # pylint: disable=broad-except
            self.failed.append(error)
            raise
        finally:
            if connection:
                connection.close()

    def write_row(self, connection):
        number = self.take_number()
        # Whoever dies before the COMMIT is sent has not committed.
        connection.ask("begin")
        row = connection.ask(
            "select ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int, pg_current_wal_insert_lsn(), "
            "(extract(epoch from clock_timestamp()) * 1000000)::bigint, pg_current_xact_id()")[0]
        connection.ask(f"insert into ledger values ({number}, {PROOF.format(number, self.padding)})")
        self.ledger.write("begun", number, row[0], lsn(row[1]), row[2], row[3])
        try:
            connection.ask("commit")
        except (libpq.Lost, libpq.Refused):
            self.ledger.write("unknown", number)
            raise
        if connection.tag != "COMMIT":
            self.ledger.write("refused", number)
            return
        self.ledger.write("acknowledged", number)
        try:
            placed = connection.ask(
                "select pg_current_wal_flush_lsn(), (extract(epoch from pg_xact_commit_timestamp("
                f"'{int(row[3]) & 0xffffffff}'::xid)) * 1000000)::bigint")[0]
        except libpq.Refused as error:
            raise AssertionError(f"the server does not tell when it committed: {error}") from error
        self.ledger.write("placed", number, lsn(placed[0]), placed[1])


# Where a server comes from


@dataclasses.dataclass(frozen=True)
class Chain:
    """The timelines that lead to a server: (number, where it was left), the last one's None."""
    links: tuple

    def end_of(self, timeline):
        """(whether the timeline is one of the chain's, where it was left)"""
        for number, end in self.links:
            if number == timeline:
                return True, end
        return False, None

    @property
    def live(self):
        return self.links[-1][0]

    def expected(self, entry):
        """What a server at the end of this chain has of an entry, had it been acknowledged."""
        known, end = self.end_of(entry.timeline)
        if not known:
            return NEVER
        if end is None or (entry.after is not None and entry.after <= end):
            return MUST
        return NEVER if entry.before >= end else EITHER


def read_chain(connection):
    """The chain of a server that is not in recovery."""
    live = int(connection.one("select left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)"), 16)
    links = []
    if live > 1:
        for line in connection.one(f"select pg_read_file('pg_wal/{live:08X}.history')").splitlines():
            words = line.split()
            if words and words[0].isdigit():
                links.append((int(words[0]), lsn(words[1])))
    return Chain((*links, (live, None)))


# Where a restore was to end


def by_position(before, after):
    """For entries that end at or before `before`, and for those that begin at or behind `after`."""
    def judge(entry):
        if entry.after is not None and entry.after <= before:
            return MUST
        return NEVER if entry.before >= after else EITHER
    return judge


@dataclasses.dataclass(frozen=True)
class Target:
    """`kind` and `value` as the API takes them; `judges(entries)` tells what there is at the target of an entry."""
    kind: str
    value: str | None
    moment: int | None = None
    position: tuple | None = None  #: (what ends here is there, what begins here is not)
    own: int | None = None  #: the number of the entry that the target is

    @property
    def bare_value(self):
        """As pgBackRest's --target takes it."""
        return self.value.replace("T", " ").replace("Z", "+00") if self.kind == "time" else self.value

    def judges(self, entries):
        if self.kind == "latest" and self.position is None:
            return lambda entry: MUST
        if self.position:
            around = by_position(*self.position)
            return lambda entry: MUST if entry.number == self.own else around(entry)
        # Recovery ends at the first commit behind the moment. Commits that stand behind that one in the WAL are not replayed,
        # even if their clocks were read a little earlier.
        late = [e.before for e in entries if e.committed is not None and e.committed > self.moment]
        end = min(late, default=None)

        def judge(entry):
            if entry.committed is None:
                return NEVER if entry.begun > self.moment else EITHER
            if entry.committed > self.moment:
                return NEVER
            return MUST if end is None or entry.after <= end else EITHER
        return judge


def time_text(moment):
    """Microseconds since 1970 as RFC 3339."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000000)) + f".{moment % 1000000:06}Z"


def latest():
    return Target("latest", None)


def at_time(moment):
    return Target("time", time_text(moment), moment=moment)


def at_lsn(position):
    # The first record that begins at the position or behind it is replayed still: of a row it is never the commit.
    return Target("lsn", lsn_text(position), position=(position, position))


def at_xid(entry):
    return Target("xid", str(entry.xid & 0xffffffff), position=(entry.before, entry.after), own=entry.number)


def at_name(connection, name):
    """Makes the restore point."""
    position = lsn(connection.one(f"select pg_create_restore_point('{name}')"))
    return Target("name", name, position=(position, position))


def at_end_of_backup(stop):
    """`stop`: the backup's lsn.stop, as pgbackrest info has it."""
    return Target("immediate", None, position=(lsn(stop), lsn(stop)))


def by_fork(chain, before):
    """Where `chain` left the timeline that `before` lived on."""
    end = chain.end_of(before.live)[1]
    assert end is not None, f"{chain} did not leave timeline {before.live}"
    return Target("latest", None, position=(end, end))


# Whether a server is there


@dataclasses.dataclass(frozen=True)
class Difference:
    lost: tuple
    too_many: tuple

    def __bool__(self):
        return bool(self.lost or self.too_many)

    def __str__(self):
        def some(numbers):
            return f"{len(numbers)} ({', '.join(map(str, numbers[:8]))}{', …' if len(numbers) > 8 else ''})"
        return f"lost {some(self.lost)}, too many {some(self.too_many)}"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """True when the server is wholly at the target or wholly back; it can be both when nothing was written in between."""
    at_target: Difference | None
    back: Difference

    @property
    def places(self):
        return {name for name, difference in (("target", self.at_target), ("back", self.back))
                if difference is not None and not difference}

    def __bool__(self):
        return bool(self.places)

    def __str__(self):
        return f"to the target: {self.at_target}; to the way back: {self.back}"


def content(connection):
    """The numbers of all rows; fails when a row is not as it was written, or index and table differ."""
    connection.ask("begin isolation level repeatable read read only")
    try:
        spoiled = connection.one("select count(*) from ledger where left(proof, 32) <> md5(number::text)")
        assert spoiled == "0", f"{spoiled} rows are not what was written"
        rows = {int(row[0]) for row in connection.ask("select number from ledger")}
        connection.ask("set local enable_seqscan = off; set local enable_bitmapscan = off")
        through_index = {int(row[0]) for row in connection.ask("select number from ledger where number > 0 order by number")}
        assert rows == through_index, f"table and index differ: {sorted(rows ^ through_index)[:8]}"
    finally:
        connection.ask("rollback")
    return rows


def compare(rows, earlier, later, expected):
    """`rows` against the ledger as it was before they were read (what was acknowledged then must be there) and behind it
    (nothing else may be there)."""
    lost, too_many = [], []
    for number in rows - later.keys():
        too_many.append(number)
    for number, entry in later.items():
        wanted = NEVER if entry.state == "refused" else expected(entry)
        if number in rows and wanted == NEVER:
            too_many.append(number)
        elif number not in rows and wanted == MUST:
            known = earlier.get(number)
            if known is not None and known.state == "acknowledged":
                lost.append(number)
    return Difference(tuple(sorted(lost)), tuple(sorted(too_many)))


def judge(rows, earlier, later, target, before, now):
    """`before`: the chain of the server that was to be restored; `now`: of the one that `rows` are of."""
    def back(entry):
        return before.expected(entry) if before.end_of(entry.timeline)[0] else now.expected(entry)

    reached = None
    if target is not None:
        of_chain = [e for e in later.values() if before.expected(e) == MUST]
        at_target = target.judges(of_chain)

        def there(entry):
            wanted = back(entry)
            if wanted == NEVER or not before.end_of(entry.timeline)[0]:
                return wanted
            other = at_target(entry)
            return other if wanted == MUST else (NEVER if other == NEVER else EITHER)
        reached = compare(rows, earlier, later, there)
    return Verdict(reached, compare(rows, earlier, later, back))


def matches(connection, ledger, target, before):
    """Whether the server is wholly at `target` or wholly back where `before`, its chain of then, led to. A writer may go on
    meanwhile."""
    earlier = ledger.snapshot()
    now = read_chain(connection)
    rows = content(connection)
    return judge(rows, earlier, ledger.snapshot(), target, before, now)
