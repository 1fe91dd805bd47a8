"""Whatever dies on the way, no backup, line or exit code is lost, and nothing is said that is not so."""
import os
import signal
import sqlite3
import time

from support import world
from support.fixtures import repetitions


def begin(service):
    job_id = service.back_up("full")
    service.wait_until_copying(job_id)
    return job_id


def check_whole(service, cluster, job_id):
    """The job ended well and what is told of it agrees with the repo and with itself."""
    job = service.wait_for(job_id)
    log = service.raw_log(job_id)
    assert job["state"] == "succeeded", job
    assert job["exit_code"] == 0
    assert job["result"]["label"] in cluster.labels()
    assert log.count("backup command begin") == 1
    assert log.count("backup command end: completed successfully") == 1
    assert log.endswith("\n") and "expire command end: completed successfully" in log.splitlines()[-1]
    assert job["log"]["bytes"] == len(log.encode())
    assert job["log"]["lines"] == len(log.splitlines())
    # Each file once, in order: nothing was cut out, nothing came twice.
    done = [float(line.split(", ")[-1].split("%")[0]) for line in log.splitlines() if "backup file" in line and "%)" in line]
    assert done and done == sorted(done)


def test_a_backup_outlives_a_kill_of_restpoint(slow_service, cluster):
    for _ in range(repetitions(2, 10)):
        job_id = begin(slow_service)
        slow_service.kill(signal.SIGKILL)
        assert cluster.backrest_processes(), "the backup died with restpoint"
        slow_service.start()

        assert slow_service.job(job_id)["state"] in ("running", "succeeded")
        check_whole(slow_service, cluster, job_id)


def test_a_backup_that_ends_while_restpoint_is_down_is_told_right(slow_service, cluster):
    job_id = begin(slow_service)
    slow_service.kill(signal.SIGKILL)
    world.wait_until(lambda: not cluster.backrest_processes(), 120, "the end of the backup")
    slow_service.start()

    check_whole(slow_service, cluster, job_id)


def test_a_backup_outlives_sigterm(slow_service, cluster):
    for _ in range(repetitions(1, 10)):
        job_id = begin(slow_service)
        assert slow_service.kill(signal.SIGTERM) == 0
        assert cluster.backrest_processes()
        slow_service.start()

        check_whole(slow_service, cluster, job_id)


def test_a_killed_shim_never_makes_a_backup_look_good(slow_service, cluster):
    for _ in range(repetitions(1, 10)):
        before = cluster.labels()
        job_id = begin(slow_service)
        os.kill(slow_service.shim_of(job_id), signal.SIGKILL)
        job = slow_service.wait_for(job_id)

        assert job["state"] in ("failed", "interrupted"), job
        assert not cluster.backrest_processes()
        assert cluster.labels() == before


def test_shim_and_restpoint_killed_together(slow_service, cluster):
    before = cluster.labels()
    job_id = begin(slow_service)
    shim = slow_service.shim_of(job_id)
    slow_service.kill(signal.SIGKILL)
    os.kill(shim, signal.SIGKILL)
    slow_service.start()
    job = slow_service.wait_for(job_id)

    assert job["state"] in ("failed", "interrupted"), job
    assert not cluster.backrest_processes()
    assert cluster.labels() == before


def test_a_kill_between_spawn_and_commit_starts_nothing_twice(new_service, cluster):
    for _ in range(repetitions(2, 10)):
        service = new_service()
        rows = sqlite3.connect(service.state / "restpoint.db", timeout=10, isolation_level=None)
        job_id = service.back_up("full")
        # Holds the store's write lock from just after the row was made, so that the commit of the pid has to wait.
        for _ in range(2000):
            rows.execute("begin immediate")
            state, shim = rows.execute("select state, shim_pid from jobs where id = ?", (job_id,)).fetchone()
            if state == "queued" and shim is None:
                break
            rows.execute("commit")
            if state != "queued":
                break
        if rows.in_transaction:
            world.wait_until(lambda: service.shim_of(job_id), 10, "the shim that waits for the word")
            assert not cluster.backrest_processes(), "the child ran before its pid was on disk"
        service.kill(signal.SIGKILL)
        if rows.in_transaction:
            rows.execute("rollback")
        rows.close()
        service.start()
        job = service.wait_for(job_id)

        assert job["state"] == "succeeded", job
        assert service.raw_log(job_id).count("backup command begin") == 1
        service.stop()


def test_random_kills_leave_no_job_without_an_end(service, cluster):
    accepted = []
    for round_number in range(repetitions(8, 40)):
        try:
            answer = service.ask(f"/api/v1/stanzas/{world.STANZA}/backups", "POST", {"type": "incr", "queue": True})
            if answer.status == 202:
                accepted.append(answer.json()["id"])
            time.sleep(0.003 * (round_number % 12))
        finally:
            service.kill(signal.SIGKILL)
            service.start()
    for job_id in accepted:
        job = service.wait_for(job_id)
        log = service.raw_log(job_id)
        completed = "backup command end: completed successfully" in log
        assert log.count("backup command begin") <= 1
        assert (job["state"] == "succeeded") == completed, (job, log)
        if completed:
            assert job["result"]["label"] in log


def test_an_expire_that_fails_behind_a_good_backup_says_both(new_service, cluster):
    # The second full backup of a repo that keeps one makes expire remove the first one's folder, which it may not.
    folder = cluster.folder / "one-repo"
    folder.mkdir()
    os.chown(folder, *(os.stat(cluster.repo).st_uid, os.stat(cluster.repo).st_gid))
    config = cluster.write_config("one.conf", repo=folder, **{"repo1-retention-full": "1", "archive-check": "n"})
    cluster.backrest("stanza-create", config=config)
    service = new_service(config=config)
    first = service.wait_for(service.back_up("full"))
    locked = folder / "backup" / world.STANZA / first["result"]["label"]
    os.system(f"chattr +i {locked}")
    try:
        job = service.wait_for(service.back_up("full"))
    finally:
        os.system(f"chattr -i {locked}")

    assert job["state"] == "failed", job
    assert job["result"]["label"] and job["result"]["label"] != first["result"]["label"]
    assert job["result"]["expire_failed"] is True
    assert "expire" in job["error"]["message"]
    assert job["error"]["code"] == job["exit_code"]


def test_one_service_per_state_directory(service, new_service):
    second = new_service(start=False)
    second.toml.write_text(service.toml.read_text())
    second.start(expect_ready=False)

    assert second.process.wait(20) == 1
    assert str(service.pid()) in second.log_text()


def test_who_waits_is_told_when_restpoint_stops(slow_service, cluster):
    stream = slow_service.open_stream("/pgBackRest/backup/full?wait=true")
    job = world.wait_until(slow_service.jobs, 20, "the job")[0]
    slow_service.wait_until_copying(job["id"])
    assert slow_service.kill(signal.SIGTERM) == 0
    answer = b"".join(iter(lambda: stream.recv(65536), b""))
    stream.close()

    assert answer.startswith(b"HTTP/1.1 503"), answer[:200]
    assert f"Restpoint-Job: {job['id']}".encode() in answer
    slow_service.start()
    check_whole(slow_service, cluster, job["id"])
