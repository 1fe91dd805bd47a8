"""What is known of a running backup."""
import os
import pathlib
import signal
import subprocess

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
        assert (progress["phase"], progress["percent"], progress["bytes_done"]) == ("copy", 0, 0)
    finally:
        os.kill(worker, signal.SIGCONT)
    ended = slow_service.wait_for(job_id)
    assert ended["state"] == "succeeded"
    assert abs(ended["result"]["backup_size"] - told) < told / 100
