"""A cluster under restpoint's control, with a writer and its ledger, and what the tests of restores do with it."""
import contextlib
import datetime
import pathlib
import shutil
import threading
import time

from support import harm, ledger, restores, world

STANZA = f"/api/v1/stanzas/{world.STANZA}"
SETTINGS = """
[auth]
mode = "none" # restores are the business of admins
[restore]
check_sql = "select not exists (select from filling where n = 666)"
"""

#: What the journal names, on the way forward and back.
STEPS = {
    "beside": ("prepare", "restore", "configure", "replay", "prove", "stop", "settle", "swap", "start", "release", "finish"),
    "in_place": ("prepare", "stop", "settle", "keep", "restore", "configure", "replay", "prove", "start", "release", "finish"),
}


def control_of(cluster):
    return f'control = "pg_ctl"\ndata_dir = "{cluster.data}"\nlog_file = "{cluster.folder}/log/postgresql.log"\n'


class Restoring:
    """`disks`: the data directory, the repo and the state directory each have a small disk of their own, by those names;
    `control(cluster)`: what the configuration says of who starts and stops the server."""

    def __init__(self, segment_mb=16, disks=False, settings="", cluster_settings="", config=None, cluster=restores.RestoreCluster,
                 sizes=None, control=control_of):
        self.folder = world.make_folder()
        self.disks = {}
        self.writer = None
        self.plains = 0
        self.cluster = self.service = None
        try:
            if disks:
                for name, place, size in (("data", "pg", "1200m"), ("repo", "repo", "500m"), ("state", "state-disk", "64m")):
                    self.disks[name] = harm.Disk(self.folder / place, (sizes or {}).get(name, size))
            self.cluster = cluster(self.folder, segment_mb, cluster_settings, config)
            self.cluster.backrest("--type=full", "backup")
            ended = time.time()  # which pgBackRest tells in whole seconds
            self.book = ledger.Ledger(self.folder / "ledger")
            self.service = world.Service(self.cluster, self.folder / "service", settings=SETTINGS + settings,
                                         postgres=control(self.cluster))
            if disks:
                self.service.state = self.folder / "state-disk/state"
                text = self.service.toml.read_text().replace(str(self.folder / "service/state"), str(self.service.state))
                self.service.toml.write_text(text)
            self.service.start()
            world.wait_until(lambda: time.time() > ended + 1, 5, "a second that is surely behind the backup")
        except BaseException:
            self.end()
            raise
        self.victims = harm.Victims(self.service, self.cluster)

    def end(self):
        if self.writer:
            self.stop_writing()
        if self.service:
            self.service.stop()
            self.service.end_jobs()
        if self.cluster:
            for _, data in harm.Victims(None, self.cluster).postmasters():
                self.cluster.command("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", check=False)
        for disk in self.disks.values():
            disk.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    # Writing

    def write(self, threads=2, pause=0.002):
        self.writer = ledger.Writer(self.book, self.cluster.run, threads=threads, pause=pause).start()
        return self.writer

    def stop_writing(self):
        writer, self.writer = self.writer, None
        if writer:
            writer.stop()

    def chain(self):
        with self.cluster.connect() as connection:
            return ledger.read_chain(connection)

    def moment(self, rows=20):
        """A time target with rows before it and rows behind it, and all of them in the repo."""
        self.writer.write_more(rows)
        target = ledger.at_time(self.cluster.now())
        self.writer.write_more(rows)
        self.cluster.seal()
        return target

    @staticmethod
    def pass_a_second():
        """Until a later second has begun for certain: repos tell times in whole seconds."""
        begun = time.time()
        world.wait_until(lambda: int(time.time()) > int(begun) + 1, 5, "a later second")

    def write_past_the_second(self):
        """WAL of a later second in the repo, so that a moment is behind it for who has nothing but the repo."""
        self.pass_a_second()
        self.writer.write_more(20)
        self.cluster.seal()

    def bad_moment(self):
        """A time target at which the SQL check finds a row that it does not want."""
        self.writer.write_more(10)
        self.cluster.sql("insert into filling values (666)")
        target = ledger.at_time(self.cluster.now())
        self.cluster.sql("delete from filling where n = 666")
        self.writer.write_more(10)
        self.cluster.seal()
        return target

    # Asking restpoint

    def ask(self, path, body, expect=(200, 202)):
        answer = self.service.ask(path, "POST", body)
        assert answer.status in expect, f"{path} {body}: {answer.status} {answer.text}"
        return answer.json()

    def plan(self, target, **more):
        to = {"type": target.kind} if target.value is None else {"type": target.kind, "value": target.value}
        return self.ask(f"{STANZA}/restore-plans", {"target": to, **more})

    def carry_out(self, plan, expect=(202,), **more):
        return self.ask(f"{STANZA}/restores", {"plan": plan["id"], "digest": plan["digest"], "confirm": world.STANZA, **more},
                        expect)

    def restore(self, target, **more):
        """Begins a restore, and returns its job's id."""
        plan = self.plan(target, **more)
        assert plan["can_be_carried_out"], plan["refusals"]
        return self.carry_out(plan)["id"]

    def undo(self, job_id):
        return self.ask(f"/api/v1/jobs/{job_id}/undo", {"confirm": world.STANZA})["id"]

    def forget(self, job_id):
        return self.ask(f"/api/v1/jobs/{job_id}/forget", {"confirm": world.STANZA})["id"]

    def done(self, job_id, seconds=180):
        """The job at its end, which must be a good one."""
        job = self.service.wait_for(job_id, seconds)
        assert job["state"] == "succeeded", f"{job}\n{self.log_of(job_id)}\n{self.archiving()}"
        return job

    def archiving(self):
        """How the server's archiving stands, for who has to find out why something waited for it."""
        told = self.cluster.command("psql", "-X", "-h", self.cluster.run, "-U", "postgres", "-d", "postgres", "-c",
                                    "select now(), * from pg_stat_archiver", "-x", check=False)
        waiting = sorted(p.name for p in (self.cluster.data / "pg_wal/archive_status").glob("*.ready"))
        log = (self.folder / "log/postgresql.log").read_text(errors="replace") if self.cluster else ""
        return f"{told}\nwaiting: {waiting}\n{log[-3000:]}"

    def log_of(self, job_id):
        answer = self.service.ask(f"/api/v1/jobs/{job_id}/log")
        return answer.text[-6000:]

    def queued_backup_ends(self):
        """What restpoint queued behind a restore is over: nobody is in the way of the next one."""
        world.wait_until(lambda: self.is_quiet(self.service.jobs()), 180, "the end of all jobs")
        jobs = self.service.jobs()  # newest first
        restored = [int(j["id"]) for j in jobs if j["kind"] in ("restore", "undo") and j["state"] == "succeeded"]
        good = [int(j["id"]) for j in jobs if j["kind"] == "backup" and j["state"] == "succeeded"]
        if restored and max(good, default=0) < max(restored):
            # It was hit, too. Until there is one of the live timeline, a restore by hand has none to begin with.
            self.done(self.ask(f"{STANZA}/backups", {"type": "incr"})["id"])

    def is_quiet(self, jobs):
        """The backup behind a restore is queued a moment after its end; never, if restpoint was killed right then."""
        if [j for j in jobs if j["state"] in ("queued", "running")]:
            return False
        restored = [j for j in jobs if j["kind"] in ("restore", "undo") and j["state"] == "succeeded"]
        if not restored:
            return True
        newest = max(restored, key=lambda j: int(j["id"]))
        age = time.time() - datetime.datetime.fromisoformat(newest["finished"].replace("Z", "+00:00")).timestamp()
        return age > 5 or any(j["requested_by"] == f"after job {newest['id']}" for j in jobs)

    # Judging

    def serves(self):
        """Whether the server takes connections and is out of recovery."""
        try:
            with self.cluster.connect() as connection:
                return connection.one("select pg_is_in_recovery()") == "f"
        except (ledger.libpq.Lost, ledger.libpq.Refused):
            return False

    def start_by_hand(self):
        """A server that was down before is left so."""
        if not self.serves():
            self.cluster.start()
            world.wait_until(self.serves, 60, "the server's writes")

    def verdict(self, target, before):
        with self.cluster.connect() as connection:
            return ledger.matches(connection, self.book, target, before)

    def check(self, target, before, place):
        """Server and repo are both at `place` ("target" or "back"), the archiver is well, and a backup can be made."""
        verdict = self.verdict(target, before)
        assert place in verdict.places, f"the server is not at the {place}: {verdict}"
        restores.archiver_is_well(self.cluster)
        self.check_repo(target, before, place)
        restores.incr_works(self.cluster)

    def check_repo(self, target, before, place):
        self.plains += 1
        verdict = restores.plainly_matches(self.cluster, self.book, target, before, self.folder / f"plain-{self.plains}")
        assert place in verdict.places, f"a plain restore is not at the {place}: {verdict}"

    # Looking at the journal

    @property
    def beside(self):
        return pathlib.Path(f"{self.cluster.data}.restpoint")

    def journals(self):
        return [f for folder in (self.beside, self.cluster.data / ".restpoint") for f in folder.glob("*/journal")]

    def journal(self, without=()):
        """The entries of the journal that was written last, in order: "begin restore", "note lsn 0/3000148"."""
        files = [f for f in self.journals() if f not in without]
        if not files:
            return []
        text = max(files, key=lambda f: f.stat().st_mtime_ns).read_bytes().partition(b"\0")[0].decode(errors="replace")
        return [line.partition(" ")[2] for line in text.split("\n")[1:-1]]

    def killed_at(self, wanted, victim="restore-exec", delay=lambda: 0.0):
        """Within it somebody is killed once for each of the `wanted(entries)` of journals that are begun within it."""
        return Killer(self, wanted, victim, delay)


class Killer:
    def __init__(self, restoring, wanted, victim, delay):
        self.restoring, self.wanted, self.victim, self.delay = restoring, wanted, victim, delay
        self.older = restoring.journals()
        self.kills = []  #: the entries behind which somebody was killed
        self.failed = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(60)
        assert not self.failed, self.failed

    def run(self):
        try:
            while not self.over.is_set():
                entry = next((e for e in self.wanted(self.seen()) if e not in self.kills), None)
                if entry is not None:
                    time.sleep(self.delay())
                    if self.restoring.victims.kill(self.victim):
                        self.kills.append(entry)
                time.sleep(0.0005)
        except BaseException as error:  # pylint: disable=broad-except
            self.failed = error

    def seen(self):
        # A file can go between looking for it and reading it: then the restore is over.
        with contextlib.suppress(OSError):
            return self.restoring.journal(self.older)
        return []
