"""What goes wrong is told: the right code, what it means, what to do, on the page and in the job."""
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from support import world


def failed_backup(service):
    """The job and the page of a backup that fails, after their agreement was checked."""
    page = service.ask("/pgBackRest/backup/full?wait=true")
    assert page.status == 500, page.text
    assert "<h1> Error </h1>" in page.text
    job = service.jobs()[0]
    assert job["state"] == "failed", job
    assert job["error"]["hint"]
    if job["error"]["code"] is not None:
        assert str(job["error"]["code"]) in page.text
    assert job["error"]["name"] in page.text
    return job


@pytest.fixture
def small_disk():
    """A factory of tmpfs mounts of some megabytes, owned by postgres."""
    mounts = []

    def make(size):
        folder = world.make_folder()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], check=True)
        owner = os.stat("/var/lib/postgresql")
        os.chown(folder, owner.st_uid, owner.st_gid)
        mounts.append(folder)
        return folder

    yield make
    for folder in mounts:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def test_postgresql_is_down(service, cluster):
    cluster.stop()
    try:
        job = failed_backup(service)
    finally:
        cluster.start()
    assert job["error"]["code"] == job["exit_code"] == 56
    assert job["error"]["name"] == "db-connect"


def test_the_stanza_is_missing(new_service, cluster):
    empty = cluster.folder / "empty-repo"
    empty.mkdir(exist_ok=True)
    os.chown(empty, os.stat(cluster.repo).st_uid, -1)
    service = new_service(config=cluster.write_config("empty.conf", repo=empty))
    job = failed_backup(service)

    assert job["error"]["code"] == 55
    assert "create" in job["error"]["hint"]


def test_the_repo_is_not_writable(new_service, cluster):
    closed = cluster.folder / "closed-repo"
    closed.mkdir(exist_ok=True, mode=0o700)
    service = new_service(config=cluster.write_config("closed.conf", repo=closed))
    job = failed_backup(service)

    assert job["error"]["code"] in (41, 47, 53, 55)
    assert "ermission" in job["error"]["message"]


def test_the_repo_is_full(new_service, cluster, small_disk):
    repo = small_disk("30m")
    config = cluster.write_config("full.conf", repo=repo, **{"compress-type": "none", "archive-check": "n"})
    cluster.backrest("stanza-create", config=config)
    service = new_service(config=config)
    job = failed_backup(service)

    assert job["error"]["code"] == 64
    assert job["error"]["name"] == "file-write"


def test_the_binary_is_missing(new_service):
    service = new_service(start=False)
    service.toml.write_text(service.toml.read_text().replace("[pgbackrest]", '[pgbackrest]\nbinary = "/nowhere/pgbackrest"'))
    service.start()
    job = failed_backup(service)

    assert "/nowhere/pgbackrest" in job["error"]["message"]
    assert "pgbackrest.binary" in job["error"]["hint"]


def test_the_archive_command_is_broken(service, cluster):
    cluster.sql("alter system set archive_command = 'pgbackrest-is-not-here %p'")
    cluster.sql("select pg_reload_conf()")
    try:
        job = failed_backup(service)
    finally:
        cluster.sql("alter system reset archive_command")
        cluster.sql("select pg_reload_conf()")
        cluster.backrest("check", "--archive-timeout=120")
    assert job["error"]["code"] in (68, 82)
    assert "archive_command" in job["error"]["hint"]


def start_refused(service):
    service.start(expect_ready=False)
    assert service.process.wait(20) == 1
    lines = [e for e in service.log_lines() if e.get("level") == "error"]
    assert len(lines) == 1, service.log_text()
    return lines[0]


def test_a_full_state_directory_is_refused_before_anything_starts(new_service, small_disk):
    service = new_service(start=False)
    disk = small_disk("20m")
    (disk / "ballast").write_bytes(b"x" * (12 << 20))
    service.toml.write_text(service.toml.read_text().replace(str(service.state), str(disk)))
    said = start_refused(service)

    assert "MiB" in said["message"] and said["hint"]


def test_a_read_only_state_directory_is_refused(new_service, small_disk):
    service = new_service(start=False)
    disk = small_disk("40m")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    service.toml.write_text(service.toml.read_text().replace(str(service.state), str(disk)))

    assert "read-only" in start_refused(service)["message"].lower()


def test_a_state_directory_of_a_newer_version_is_refused(new_service):
    import sqlite3
    service = new_service()
    service.stop()
    rows = sqlite3.connect(service.state / "restpoint.db")
    rows.execute("pragma user_version = 99")
    rows.commit()
    rows.close()
    service.log.unlink()

    assert "99" in start_refused(service)["message"]


def test_a_state_disk_that_fills_up_costs_log_lines_and_never_a_backup(new_service, cluster, small_disk):
    disk = small_disk("24m")
    service = new_service(config=cluster.slow_config, start=False)
    service.toml.write_text(service.toml.read_text().replace(str(service.state), str(disk)))
    service.start()
    before = cluster.labels()[-1:]
    job_id = service.back_up("full")
    service.wait_until_copying(job_id)
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            pass
    job = service.wait_for(job_id)
    ballast.unlink()

    assert job["state"] == "succeeded", job
    # The line with the label may be among the lost ones; the set itself is not.
    assert job["log"]["dropped"] > 0
    assert job["result"]["label"] in (None, cluster.labels()[-1])
    assert cluster.labels()[-1:] != before
    assert service.wait_for(service.back_up("incr"))["state"] == "succeeded"


def test_root_is_refused(new_service):
    service = new_service(start=False)
    done = subprocess.run([world.PROGRAM, "serve", "--config", service.toml], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "root" in done.stderr
    assert not pathlib.Path(service.state).exists()


def test_a_log_that_nobody_reads_stops_nothing(new_service):
    service = new_service(start=False)
    os.mkfifo(service.log)
    reader = os.open(service.log, os.O_RDONLY | os.O_NONBLOCK)
    service.launch()
    told = b""

    def ready():
        nonlocal told
        try:
            told += os.read(reader, 65536)
        except BlockingIOError:
            return None
        return [e for e in map(json.loads, told.splitlines()) if e["message"] == "restpoint is ready"]

    service.port = int(world.wait_until(ready, 20, "restpoint is ready")[0]["address"].rpartition(":")[2])
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    refusals = 0
    until = time.monotonic() + 5  # in which it refuses enough to fill that many times
    while time.monotonic() < until:
        assert service.ask("/livez", headers={"Host": "evil.example"}, timeout=10).status == 421
        refusals += 1
    assert refusals > 20
    assert service.ask("/livez", timeout=10).status == 200
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(30) == 0
    os.close(reader)


def test_a_token_is_revoked_on_a_full_disk(new_service, small_disk):
    service = new_service(start=False)
    folder = small_disk("1m")

    def token(*args):
        return subprocess.run(
            world.AS_POSTGRES + [str(service.program), "token", *args, "--config", str(service.toml),
                                 f"--auth.tokens_file={folder / 'tokens'}"],
            capture_output=True, text=True, cwd="/", timeout=30, check=False)

    assert token("create", "--name=ci", "--role=admin").returncode == 0
    assert token("create", "--name=di", "--role=admin").returncode == 0
    with open(folder / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    assert token("create", "--name=ei", "--role=admin").returncode == 1
    assert f"{folder}/tokens.tmp" in token("create", "--name=ei", "--role=admin").stderr
    revoked = token("revoke", "ci")
    assert revoked.returncode == 0, revoked.stderr
    assert [line.split()[0] for line in token("list").stdout.splitlines()] == ["NAME", "di"]
