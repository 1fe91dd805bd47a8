"""Scheduled work follows the primary: one backup for each due time, whichever of two servers is the primary, or says it is.

Two real PostgreSQLs in network namespaces, a restpoint each, one repo. Only the wall clock of both restpoints is set, from one due
time to the next, all of them in the past of the repo's clock.
"""
import pathlib
import shutil
import signal
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import clock as shifted  # noqa: E402
from support import world  # noqa: E402
from support.fixtures import repetitions  # noqa: E402
from support.pair import Network, Node, Sidecar  # noqa: E402
from support.programs import needed  # noqa: E402

HOUR = 3600
PATIENCE = 90


class Pair:
    def __init__(self, folder):
        self.folder = folder
        self.network = Network()
        self.repo = folder / "repo"
        self.repo.mkdir(mode=0o700)
        shutil.chown(self.repo, "postgres", "postgres")
        self.nodes, self.sidecars = {}, {}
        self.due = int(time.time()) // HOUR * HOUR - 13 * HOUR + HOUR // 2
        self.clock = shifted.Clock(folder, self.due + HOUR - 60)
        self.labels = set()

    def make(self):
        self.network.make()
        for name in "ab":
            self.nodes[name] = Node(self, name)
        self.primary, self.standby = self.nodes.values()
        self.primary.begin()
        self.primary.backrest("backup")
        self.labels = set(self.primary.labels())
        self.standby.follow(self.primary)
        for name, node in self.nodes.items():
            self.sidecars[name] = Sidecar(node, self.clock).start()
        for one in self.sidecars.values():
            world.wait_until(lambda one=one: any("schedule kept" in line["message"] for line in one.log_lines()), 30, "its schedule")
        return self

    def remove(self):
        for one in self.sidecars.values():
            one.stop()
            one.end_jobs()
        for node in self.nodes.values():
            node.gate.unlink(missing_ok=True)
            node.crash()
        self.network.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def come_due(self):
        """The next due time comes, for both at once. Where in the log of each that was."""
        self.due += HOUR
        self.clock.set(self.due + 1)
        offsets = {name: one.log.stat().st_size for name, one in self.sidecars.items()}
        for one in self.sidecars.values():
            one.process.send_signal(signal.SIGHUP)  # it looks at its clock
        return offsets

    def outcome(self, node):
        """What became of it there, once that is known and a job of it has ended."""
        sidecar = self.sidecars[node.name]
        look = time.monotonic()

        def known():
            nonlocal look
            if time.monotonic() > look:  # sooner than it would by itself
                sidecar.process.send_signal(signal.SIGHUP)
                look = time.monotonic() + 5
            told = sidecar.run_of(self.due)
            return told if told and told["job_state"] not in ("queued", "running") else None
        return world.wait_until(known, PATIENCE, f"what became of the run on {node.name}")

    def check_one_backup(self):
        """One was made for this due time."""
        new = set(self.primary.labels()) - self.labels
        assert len(new) == 1, new
        self.labels |= new

    def split(self):
        """The standby is promoted, cut off from a primary that lives on; nothing of the new timeline is in the repo yet."""
        self.primary, self.standby = self.standby, self.primary
        self.network.cut()
        self.primary.gate.touch()
        self.primary.promote()
        assert [node.sql("select pg_is_in_recovery()") for node in self.nodes.values()] == ["f", "f"]

    def tell_timeline(self):
        """What the new primary has written comes into the repo."""
        self.primary.gate.unlink()
        history = f"{int(self.primary.sql('select timeline_id from pg_control_checkpoint()')):08X}.history"
        world.wait_until(lambda: list(self.repo.glob(f"archive/*/*/{history}")), 90, f"{history} in the repo")

    def heal(self):
        self.network.mend()
        self.standby.follow(self.primary)


@pytest.fixture
def pair():
    for program in ("ip", "unshare", "hostname"):
        needed(program)
    made = Pair(world.make_folder())
    try:
        yield made.make()
    finally:
        made.remove()


def check_primary_runs(pair):
    pair.come_due()
    check_primary_has(pair)


def check_primary_has(pair):
    assert pair.outcome(pair.primary)["job_state"] == "succeeded"
    told = pair.outcome(pair.standby)
    assert (told["outcome"], told["left_to"]) == ("standby", f"db-{pair.primary.name}"), told
    pair.check_one_backup()


def check_failover_over_a_due_time(pair):
    """The primary dies before, and the standby is promoted after it."""
    pair.primary.crash()
    dead = pair.primary.name
    offset = pair.come_due()[dead]
    world.wait_until(lambda: pair.sidecars[dead].errors(offset), PATIENCE, "an error that nobody knows the primary")
    assert [one.run_of(pair.due) for one in pair.sidecars.values()] == [None, None]
    pair.primary, pair.standby = pair.standby, pair.primary
    pair.primary.promote()
    pair.standby.follow(pair.primary)
    check_primary_has(pair)


def check_one_of_two_primaries_runs(pair):
    """Nothing tells them apart: the claim does."""
    pair.come_due()
    claimed = world.wait_until(
        lambda: [one for one in pair.sidecars.values() if (one.run_of(pair.due) or {}).get("outcome") == "started"], PATIENCE, "a claim")
    pair.tell_timeline()  # a backup needs its WAL archived
    told = {name: pair.outcome(node) for name, node in pair.nodes.items()}
    winner, loser = sorted(told, key=lambda name: told[name]["outcome"] != "started")

    assert [one.node.name for one in claimed] == [winner]
    assert told[winner]["job_state"] == "succeeded", told
    assert (told[loser]["outcome"], told[loser]["left_to"]) == ("left", f"db-{winner}"), told
    pair.check_one_backup()


def check_who_was_replaced_runs_nothing(pair):
    """It still says that it is the primary; the repo has a newer timeline."""
    offsets = pair.come_due()
    assert pair.outcome(pair.primary)["job_state"] == "succeeded"
    told = pair.outcome(pair.standby)

    assert (told["outcome"], told["left_to"]) == ("left", None), told
    assert "another server has been promoted" in told["reason"]
    assert len(pair.sidecars[pair.standby.name].errors(offsets[pair.standby.name])) == 1
    pair.check_one_backup()


def check_who_reaches_nothing_runs_nothing(pair):
    """And says so; once it reaches the repo again the run is another's."""
    pair.standby.lose_repo()
    offset = pair.come_due()[pair.standby.name]
    sidecar = pair.sidecars[pair.standby.name]
    assert pair.outcome(pair.primary)["job_state"] == "succeeded"
    line = world.wait_until(lambda: sidecar.errors(offset), PATIENCE, "an error that nothing could be claimed")[0]

    assert "could not be claimed" in line["message"], line
    assert sidecar.run_of(pair.due) is None
    pair.check_one_backup()
    pair.standby.find_repo()
    assert pair.outcome(pair.standby)["outcome"] == "left"


def test_each_due_time_has_one_backup_over_failovers(pair):
    check_primary_runs(pair)
    check_failover_over_a_due_time(pair)
    for _ in range(repetitions(0, 1)):
        check_primary_runs(pair)
        check_failover_over_a_due_time(pair)
        check_primary_runs(pair)
    pair.split()
    check_one_of_two_primaries_runs(pair)
    check_who_was_replaced_runs_nothing(pair)
    check_who_reaches_nothing_runs_nothing(pair)
    pair.heal()
    for _ in range(repetitions(1, 2)):
        check_primary_runs(pair)
