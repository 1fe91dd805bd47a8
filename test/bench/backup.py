"""What restpoint and its shim add to a backup's processor time."""
import contextlib
import pathlib
import subprocess
import threading
import time

import measure
import tools
from support import world
from table import PERCENT, Row


def ran_for(pid):
    """Seconds on a processor, of all threads that live, to the nanosecond."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


class ShimTime:
    """The processor time of a job's shim: looked at two hundred times a second, since nobody can ask once it is gone."""

    def __init__(self, service, job_id):
        self.pid = world.wait_until(lambda: service.shim_of(job_id), 10, "the shim")
        self.seconds = 0.0
        self.watch = threading.Thread(target=self.run)
        self.watch.start()

    def run(self):
        with contextlib.suppress(OSError):
            while (now := ran_for(self.pid)) > 0:
                self.seconds = now
                time.sleep(0.005)

    def join(self):
        self.watch.join()
        return self.seconds


def follow(service, job_id):
    argv = [str(tools.clients()), "drain", str(service.port), f"/pgBackRest/jobs/{job_id}?level=detail", "1", "1"]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL)


def share(service, followers):
    before, before_children = ran_for(service.pid()), measure.cpu_of_ended_children(service.pid())
    job_id = service.back_up("full")
    shim = ShimTime(service, job_id)
    viewers = [follow(service, job_id) for _ in range(followers)]
    shim_took = shim.join()
    job = service.wait_for(job_id)
    for viewer in viewers:
        assert viewer.wait(60) == 0
    assert job["state"] == "succeeded", job
    restpoint_took = ran_for(service.pid()) - before
    # The shim has reaped all of pgBackRest's processes, and restpoint the shim.
    pgbackrest_took = measure.cpu_of_ended_children(service.pid()) - before_children - shim_took
    return (shim_took + restpoint_took) / pgbackrest_took


def bench(stage):
    cluster = stage.cluster
    service = world.Service(cluster, cluster.folder / "service", config=cluster.ours)
    cluster.archive_to(cluster.ours)
    service.start()
    try:
        seen = measure.in_turns(stage.how.backups, {
            "none": lambda: share(service, 0), "one": lambda: share(service, 1)})
    finally:
        service.stop()
        service.end_jobs()
    what = f"what restpoint and its shim add to the CPU of a full backup of {cluster.size() / 1e9:.1f} GB"
    yield Row.plain(f"{what}, nobody looks", PERCENT, seen["none"], "< 1 %")
    yield Row.plain(f"{what}, one browser follows all of its log", PERCENT, seen["one"], "< 1 %")
