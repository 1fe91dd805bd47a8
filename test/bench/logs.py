"""Logs: a finished one to many clients against nginx, a growing one to many followers, and what a reader of another page
feels of it."""
import measure
import rivals
import services
import tools
from table import GIGABYTES_A_SECOND, MEBIBYTES, MILLIS, SECONDS, Row


#: Bytes: enough for clocks that tick a hundred times a second.
GOOD_MEASURE = 2 << 30


def read_by(count, port, path, probe_path, least, pids, times=1):
    """What it takes to give `count` clients all of it, while somebody else asks for something tiny."""
    before = measure.cpu_seconds(pids)
    with measure.MemoryPeak(pids[0]) as peak, tools.Probe(port, probe_path) as probe:
        drained = [tools.drain(port, path, count, least) for _ in range(times)]
    size, took = sum(d["bytes"] for d in drained), sum(d["all_s"] for d in drained)
    return {"rate": size / took, "all_s": took / times, "cpu": (measure.cpu_seconds(pids) - before) / size * 1e9,
            "memory": peak.highest["RssAnon"], "longest": probe.seen["longest_ms"], "median": probe.seen["median_ms"]}


def figures(runs, name):
    return [run[name] for run in runs]


def finished(service, folder, how):
    log = services.log_of(service, service.wait_for(service.back_up("full"), 300)["id"])
    path, size = f"/api/v1/jobs/{log.stem}/log", log.stat().st_size
    nginx = rivals.nginx(folder, {"tiny": b"ok", "log": log})
    try:
        for count in how.clients:
            times = max(1, GOOD_MEASURE // (count * size))
            contestants = {
                "restpoint": lambda n=count, t=times: read_by(n, service.port, path, "/livez", size, [service.pid()], t),
                "nginx": lambda n=count, t=times: read_by(n, nginx.port, "/log", "/tiny", size, nginx.pids()[::-1], t)}
            seen = measure.in_turns(how.rounds_for(count), contestants, measure.settle)
            yield from rows_of_finished(count, size, seen["restpoint"], seen["nginx"])
    finally:
        nginx.stop()


def rows_of_finished(count, size, ours, theirs):
    what = f"finished log of {size / 1e6:.0f} MB to {count} client{'s' if count > 1 else ''}"
    yield Row.compared(what, GIGABYTES_A_SECOND, figures(ours, "rate"), "nginx", figures(theirs, "rate"),
                       "≥ 0.8" if count == 100 else "")
    yield Row.compared(f"{what}: CPU a GB", SECONDS, figures(ours, "cpu"), "nginx", figures(theirs, "cpu"))
    if count > 1:
        yield Row.compared(f"{what}: longest wait of a tiny request meanwhile", MILLIS, figures(ours, "longest"), "nginx",
                           figures(theirs, "longest"))


def followed(service, count, least):
    """One job from its start until its followers have all of its log, and how long its child took to write it."""
    job_id = service.back_up("full")
    seen = read_by(count, service.port, f"/api/v1/jobs/{job_id}/log?follow=true", "/livez", least, [service.pid()]) if count else {}
    service.wait_for(job_id, 300)
    total, longest = (int(n) / 1e3 for n in service.times.read_text().splitlines()[-1].split())
    return {**seen, "writing": total, "longest_write": longest}


def growing(service, how):
    least = how.log_bytes * 9 // 10
    seen = measure.in_turns(how.rounds, {
        "alone": lambda: followed(service, 0, least), "followed": lambda: followed(service, 100, least)}, measure.settle)
    ours, alone = seen["followed"], seen["alone"]
    what = f"growing log of {how.log_bytes / 1e6:.0f} MB to 100 followers"
    yield Row.plain(f"{what}: until all have all of it", SECONDS, figures(ours, "all_s"))
    yield Row.compared(f"{what}: what the job spends writing it", MILLIS, figures(ours, "writing"), "no follower",
                       figures(alone, "writing"))
    yield Row.plain(f"{what}: longest wait of a tiny request meanwhile", MILLIS, figures(ours, "longest"))
    count = how.clients[-1]
    many = [followed(service, count, least) for _ in range(how.rounds_for(count))]
    what = f"the same to {count} reading followers"
    yield Row.plain(f"{what}: until all have all of it", SECONDS, figures(many, "all_s"))
    yield Row.plain(f"{what}: RssAnon, highest", MEBIBYTES, figures(many, "memory"), "< 48 MiB")
    yield Row.plain(f"{what}: median wait of a tiny request meanwhile", MILLIS, figures(many, "median"))
    yield Row.plain(f"{what}: longest", MILLIS, figures(many, "longest"), "< 50 ms")


def bench(stage):
    with services.running(stage.folder / "logs", "flood", FAKE_BYTES=stage.how.log_bytes) as service:
        yield from finished(service, stage.folder, stage.how)
        yield from growing(service, stage.how)
