"""Whatever dies or is full while a cluster is restored: in the end it is wholly at the target or wholly back, and so is a
plain restore from the repo alone. Seeded: TEST_SEED=N runs the same rounds again, as far as a machine allows."""
import contextlib
import os
import random
import threading
import time

import pytest

from support import harm, ledger, restoring, world
from support.fixtures import repetitions

WAYS = ("beside", "in_place")
SEED = int(os.environ.get("TEST_SEED") or repetitions(20261122, random.SystemRandom().randrange(1 << 31)))


@pytest.fixture(params=WAYS)
def home(request):
    # What undos replaced is kept: many rounds want room for many of them.
    sizes = repetitions({}, {"data": "6000m", "repo": "2000m"})
    # After a crash PostgreSQL starts its archiver ten seconds after the last one's start, and no sooner.
    patient = {"archive-timeout": "60"}
    with restoring.Restoring(segment_mb=1, disks=True, sizes=sizes, config=patient) as made:
        made.way = request.param
        made.write()
        yield made


def settle(home, job_id, seconds=240):
    """The job at its end, restpoint and the server in service again, whoever was killed and in whatever order."""
    if home.service.process.poll() is not None:
        home.service.start()
    job = home.service.wait_for(job_id, seconds)
    if not home.serves():
        # A server that was killed is nobody's to start but its admin's, once the restore is over.
        started = home.service.ask("/api/v1/postgres/start", "POST", {})
        if started.status == 202:
            home.service.wait_for(started.json()["id"])
        world.wait_until(home.serves, 60, f"the server, after {job} {home.log_of(job_id)}")
    return job


def judge(home, job, target, before):
    """Where the cluster is must agree with what the job says. True at the target."""
    home.writer.write_more(20)
    verdict = home.verdict(target, before)
    place = "target" if job["state"] == "succeeded" else "back"
    assert place in verdict.places, f"{job['state']}, but {verdict}\n{job}\n{home.log_of(job['id'])}"
    home.queued_backup_ends()
    home.check(target, before, place)
    assert home.victims.find("private postmaster") == []
    assert home.victims.find("restore-exec") == []
    return place == "target"


class Waiting:
    """Delays within a step: mostly none, sometimes long enough to be in its middle."""

    def __init__(self, chance):
        self.chance = chance

    def __call__(self):
        return self.chance.choice((0, 0, 0.01, 0.1))


def every_step(entries):
    return [e for e in entries if e.startswith(("begin ", "end "))]


def the_way_back(entries):
    turned = next((n for n, e in enumerate(entries) if e.startswith("back ")), len(entries))
    return entries[turned:turned + 1] + every_step(entries[turned:])


def test_killed_at_every_entry_of_the_journal(home):
    """restore-exec is killed once behind each line that it writes: forward, then on the way of the undo."""
    chance = random.Random(SEED)
    print(f"TEST_SEED={SEED}")
    before = home.chain()
    target = home.moment()
    with home.killed_at(every_step, delay=Waiting(chance)) as killer:
        first = home.restore(target, way=home.way)
        job = settle(home, first)
    begun = {k.partition(" ")[2] for k in killer.kills}
    assert begun >= set(restoring.STEPS[home.way]) - {"finish"}, f"{begun} {job}"
    assert judge(home, job, target, before) == (job["state"] == "succeeded")
    if job["state"] != "succeeded":
        return
    at = repetitions(lambda entries: every_step(entries)[::3], every_step)
    with home.killed_at(at, delay=Waiting(chance)) as killer:
        job = settle(home, home.undo(first))
    assert killer.kills
    home.writer.write_more(20)
    place = "back" if job["state"] == "succeeded" else "target"
    assert place in home.verdict(target, before).places, job
    home.queued_backup_ends()
    home.check(target, before, place)


def test_killed_at_every_entry_of_the_way_back(home):
    """What was restored is not what the SQL check wants, and restore-exec is killed behind each line on the way back."""
    before = home.chain()
    target = home.bad_moment()
    kills = []
    for _ in range(6):
        with home.killed_at(the_way_back) as killer:
            job_id = home.restore(target, way=home.way)
            job = settle(home, job_id)
        assert job["state"] == "failed", job
        kills += killer.kills
        if len(kills) > 2:
            break
    # Beside, it takes milliseconds, and a busy machine may be behind it before one looks.
    assert kills
    assert not judge(home, job, target, before)


def archived(home):
    """The files of the segments in the repo, the newest last; without those that are being written."""
    files = home.cluster.repo.glob(f"archive/{world.STANZA}/*/*/0000*-*")
    return sorted((f for f in files if f.suffix != ".tmp"), key=lambda f: f.name)


@pytest.mark.parametrize("home", ["in_place"], indirect=True)
def test_wal_that_cannot_be_read_is_waited_for_on_the_way_back(home):
    """A server that recovers by itself would take it for the end, and drop all commits in it."""
    before = home.chain()
    target = home.bad_moment()
    home.moment()
    newest = archived(home)[-1]
    newest.chmod(0)
    try:
        job_id = home.restore(target, way="in_place")
        world.wait_until(lambda: "cannot be read" in home.log_of(job_id), 120, "word of what it waits for")
        assert home.service.job(job_id)["state"] == "running"
    finally:
        newest.chmod(0o640)

    job = settle(home, job_id)

    assert job["state"] == "failed", job
    assert not judge(home, job, target, before)


# Rounds at random


def random_target(home, chance):
    home.writer.write_more(chance.randrange(5, 40))
    kind = chance.choice(("time", "lsn", "name", "xid", "latest"))
    with home.cluster.connect() as connection:
        if kind == "time":
            target = ledger.at_time(home.cluster.now())
        elif kind == "lsn":
            target = ledger.at_lsn(ledger.lsn(connection.one("select pg_current_wal_insert_lsn()")))
        elif kind == "name":
            target = ledger.at_name(connection, f"point {chance.randrange(1 << 30)}")
        elif kind == "xid":
            target = ledger.at_xid(home.book.acknowledged()[-1])
        else:
            target = ledger.latest()
    home.writer.write_more(chance.randrange(5, 40))
    if chance.random() < 0.8:
        home.cluster.seal()
    return target


class Fate:
    """What befalls one round. `strike` is called once the job runs; `mend` before anybody is asked how it went."""

    def __init__(self, home, chance):
        self.home, self.chance = home, chance
        self.kind = chance.choice(("nothing", "restpoint", "restpoint", "shim", "restore-exec", "restore-exec", "pgbackrest",
                                   "postmaster", "private postmaster", "restpoint and shim", "all of ours", "data full",
                                   "repo full", "state full", "segment missing", "cancel"))
        self.delay = chance.choice((0, 0.05, 0.2, 0.5, 1, 1.5, 2, 3)) * chance.uniform(0.7, 1.3)
        self.hidden = None

    def strike(self):
        home = self.home
        time.sleep(self.delay)
        if self.kind in harm.Victims.KINDS:
            home.victims.kill(self.kind)
        elif self.kind == "restpoint and shim":
            home.victims.kill("restpoint")
            home.victims.kill("shim")
        elif self.kind == "all of ours":
            for kind in ("restpoint", "shim", "restore-exec", "pgbackrest"):
                home.victims.kill(kind)
        elif self.kind == "cancel":
            # Too late for it, or over already: either may be.
            running = [j["id"] for j in home.service.jobs() if j["state"] == "running" and j["kind"] in ("restore", "undo")]
            for job_id in running:
                home.service.ask(f"/api/v1/jobs/{job_id}/cancel", "POST", {})
        elif self.kind.endswith(" full"):
            disk = home.disks[self.kind.split()[0]]
            disk.fill()
            time.sleep(self.chance.choice((0.2, 1, 4)))
            disk.relieve()
        elif self.kind == "segment missing":
            self.hide_segment()

    def hide_segment(self):
        files = archived(self.home)[-3:]
        # Not one that the archiver is about to write anew.
        if files:
            self.hidden = self.chance.choice(files)
            self.hidden.rename(self.away)  # the same file when it comes back, its owner included

    @property
    def away(self):
        return self.home.cluster.repo / "hidden"

    def mend(self):
        hidden, self.hidden = self.hidden, None
        if hidden:
            self.away.rename(hidden)

    @contextlib.contextmanager
    def for_a_while(self):
        """In place there may be neither a way forward nor one back without the segment: restpoint waits for it."""
        timer = threading.Timer(20, self.mend)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            self.mend()

    def __str__(self):
        return f"{self.kind} after {self.delay:.2f} s"


def play(home, chance, number):
    """One round: a restore, and sometimes its undo, with a fate each."""
    before = home.chain()
    target = random_target(home, chance)
    fate = Fate(home, chance)
    print(f"round {number}: {home.way}, {target.kind} {target.value or ''}, {fate}", flush=True)
    plan = home.plan(target, way=home.way)
    if not plan["can_be_carried_out"]:
        # Its place in the WAL is not in the repo yet: brought there, and asked again.
        home.cluster.seal()
        plan = home.plan(target, way=home.way)
    assert plan["can_be_carried_out"], plan["refusals"]
    job_id = home.carry_out(plan)["id"]
    fate.strike()
    with fate.for_a_while():
        job = settle(home, job_id)
    reached = judge(home, job, target, before)
    if reached and chance.random() < 0.4:
        fate = Fate(home, chance)
        print(f"round {number}: undo, {fate}", flush=True)
        undo = home.undo(job_id)
        fate.strike()
        with fate.for_a_while():
            job = settle(home, undo)
        home.writer.write_more(20)
        place = "back" if job["state"] == "succeeded" else "target"
        verdict = home.verdict(target, before)
        assert place in verdict.places, f"undo {job['state']}, but {verdict}\n{job}\n{home.log_of(undo)}"
        home.queued_backup_ends()
        home.check(target, before, place)
    elif reached:
        home.done(home.forget(job_id))  # or disks as small as these would be full of what was replaced


def test_random_rounds(home):
    print(f"TEST_SEED={SEED}")
    for number in range(repetitions(10, 100)):
        # Each of its own, so that a round can be looked at without those before it.
        play(home, random.Random(f"{SEED} {home.way} {number}"), number)
        if number % 20 == 19:
            # Or the small disk of the repo is full in the end, and no WAL comes into it.
            home.cluster.backrest("--type=full", "--repo1-retention-full=1", "backup")
            home.pass_a_second()
