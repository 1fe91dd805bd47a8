"""What is known of a running backup."""
import os
import pathlib
import signal
import subprocess
import time

import pytest

from support import world


def copying_worker(cluster):
    """The pid of the worker that has read a megabyte for this cluster's backup."""
    for pid, _, argv in world.processes():
        if "backup:local" in argv and any(str(cluster.folder) in a for a in argv):
            counters = pathlib.Path(f"/proc/{pid}/io").read_text()
            if int(counters.split("rchar: ")[1].split()[0]) > 1 << 20:
                return pid
    return None


def test_the_total_is_known_before_the_first_file_is_copied(slow_service, cluster):
    version = subprocess.run(["pgbackrest", "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if tuple(int(part) for part in version.split(".")[:2]) < (2, 48):
        pytest.skip(f"pgBackRest {version} does not tell the size of a running backup: 2.48 and later do")
    job_id = slow_service.back_up()
    worker = world.wait_until(lambda: copying_worker(cluster), 60, "a worker that copies")
    os.kill(worker, signal.SIGSTOP)
    try:
        assert "backup file" not in slow_service.raw_log(job_id)

        told = world.wait_until(lambda: slow_service.job(job_id)["progress"]["bytes_total"], 60, "a total")

        progress = slow_service.job(job_id)["progress"]
        assert "backup file" not in slow_service.raw_log(job_id)
        assert progress["phase"] == "copy"
        assert progress["percent"] < 50
        assert progress["bytes_done"] < progress["bytes_total"] / 2
    finally:
        os.kill(worker, signal.SIGCONT)
    ended = slow_service.wait_for(job_id)
    assert ended["state"] == "succeeded"
    assert abs(ended["result"]["backup_size"] - told) < told / 20


def large_table(cluster, megabytes):
    """One table in one file, of the same text as the others: what compresses faster would make any rate a poor guess."""
    rows = megabytes * 1024 * 1024 // 94
    cluster.sql("create table large with (autovacuum_enabled = false) as "
                f"select md5(g::text) || md5((g * 31::bigint)::text) t from generate_series(1, {rows}) g")


def drop_large_table(cluster):
    cluster.sql("drop table if exists large")
    cluster.sql("checkpoint")


def curve_of(service, job_id):
    """[(seconds since the first look, progress)] until the job has ended, ten a second."""
    begun, seen = time.monotonic(), []
    while True:
        job = service.job(job_id)
        if job["state"] not in ("queued", "running"):
            assert job["state"] == "succeeded", job
            return seen
        if job["progress"]:
            seen.append((time.monotonic() - begun, job["progress"]))
        time.sleep(0.1)


def test_one_large_file_moves_evenly_and_tells_the_time_left(new_service, cluster):
    large_table(cluster, 600)
    try:
        even = cluster.write_config("even.conf", **{"compress-type": "gz", "compress-level": "6", "process-max": "1"})
        service = new_service(config=even)
        job_id = service.back_up()
        curve = curve_of(service, job_id)
    finally:
        drop_large_table(cluster)
    for seconds, progress in curve:
        print(f"{seconds:6.1f} s {progress['phase'] or '-':8} {progress['percent'] or 0:6.2f} % "
              f"eta {progress['eta_s']} s {(progress['rate_bytes_per_s'] or 0) / 1e6:.0f} MB/s")
    percents = [progress["percent"] or 0 for _, progress in curve]
    assert percents == sorted(percents)
    assert all(percent < 100 for (_, progress), percent in zip(curve, percents) if progress["phase"] == "copy")
    copying = [(seconds, progress) for seconds, progress in curve if progress["phase"] == "copy"]
    # It moves inside the file, not only where one ends.
    assert len({round(p["percent"]) for _, p in copying if p["percent"]}) > 8
    if os.environ.get("TEST_LONG") == "1":  # the machine's speed has a say in these, so they judge no change
        check_times(copying)


def check_times(copying):
    begun, ended = copying[0][0], copying[-1][0]
    assert ended - begun > 10, "the file was copied too fast for this to tell anything"
    assert not [s for s, p in copying if s > begun + 2 and not p["percent"]]
    for seconds, progress in copying:
        left = ended - seconds
        if seconds < (begun + ended) / 2 or left < 3:
            continue
        assert left / 2 <= progress["eta_s"] <= left * 2 + 1, (seconds, left, progress)
