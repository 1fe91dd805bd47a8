"""Processes are killed, containers stopped and started, the root file system is read-only."""
import os
import pathlib
import signal

import pytest

from support.world import wait_until

SLOW = {"PGBACKREST_COMPRESS_TYPE": "gz", "PGBACKREST_COMPRESS_LEVEL": "9", "PGBACKREST_PROCESS_MAX": "1"}
FILLING = ("create table filling as select md5(g::text) || md5((g * 31)::text) t from generate_series(1, {rows}) g")


def begin_backup(container):
    """The id of a full backup that is in its middle."""
    answer = container.ask("/api/v1/stanzas/appbackups/backups", "POST", {"type": "full"})
    assert answer.status == 202, answer.text
    job_id = answer.json()["id"]

    def copying():
        job = container.job(job_id)
        assert job["state"] in ("queued", "running"), job
        return (job["progress"] or {}).get("phase") == "copy"
    wait_until(copying, 120, "the first file of the backup")
    return job_id


def comes_back(container, dead):
    wait_until(lambda: dead not in container.processes(), 30, f"the end of {dead}")
    container.wait_until_up()


def test_any_process_may_be_killed(lab):
    made = lab.container(options=["--restart=unless-stopped"], **SLOW).wait_until_up().wait_for_first_backup()
    made.sql(FILLING.format(rows=200000))
    made.sql("create table kept as select 1 as n")

    job_id = begin_backup(made)
    service = made.pid_of("restpoint", "serve")
    os.kill(service, signal.SIGKILL)
    comes_back(made, service)
    assert made.pid_of("restpoint", "serve") != service
    assert made.job(job_id)["state"] in ("running", "succeeded"), "the backup did not outlive restpoint"
    made.succeeded(job_id)
    assert len(made.backups()) == 2

    for words in (["postgres", "-D"], ["checkpointer"], ["archiver"], ["container_log"]):
        victim = wait_until(lambda words=words: made.pid_of(*words), 60, f"a process {words}")
        os.kill(victim, signal.SIGKILL)
        comes_back(made, victim)
        wait_until(lambda words=words: made.pid_of(*words), 60, f"another {words}")
    made.seal()

    first = made.inspect()["Pid"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: made.inspect()["Pid"] not in (0, first), 60, "the container started again")
    made.wait_until_up()
    assert made.sql("select n from kept") == "1"
    made.seal()


def test_a_stop_archives_what_was_written(lab):
    repo = lab.volume()
    made = lab.container(repo=repo, **SLOW).wait_until_up().wait_for_first_backup()
    made.sql(FILLING.format(rows=200000))
    begin_backup(made)
    made.sql("create table kept as select 'just before the end' as t")

    took = made.stop(grace=10)

    assert made.inspect()["ExitCode"] == 0, made.log()[-3000:]
    assert took < 10, f"the stop took {took} s, and Docker kills after 10"
    again = lab.container(repo=repo, RESTPOINT_BOOTSTRAP="auto").wait_until_up()
    assert again.sql("select t from kept") == "just before the end"


def test_it_needs_neither_a_writable_root_nor_a_capability(lab):
    made = lab.container(options=["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp", "--cap-drop=ALL",
                                  "--security-opt=no-new-privileges", "--health-interval=1s"])
    made.wait_until_up().wait_for_first_backup()

    made.sql("create table kept as select 1 as n")
    made.seal()
    assert made.exec("touch", "/etc/here", check=False).returncode != 0
    status = pathlib.Path(f"/proc/{made.pid_of('postgres', '-D')}/status").read_text()
    assert "CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status and "Uid:\t999\t999" in status
    wait_until(lambda: made.inspect()["Health"]["Status"] == "healthy", 60, "the health check")
    stopped = made.ask("/api/v1/postgres/stop", "POST").json()["id"]
    made.succeeded(stopped)
    restored = made.ask("/pgBackRest/restore/delta?wait=true&start=true")
    assert restored.status == 200, restored.text
    assert made.sql("select n from kept") == "1"
    assert made.inspect()["Health"]["Status"] == "healthy"


@pytest.mark.parametrize("at", ["begin stop", "begin swap"])
def test_a_restore_outlives_its_container(lab, at):
    data = lab.volume()
    made = lab.container(data=data).wait_until_up().wait_for_first_backup()
    made.sql("create table kept as select 1 as n")
    made.seal()
    plan = made.ask("/api/v1/stanzas/appbackups/restore-plans", "POST", {"way": "beside"}).json()
    assert not plan["refusals"], plan
    ordered = made.ask("/api/v1/stanzas/appbackups/restores", "POST",
                       {"plan": plan["id"], "digest": plan["digest"], "confirm": "appbackups"})
    assert ordered.status == 202, ordered.text
    mounted = pathlib.Path(lab.engine.docker("volume", "inspect", "-f", "{{.Mountpoint}}", data).stdout.strip())

    def reached():
        return any(at.encode() in journal.read_bytes() for journal in mounted.glob(".restpoint/*/journal"))
    wait_until(reached, 120, at)
    os.kill(made.inspect()["Pid"], signal.SIGKILL)
    wait_until(lambda: not made.running(), 30, "the end of the container")
    lab.engine.docker("start", made.name)

    made.wait_until_up()
    job = made.wait_for(ordered.json()["id"])
    assert job["state"] in ("succeeded", "failed"), job
    assert made.sql("select n from kept") == "1"
    wait_until(lambda: not [j for j in made.jobs() if j["state"] in ("queued", "running")], 120, "the end of every job")
    made.seal()
