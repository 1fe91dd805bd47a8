"""A restore and its undo where somebody else starts and stops the server: commands, supervisord, the agent. All of them real."""
import contextlib
import os
import signal

import pytest

from support import harm, restoring
from support.controls import Agent, Supervisord, postmaster
from support.fixtures import repetitions
from support.world import pg_bin, processes, wait_until


def settings(cluster, **keys):
    return "".join(f"{name} = '''{value}'''\n" for name, value in {"data_dir": cluster.data, **keys}.items())


class ByCommands:
    """What the operator has written down; a server that they started knows it."""

    MARK = "STARTED_BY_THE_COMMAND"

    @classmethod
    def told(cls, cluster):
        pg_ctl = f"{pg_bin()}/pg_ctl -D {cluster.data} -w"
        return settings(cluster, control="command",
                        start_command=f"{cls.MARK}=1 {pg_ctl} -l {cluster.folder}/log/postgresql.log start",
                        stop_command=f'{pg_ctl} -m "$RESTPOINT_STOP_MODE" stop')

    def __init__(self, cluster):
        self.cluster = cluster

    def __enter__(self):
        self.cluster.start()
        return self

    def __exit__(self, *_):
        self.cluster.stop()

    def runs_it(self):
        pid = postmaster(self.cluster)
        with open(f"/proc/{pid}/environ", "rb") as file:
            return f"{self.MARK}=1".encode() in file.read().split(b"\0")


class BySupervisord(Supervisord):
    @classmethod
    def told(cls, cluster):
        return settings(cluster, control="supervisor", control_socket=cluster.folder / "supervisor/s", supervisor_program="db",
                        supervisor_user=cls.USER, supervisor_password=cls.PASSWORD)

    def runs_it(self):
        return children_inside(self.cluster, self.process.pid)


class ByEagerSupervisord(BySupervisord):
    """It starts again whatever ends, however it ends."""

    def __init__(self, cluster):
        super().__init__(cluster, "true")


class ByAgent(Agent):
    @classmethod
    def told(cls, cluster):
        return settings(cluster, control="agent", control_socket=cluster.run / "agent/s")

    def runs_it(self):
        return children_inside(self.cluster, self.pid)


class ByAgentAlone(ByAgent):
    """The first process of a container: its pids, and those in postmaster.pid, are not ours."""

    def __init__(self, cluster):
        super().__init__(cluster, alone=True)


def children_inside(cluster, keeper):
    inside = harm.inside(cluster.data)
    return [pid for pid, parent, _ in processes() if parent == keeper and pid in inside]


@contextlib.contextmanager
def kept_by(keeper):
    with restoring.Restoring(segment_mb=1, control=keeper.told) as home:
        home.cluster.stop()
        with keeper(home.cluster) as home.keeper:
            home.write()
            yield home
            home.stop_writing()


def ended_well(home, job_id, target, before, place):
    home.done(job_id)
    assert home.keeper.runs_it(), "the server was not started by whoever runs it"
    home.writer.write_more(20)
    verdict = home.verdict(target, before)
    assert place in verdict.places, f"the server is not at the {place}: {verdict}"
    home.queued_backup_ends()


# In CI each of them goes one way, with TEST_LONG=1 both.
SHORT = ((ByCommands, "in_place"), (BySupervisord, "beside"), (ByEagerSupervisord, "in_place"), (ByAgent, "beside"),
         (ByAgentAlone, "in_place"))
LONG = tuple((keeper, way) for keeper, _ in SHORT for way in ("beside", "in_place"))


@pytest.mark.parametrize("keeper, way", repetitions(SHORT, LONG), ids=lambda of: getattr(of, "__name__", of))
def test_a_restore_and_its_undo_go_through_whoever_runs_the_server(keeper, way):
    with kept_by(keeper) as home:
        before = home.chain()
        target = home.moment()
        job_id = home.restore(target, way=way)

        ended_well(home, job_id, target, before, "target")
        home.check_repo(target, before, "target")
        ended_well(home, home.undo(job_id), target, before, "back")
        home.check(target, before, "back")

        # And it is still that one's to stop and to start.
        for what in ("stop", "start"):
            home.done(home.ask(f"/api/v1/postgres/{what}", {})["id"])
        assert home.keeper.runs_it()


# The agent dies


@pytest.fixture
def with_agent():
    with kept_by(ByAgent) as made:
        yield made


def test_an_agent_that_is_killed_keeps_the_server_stopped_for_the_restore(with_agent):
    home = with_agent
    before = home.chain()
    target = home.moment()
    job_id = home.restore(target, way="in_place")
    wait_until(lambda: "begin restore" in home.journal(), 60, "the restore of files")
    at_work = wait_until(lambda: home.victims.find("restore-exec"), 30, "who carries it out")
    for pid in at_work:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert "begin start" not in home.journal()
        home.keeper.kill()
        home.keeper.start()
        home.keeper.wait_until("stopped")
        holder = home.keeper.ask(do="status")["holder"]
        assert holder
        # Nobody else is let in meanwhile.
        assert home.keeper.ask(do="start")["ok"] is False
        assert home.keeper.ask(do="start", holder="another")["ok"] is False
        assert not harm.inside(home.cluster.data)
    finally:
        for pid in at_work:
            os.kill(pid, signal.SIGCONT)

    ended_well(home, job_id, target, before, "target")
    assert home.keeper.ask(do="status")["holder"] == ""
    assert f"held by '{holder}'" in home.keeper.log.read_text()


@pytest.mark.parametrize("way, steps", [
    ("beside", ("swap", "start", "stop", "settle", "release")), ("in_place", ("stop", "start", "restore", "replay", "release"))])
def test_an_agent_may_be_killed_at_any_step(with_agent, way, steps):
    home = with_agent
    for at in repetitions(steps[:1], steps):
        before = home.chain()
        target = home.moment()
        older = home.journals()
        job_id = home.restore(target, way=way)
        wait_until(lambda: f"begin {at}" in home.journal(older), 120, f"the step {at}")
        home.keeper.kill()
        home.keeper.start()
        job = home.service.wait_for(job_id, 240)
        wait_until(home.serves, 60, f"the server, after {job}")
        place = "target" if job["state"] == "succeeded" else "back"
        print(f"killed at {at}: {job['state']}")
        assert home.keeper.runs_it()
        home.writer.write_more(20)
        home.queued_backup_ends()
        home.check(target, before, place)
        assert home.keeper.ask(do="status")["holder"] == ""
