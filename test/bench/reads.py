"""What programs poll, warm: the list of jobs and the stanza, against nginx's static answer of the same bytes; how soon a
backup is accepted; and a thousand followers of one job's events."""
import time

import logs
import measure
import rivals
import services
import tools
from table import MEBIBYTES, MICROS, MILLIS, Row

JOBS = 50  # a page of the list
FOLLOWERS = 1000


def accepted(service):
    """Milliseconds from a request to its 202, when nothing else runs."""
    begun = time.monotonic()
    job_id = service.back_up("full")
    took = (time.monotonic() - begun) * 1e3
    service.wait_for(job_id)
    return took


def percentile(values, part):
    return sorted(values)[int(part * (len(values) - 1))]


def load(port, pids, path, seconds):
    def run():
        before = measure.cpu_seconds(pids())
        seen = tools.wrk(f"http://127.0.0.1:{port}{path}", seconds, connections=8)
        return {**seen, "cpu": (measure.cpu_seconds(pids()) - before) / seen["requests"] * 1e6}
    return run


def polled(service, folder, path, what, how):
    answer = service.ask(path)
    assert answer.status == 200, answer.text
    nginx = rivals.nginx(folder, {"page": answer.body})
    try:
        seen = measure.in_turns(how.rounds, {
            "ours": load(service.port, lambda: [service.pid()], path, how.seconds),
            "nginx": load(nginx.port, nginx.pids, "/page", how.seconds)}, measure.settle)
    finally:
        nginx.stop()
    what = f"{what} of {len(answer.body)} bytes, warm"
    for figure, name, wanted in (("cpu", "CPU a request", "< 3"), ("p50", "median wait", ""), ("p99", "99 % wait at most", "")):
        yield Row.compared(f"{what}: {name}", MICROS, logs.figures(seen["ours"], figure), "nginx, file",
                           logs.figures(seen["nginx"], figure), wanted)


def followed(service):
    """One job from its start until a thousand have all of its events."""
    job_id = service.back_up("full")
    seen = logs.read_by(FOLLOWERS, service.port, f"/api/v1/jobs/{job_id}/events", "/livez", 10_000, [service.pid()])
    service.wait_for(job_id)
    return seen


def bench(stage):
    how = stage.how
    with services.running(stage.folder / "reads", "ok") as service:
        waits = [accepted(service) for _ in range(JOBS)]
        for part, name in ((0.5, "median"), (0.99, "99 % at most")):
            yield Row.plain(f"a backup is accepted (202, its row on disk), alone: {name}", MILLIS, [percentile(waits, part)])
        yield from polled(service, stage.folder, "/api/v1/jobs", f"list of {JOBS} jobs", how)
        yield from polled(service, stage.folder, "/api/v1/stanzas/main", "state of the stanza", how)
    with services.running(stage.folder / "events", "slow", FAKE_LINES=300, FAKE_INTERVAL_MS=10) as service:
        seen = [followed(service) for _ in range(how.rounds_for(FOLLOWERS))]
    what = f"{FOLLOWERS} followers of the events of one job"
    yield Row.plain(f"{what}: RssAnon, highest", MEBIBYTES, logs.figures(seen, "memory"))
    yield Row.plain(f"{what}: median wait of a tiny request meanwhile", MILLIS, logs.figures(seen, "median"))
    yield Row.plain(f"{what}: longest", MILLIS, logs.figures(seen, "longest"))
