"""PostgreSQL started and stopped by way of whoever runs it: pg_ctl, commands, supervisord, the agent. All of them real."""
import contextlib
import os
import shutil
import signal
import subprocess
import time

import pytest

from support import harm, libpq, world
from support.controls import Agent, Supervisord, answers, end_server, postmaster
from support.world import pg_bin, processes, wait_until

ADMINS = '[auth]\nmode = "none"\n'


@pytest.fixture(scope="module")
def made():
    folder = world.make_folder()
    cluster = world.SmallCluster(folder)
    # Sessions of the tests themselves are not by user postgres; nobody else comes as far as the socket.
    (cluster.data / "pg_hba.conf").write_text("local all all trust\n")
    cluster.sql("select pg_reload_conf()")
    yield cluster
    cluster.stop()
    shutil.rmtree(folder)


@pytest.fixture
def cluster(made):
    """Running, by nobody's leave; stopped when the test is over."""
    if postmaster(made) is None:
        made.start()
    yield made
    end_server(made)


def controlled(new_service, **keys):
    return new_service(settings=ADMINS, environment={f"RESTPOINT_POSTGRES_{k.upper()}": str(v) for k, v in keys.items()})


def by_pg_ctl(new_service, cluster):
    return controlled(new_service, control="pg_ctl", data_dir=cluster.data, log_file=cluster.folder / "log/postgresql.log")


def order(service, what, mode=None):
    answer = service.ask(f"/api/v1/postgres/{what}", "POST", {"mode": mode} if mode else None)
    assert answer.status == 202, answer.text
    return answer.json()["id"]


def carry_out(service, what, mode=None):
    job = service.wait_for(order(service, what, mode))
    assert job["state"] == "succeeded", (job, service.raw_log(job["id"]))
    return job


def check_all_orders(service, cluster):
    """Every order, also where it is so already."""
    first = postmaster(cluster)
    job = carry_out(service, "restart")
    assert job["result"]["state"] == "running" and job["result"]["stop_ms"] is not None
    assert answers(cluster) and postmaster(cluster) != first
    carry_out(service, "start")
    assert carry_out(service, "stop")["result"]["state"] == "stopped"
    assert postmaster(cluster) is None
    carry_out(service, "stop")
    carry_out(service, "start")
    assert answers(cluster)
    carry_out(service, "stop", "immediate")
    assert postmaster(cluster) is None
    carry_out(service, "start")
    assert cluster.sql("select count(*) >= 0 from filling") == "t"


def test_pg_ctl(new_service, cluster):
    service = by_pg_ctl(new_service, cluster)
    cluster.sql("insert into filling values (7)")

    check_all_orders(service, cluster)

    assert cluster.sql("select count(*) > 0 from filling where n = 7") == "t"
    pid = postmaster(cluster)
    held = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    assert not [name for name in held if str(service.state) in name]
    inherited = open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
    assert not [e for e in inherited if e.startswith((b"RESTPOINT_", b"PGBACKREST_"))]
    service.kill()
    assert answers(cluster)


def test_why_it_did_not_start_is_told(new_service, cluster):
    service = by_pg_ctl(new_service, cluster)
    carry_out(service, "stop")
    conf = cluster.data / "postgresql.auto.conf"
    before = conf.read_text()
    conf.write_text(before + "shared_buffers = '1 parsec'\n")
    try:
        job = service.wait_for(order(service, "start"))
    finally:
        conf.write_text(before)

    assert job["state"] == "failed"
    assert "FATAL" in job["error"]["message"]
    assert str(cluster.folder / "log/postgresql.log") in job["error"]["hint"]
    carry_out(service, "start")


def end_sleepers():
    for pid, _, argv in list(processes()):
        if argv == ["sleep", "987653"]:
            os.kill(pid, signal.SIGKILL)


def test_a_server_outlives_the_job_that_started_it(new_service, cluster, request):
    """Its shim and its child are killed in the middle, the child first or the shim first."""
    gate = cluster.run / "up"
    service = controlled(
        new_service, control="command",
        start_command=f"{pg_bin()}/pg_ctl -D {cluster.data} -w -l {cluster.folder}/log/postgresql.log start; touch {gate}; sleep 987653",
        stop_command=f"{pg_bin()}/pg_ctl -D {cluster.data} -w stop")
    for child_first in (True, False):
        end_server(cluster)
        request.addfinalizer(end_sleepers)
        gate.unlink(missing_ok=True)
        job_id = order(service, "start")
        wait_until(gate.exists, 60, "the server's start")
        shim = service.shim_of(job_id)
        child = next(pid for pid, parent, argv in processes() if parent == shim and "postgres-exec" in argv)
        for victim in (child, shim) if child_first else (shim, child):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            time.sleep(0.1)  # so that whoever is left has seen it
        job = service.wait_for(job_id)
        assert job["state"] in ("failed", "interrupted"), job
        assert answers(cluster)


def test_commands(new_service, cluster):
    pg_ctl = f"{pg_bin()}/pg_ctl -D {cluster.data}"
    service = controlled(
        new_service, control="command", data_dir=cluster.data,
        start_command=f"{pg_ctl} -w -l {cluster.folder}/log/postgresql.log start",
        stop_command=f'{pg_ctl} -w -m "$RESTPOINT_STOP_MODE" stop', status_command=f"{pg_ctl} status")

    check_all_orders(service, cluster)


@pytest.fixture
def supervisord(cluster):
    end_server(cluster)
    with Supervisord(cluster) as running:
        yield running


def by_supervisord(new_service, supervisord, **keys):
    return controlled(new_service, **{"control": "supervisor", "control_socket": supervisord.socket, "supervisor_program": "db",
                                      "supervisor_user": supervisord.USER, "supervisor_password": supervisord.PASSWORD, **keys})


def test_supervisord(new_service, cluster, supervisord):
    service = by_supervisord(new_service, supervisord)

    check_all_orders(service, cluster)

    # A crash is supervisord's to mend, a stop is not.
    killed = postmaster(cluster)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: postmaster(cluster) not in (None, killed) and answers(cluster), 90, "the start after a crash")
    carry_out(service, "stop", "immediate")
    time.sleep(2)
    assert postmaster(cluster) is None
    carry_out(service, "start")


@pytest.mark.parametrize("key, value, says", [
    ("supervisor_program", "nobody", "no program 'nobody'"),
    ("supervisor_password", "wrong", "refuses the user name"),
    ("control_socket", "/nowhere/s", "/nowhere/s")])
def test_supervisord_wrongly_told(new_service, cluster, supervisord, key, value, says):
    service = by_supervisord(new_service, supervisord, **{key: value})

    job = service.wait_for(order(service, "stop"))

    assert job["state"] == "failed"
    assert says in job["error"]["message"], job
    assert answers(cluster)


@pytest.fixture
def agent(cluster):
    end_server(cluster)
    with Agent(cluster) as running:
        yield running


def test_agent(new_service, cluster, agent):
    service = controlled(new_service, control="agent", control_socket=agent.socket)

    check_all_orders(service, cluster)

    assert agent.process.poll() is None
    agent.process.send_signal(signal.SIGINT)
    assert agent.process.wait(60) == 0
    assert postmaster(cluster) is None


def test_an_agent_ends_with_its_server(cluster, agent):
    os.kill(postmaster(cluster), signal.SIGKILL)

    assert agent.process.wait(60) == 137


def test_a_killed_agent_leaves_no_server_behind(cluster, agent):
    cluster.sql("insert into filling values (8)")
    first = postmaster(cluster)

    agent.kill()
    agent.start()

    agent.wait_until("running")
    assert postmaster(cluster) != first
    assert cluster.sql("select count(*) > 0 from filling where n = 8") == "t"


def is_shut_down(cluster):
    return "shut down\n" in cluster.command("pg_controldata", "-D", cluster.data)


@pytest.mark.parametrize("told, options, clean", [
    (signal.SIGINT, (), True), (signal.SIGTERM, ("--term", "fast"), True), (signal.SIGQUIT, (), False)])
def test_the_first_process_of_a_container_forwards_signals(cluster, told, options, clean):
    """To a process of that number the kernel brings no signal that it has not asked for."""
    end_server(cluster)
    with Agent(cluster, alone=True, options=options) as agent, libpq.Connection(cluster.run) as session:
        assert session.one("select 1") == "1"
        os.kill(agent.pid, told)
        assert agent.process.wait(60) == 0
    assert not harm.inside(cluster.data)
    assert is_shut_down(cluster) == clean


def test_the_first_process_of_a_container_waits_for_sessions_where_it_is_told_smart(cluster):
    end_server(cluster)
    with Agent(cluster, alone=True) as agent:
        with libpq.Connection(cluster.run) as session:
            os.kill(agent.pid, signal.SIGTERM)
            wait_until(lambda: not answers(cluster), 30, "the refusal of new sessions")
            assert session.one("select 1") == "1"
        assert agent.process.wait(60) == 0
    assert is_shut_down(cluster)


def test_the_first_process_of_a_container_reaps_orphans_and_ends_as_its_server_did(cluster):
    end_server(cluster)
    gate, marks = cluster.run / "gate", cluster.run / "orphans"
    orphan = f"echo >>{marks}; while [ ! -e {gate} ]; do sleep 0.05; done"
    server = ["sh", "-c", f"(({orphan}) & ({orphan}) &); exec {pg_bin()}/postgres -D {cluster.data}"]
    with Agent(cluster, alone=True, server=server) as agent:
        def children():
            return [pid for pid, parent, _ in processes() if parent == agent.pid]
        wait_until(lambda: marks.exists() and len(marks.read_text()) == 2, 30, "the orphans")
        wait_until(lambda: len(children()) == 3, 30, "orphans whose parent is the agent")
        gate.touch()
        wait_until(lambda: len(children()) == 1, 30, "the end of the orphans, without a zombie that is left")

        harm.kill(children()[0])

        assert agent.process.wait(60) == 137
    assert not harm.inside(cluster.data)


def test_a_hold_outlives_the_agent_and_the_server(new_service, cluster, agent):
    service = controlled(new_service, control="agent", control_socket=agent.socket)
    assert agent.ask(do="hold", holder="job-7")["ok"]
    agent.ask(do="stop", mode="fast")
    agent.wait_until("stopped")

    refused = service.wait_for(order(service, "start"))
    agent.kill()
    agent.start()
    agent.wait_until("stopped")
    still = service.wait_for(order(service, "start"))

    for job in (refused, still):
        assert job["state"] == "failed"
        assert "job-7" in job["error"]["message"]
    assert postmaster(cluster) is None
    assert "held by 'job-7'" in agent.log.read_text()
    # Who holds it starts it; that it dies then is no reason to end, and none to start it again.
    assert agent.ask(do="start", holder="job-7")["ok"]
    agent.wait_until("running")
    os.kill(postmaster(cluster), signal.SIGKILL)
    agent.wait_until("stopped")
    assert not harm.inside(cluster.data)
    assert agent.ask(do="release", holder="job-7")["ok"]
    carry_out(service, "start")


def test_a_stop_that_waits_for_the_archiver_says_so(new_service, cluster):
    service = by_pg_ctl(new_service, cluster)
    cluster.sql("alter system set archive_command = 'sleep 987654'")
    cluster.sql("select pg_reload_conf()")
    cluster.sql("insert into filling values (9)")
    cluster.sql("select pg_switch_wal()")

    def hanging():
        return [pid for pid, _, argv in processes() if argv == ["sleep", "987654"]]
    try:
        wait_until(hanging, 60, "an archive command that hangs")
        job_id = order(service, "stop")
        wait_until(lambda: "WARN" in service.raw_log(job_id), 90, "word of what the stop waits for")
        said = service.raw_log(job_id)
        assert "archiver" in said and "sleep 987654" in said and "immediate" in said
        assert service.job(job_id)["state"] == "running"

        service.ask(f"/api/v1/jobs/{job_id}/cancel", "POST")
        assert service.wait_for(job_id)["state"] == "cancelled"
        carry_out(service, "stop", "immediate")
    finally:
        for pid in hanging():
            os.kill(pid, signal.SIGKILL)
        end_server(cluster)
        (cluster.data / "postgresql.auto.conf").write_text("")
    carry_out(service, "start")
    assert cluster.sql("select count(*) > 0 from filling where n = 9") == "t"


def test_who_may_order_it(new_service, cluster):
    nobody_told = new_service(settings=ADMINS)
    refused = nobody_told.ask("/api/v1/postgres/stop", "POST")
    assert (refused.status, refused.json()["code"]) == (422, "postgres_not_controlled")

    for_operators = new_service()
    refused = for_operators.ask("/api/v1/postgres/stop", "POST")
    assert (refused.status, refused.json()["code"]) == (401, "token_missing")
    assert answers(cluster)


def test_the_command_line(new_service, cluster):
    service = by_pg_ctl(new_service, cluster)

    def say(*words):
        return subprocess.run([str(service.program), "postgres", *words, "--server", f"http://127.0.0.1:{service.port}"],
                              capture_output=True, text=True, timeout=120, check=False)

    running = say("status")
    stopped = say("stop", "--mode", "immediate")
    away = say("status")
    started = say("start")

    assert running.returncode == 0 and "PostgreSQL is running" in running.stdout
    assert stopped.returncode == 0 and "stop of PostgreSQL succeeded" in stopped.stdout + stopped.stderr
    assert "PostgreSQL is stopped" in away.stdout
    assert started.returncode == 0 and answers(cluster)
