"""How long a restore beside the server takes, and for how long applications are turned away: measured by clients."""
import contextlib
import datetime
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

from support import ledger, libpq, restores, restoring, world
from table import SECONDS, Row


class Load:
    """pgbench, started again whenever a restore ended its connections."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.over = threading.Event()
        self.process = None
        self.ends = []  #: when it lost its connections, in seconds since 1970
        self.thread = threading.Thread(target=self.run, daemon=True)

    def argv(self, *args):
        return world.AS_POSTGRES + [str(world.pg_bin() / "pgbench"), "-h", str(self.cluster.run), "-U", "postgres", *args,
                                    "postgres"]

    def __enter__(self):
        subprocess.run(self.argv("-i", "-q", "-s", "10"), check=True, cwd="/", stderr=subprocess.DEVNULL)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        with contextlib.suppress(OSError):
            self.process.terminate()
        self.thread.join(30)

    def run(self):
        while not self.over.is_set():
            self.process = subprocess.Popen(self.argv("-n", "-c", "4", "-R", "400", "-T", "3600"), cwd="/",
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.process.wait()
            self.ends.append(time.time())
            self.over.wait(0.1)


class Restored:
    """The benches' cluster, prepared for restores: as restoring.Restoring, with the data of all the others."""

    def __init__(self, cluster):
        self.cluster = cluster
        shutil.chown(cluster.folder, "postgres", "postgres")  # in which a restore makes its own folder
        cluster.archive_to(cluster.ours)
        hba = cluster.data / "pg_hba.conf"
        hba.write_text("local all all trust\nlocal replication all trust\n")
        for name, value in (("track_commit_timestamp", "on"), ("max_wal_size", "'4GB'"), ("fsync", "on")):
            cluster.sql(f"alter system set {name} = {value}")
        cluster.stop()
        cluster.start()
        cluster.sql(ledger.TABLE)
        cluster.sql("create table if not exists filling (n int)")
        cluster.backrest("--type=full", "--log-level-console=off", "backup", config=cluster.ours)
        time.sleep(1.1)  # a backup's end is known to the second
        self.book = ledger.Ledger(cluster.folder / "ledger")
        self.service = world.Service(cluster, cluster.folder / "restoring", config=cluster.ours, settings=restoring.SETTINGS,
                                     postgres=restoring.control_of(cluster))
        self.service.start()

    def end(self):
        self.service.stop()
        self.service.end_jobs()
        self.book.close()

    def seal(self):
        segment = self.cluster.sql("insert into filling values (1); select pg_walfile_name(pg_switch_wal())")
        repo = self.cluster.folder / "ours-repo"
        world.wait_until(lambda: any(repo.glob(f"archive/{world.STANZA}/*/*/{segment}-*")), 120, f"{segment} in the repo")

    def ask(self, path, body):
        answer = self.service.ask(path, "POST", body)
        assert answer.status in (200, 202), answer.text
        return answer.json()

    def succeeded(self, job_id):
        job = self.service.wait_for(job_id, 600)
        log = self.service.raw_log(job_id)
        assert job["state"] == "succeeded", f"{job} {log[-3000:]}"
        told = ", ".join(f"{name} {seconds:.2f}" for name, seconds in steps(log))
        print(f"          {job['kind']}: {told} s", file=sys.stderr, flush=True)
        return job

    def journals(self):
        return set(pathlib.Path(f"{self.cluster.data}.restpoint").glob("*/journal"))

    def quiet(self):
        def none():
            return not [j for j in self.service.jobs() if j["state"] in ("queued", "running")]
        world.wait_until(none, 600, "the end of all jobs")


def cut_over(journals):
    """When restpoint began to stop the server, in seconds since 1970, as the only one of these journals has it."""
    (journal,) = journals
    return int(re.search(rb"note down_since (\d+)", journal.read_bytes())[1]) / 1000


def outage(writer, load, since):
    """The only one, over all threads: from the first failure to the first row that was acknowledged again. `since`: the
    moment before which no client may have noticed anything."""
    clock = time.time() - time.monotonic()
    early = [first + clock for first, _ in writer.outages if first + clock < since] + [e for e in load.ends if e < since]
    assert not early, f"a query failed {since - min(early):.3f} s before the cut-over"
    assert load.ends, "pgbench has not noticed the cut-over"
    return min(back for _, back in writer.outages) - min(first for first, _ in writer.outages)


def steps(log):
    """(name, seconds it took) of each, from the job's log."""
    seen = [(datetime.datetime.fromisoformat(when), name)
            for when, name in re.findall(r"(?m)^(\S+ \S+) \S+ +\S+ +(?:\S+ )?step (\w+):", log)]
    ends = [begun for begun, _ in seen[1:]] + [seen[-1][0]] if seen else []
    return [(name, (end - begun).total_seconds()) for (begun, name), end in zip(seen, ends)]


def bare(stage, target):
    """Seconds that `pgbackrest restore` takes, and what it has restored until it takes writes."""
    cluster = stage.cluster
    begun = time.monotonic()
    with restores.plain_restore(BareTools(cluster), cluster.folder / "bare", "--type=time", f"--target={target.bare_value}",
                                "--target-action=promote", fsync="on"):
        return time.monotonic() - begun


class BareTools:
    """What plain_restore asks of a cluster."""

    def __init__(self, cluster):
        self.cluster, self.command, self.as_postgres = cluster, cluster.command, list(world.AS_POSTGRES)

    def bare(self, *args, config=None):
        argv = world.AS_POSTGRES + ["pgbackrest", f"--config={config or self.cluster.ours}", f"--stanza={world.STANZA}",
                                    *[str(a) for a in args]]
        begun = time.monotonic()
        done = subprocess.run(argv, capture_output=True, text=True, cwd="/", timeout=600, check=False)
        print(f"          pgbackrest restore: {time.monotonic() - begun:.2f} s", file=sys.stderr, flush=True)
        return done


def one_round(stage, restored):
    cluster = stage.cluster
    with Load(cluster) as load, ledger.Writer(restored.book, cluster.run, threads=4, pause=0.005) as writer:
        writer.write_more(400)
        with libpq.Connection(cluster.run) as connection:
            before = ledger.read_chain(connection)
        target = ledger.at_time(int(cluster.sql("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")))
        writer.write_more(400)
        restored.seal()
        alone = [bare(stage, target)]

        plan = restored.ask(f"{restoring.STANZA}/restore-plans", {"target": {"type": "time", "value": target.value},
                                                                   "way": "beside"})
        assert plan["can_be_carried_out"], plan["refusals"]
        older = restored.journals()
        writer.outages.clear()
        load.ends.clear()
        begun = time.monotonic()
        job_id = restored.ask(f"{restoring.STANZA}/restores", {"plan": plan["id"], "digest": plan["digest"],
                                                              "confirm": world.STANZA})["id"]
        job = restored.succeeded(job_id)
        took = time.monotonic() - begun
        older, mine = restored.journals(), restored.journals() - older
        writer.write_more(100)
        with libpq.Connection(cluster.run) as connection:
            assert "target" in ledger.matches(connection, restored.book, target, before).places
        downtime = outage(writer, load, cut_over(mine))
        usable = min(back for _, back in writer.outages) - begun
        restored.quiet()

        writer.outages.clear()
        load.ends.clear()
        begun = time.monotonic()
        restored.succeeded(restored.ask(f"/api/v1/jobs/{job_id}/undo", {"confirm": world.STANZA})["id"])
        undone = time.monotonic() - begun
        writer.write_more(100)
        with libpq.Connection(cluster.run) as connection:
            assert "back" in ledger.matches(connection, restored.book, target, before).places
        undo_downtime = outage(writer, load, cut_over(restored.journals() - older))
        restored.quiet()
        # One before and one behind: a machine is faster at times.
        alone.append(bare(stage, target))
    return {"downtime": downtime, "undo downtime": undo_downtime, "took": took, "usable": usable, "undo took": undone,
            "bare": sum(alone) / len(alone), "said": job["result"]["downtime_ms"] / 1000}


def bench(stage):
    cluster = stage.cluster
    restored = Restored(cluster)
    try:
        seen = [one_round(stage, restored) for _ in range(stage.how.backups)]
    finally:
        restored.end()
    what = f"restore of {cluster.size() / 1e9:.1f} GB to a moment, beside the server and under pgbench"

    def all_of(figure):
        return [run[figure] for run in seen]
    yield Row.plain(f"{what}: from the first refused client to the first accepted write", SECONDS, all_of("downtime"), "< 3 s")
    yield Row.plain(f"{what}: the same, as restpoint tells it", SECONDS, all_of("said"))
    yield Row.plain("its undo: from the first refused client to the first accepted write", SECONDS, all_of("undo downtime"),
                    "< 3 s")
    yield Row.compared(f"{what}: until it takes writes", SECONDS, all_of("usable"), "pgbackrest restore and replay",
                       all_of("bare"), "≤ 1.10")
    yield Row.plain(f"{what}: until the repo has its new timeline", SECONDS, all_of("took"))
    yield Row.plain("its undo: all of it", SECONDS, all_of("undo took"))
